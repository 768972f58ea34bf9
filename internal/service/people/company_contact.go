package people

import (
	"context"

	"parley/internal/model"
	"parley/internal/model/event"
	"parley/internal/store"
)

// AttachCompany makes a contact one of a company's. Doing it twice changes
// nothing.
func (s *Service) AttachCompany(ctx context.Context, by *model.Actor, contact model.ContactID, id model.CompanyID) (*model.Company, error) {
	if id == "" {
		return nil, model.CompanyNotSpecified()
	}
	return s.changeCompany(ctx, by, func(tx *store.Tx) (*model.Company, error) {
		// The contact is held so that its companies can be counted, and the
		// company so that it is there when the two are tied.
		if _, err := tx.Contacts.FindForUpdate(contact); err != nil {
			return nil, err
		}
		c, err := tx.Companies.FindForUpdate(id)
		if err != nil {
			return nil, err
		}
		isNew, err := tx.Companies.Attach(id, contact)
		if err != nil || !isNew {
			return c, err
		}
		tx.Notify(event.Changed, event.Contact{ID: contact})
		tx.Notify(event.Changed, event.Company{Company: c})
		n, err := tx.Companies.CountOfContact(contact)
		if err == nil && n > model.MaxContactCompanies {
			err = model.ContactCompanyLimitExceeded()
		}
		return c, err
	})
}

// DetachCompany ends that a contact is one of a company's; it must be.
func (s *Service) DetachCompany(ctx context.Context, by *model.Actor, contact model.ContactID, id model.CompanyID) (*model.Company, error) {
	return s.changeCompany(ctx, by, func(tx *store.Tx) (*model.Company, error) {
		if err := tx.Contacts.MustExist(contact); err != nil {
			return nil, err
		}
		was, err := tx.Companies.Detach(id, contact)
		if err != nil {
			return nil, err
		}
		if !was {
			return nil, model.CompanyNotFound()
		}
		tx.Notify(event.Changed, event.Contact{ID: contact})
		tx.Notify(event.Changed, event.Company{Company: &model.Company{ID: id}})
		return tx.Companies.Find(id)
	})
}

// CompaniesOfContact reads a page of a contact's companies.
func (s *Service) CompaniesOfContact(ctx context.Context, by *model.Actor, id model.ContactID, sort model.Sort, page model.PageRequest) (*model.Page[*model.Company], error) {
	var found *model.Page[*model.Company]
	err := s.store.View(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		if err = tx.Contacts.MustExist(id); err != nil {
			return err
		}
		if found, err = tx.Companies.ListOfContact(id, sort, page); err != nil {
			return err
		}
		return loadCompanies(tx, by, found.Items...)
	})
	return found, err
}

// ContactsOfCompany reads a page of a company's contacts that are not archived.
func (s *Service) ContactsOfCompany(ctx context.Context, by *model.Actor, id model.CompanyID, sort model.Sort, page model.PageRequest) (*model.Page[*model.Contact], error) {
	var found *model.Page[*model.Contact]
	err := s.store.View(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		if err = tx.Companies.MustExist(id); err != nil {
			return err
		}
		found, err = tx.Companies.ListContacts(id, sort, page)
		return err
	})
	return found, err
}
