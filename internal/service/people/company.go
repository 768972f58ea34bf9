package people

import (
	"context"

	"parley/internal/model"
	"parley/internal/model/event"
	"parley/internal/store"
)

// SaveCompany updates the company that a patch is for, or makes it: the one with
// the patch's company_id or, where it has none, the one of that name that was
// made without a company_id.
func (s *Service) SaveCompany(ctx context.Context, by *model.Actor, p model.CompanyPatch) (*model.Company, error) {
	companyID, name := p.Identity()
	if companyID == "" && name == "" {
		return nil, model.CompanyNotNamed()
	}
	return s.changeCompany(ctx, by, func(tx *store.Tx) (*model.Company, error) {
		c, missing := tx.Companies.FindNamed(companyID, name) // along with which it is told whether the attributes are as they were read before
		if missing != nil && !isNotFound(missing) {
			return nil, missing
		}
		if err := CheckAttributes(tx, model.CompanyAttributes, p.Attributes); err != nil {
			return nil, err
		}
		if missing == nil {
			return c, updateCompany(tx, c, p)
		}
		id, err := tx.Companies.NewID()
		if err != nil {
			return nil, err
		}
		if c, err = model.NewCompany(id, p, tx.Now()); err != nil {
			return nil, err
		}
		tx.Notify(event.CompanyCreated, event.Company{Company: c})
		return c, writeCompany(tx, c, p, tx.Companies.Insert)
	})
}

// FindCompany reads a company.
func (s *Service) FindCompany(ctx context.Context, by *model.Actor, id model.CompanyID) (*model.Company, error) {
	return s.readCompany(ctx, by, func(tx *store.Tx) (*model.Company, error) { return tx.Companies.Find(id) })
}

// FindCompanyByCompanyID reads the company that the workspace knows by that id.
func (s *Service) FindCompanyByCompanyID(ctx context.Context, by *model.Actor, id string) (*model.Company, error) {
	return s.readCompany(ctx, by, func(tx *store.Tx) (*model.Company, error) { return tx.Companies.FindByCompanyID(id) })
}

// FindCompanyByName reads the company of that name, in any case: the oldest, as
// names are not unique.
func (s *Service) FindCompanyByName(ctx context.Context, by *model.Actor, name string) (*model.Company, error) {
	return s.readCompany(ctx, by, func(tx *store.Tx) (*model.Company, error) { return tx.Companies.FindByName(name) })
}

func (s *Service) readCompany(ctx context.Context, by *model.Actor, find func(*store.Tx) (*model.Company, error)) (*model.Company, error) {
	var c *model.Company
	err := s.store.View(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		if c, err = find(tx); err != nil {
			return err
		}
		return loadCompanies(tx, by, c)
	})
	return c, err
}

// UpdateCompany changes what the patch names, except the company_id, which stays
// what it is.
func (s *Service) UpdateCompany(ctx context.Context, by *model.Actor, id model.CompanyID, p model.CompanyPatch) (*model.Company, error) {
	return s.changeCompany(ctx, by, func(tx *store.Tx) (*model.Company, error) {
		c, err := tx.Companies.FindForUpdate(id)
		if err != nil {
			return nil, err
		}
		if err := CheckAttributes(tx, model.CompanyAttributes, p.Attributes); err != nil {
			return nil, err
		}
		return c, updateCompany(tx, c, p)
	})
}

func (s *Service) changeCompany(ctx context.Context, by *model.Actor, change func(*store.Tx) (*model.Company, error)) (*model.Company, error) {
	var c *model.Company
	err := s.store.Update(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		if c, err = change(tx); err != nil {
			return err
		}
		return loadCompanies(tx, by, c)
	})
	return c, err
}

// updateCompany applies a patch whose custom attributes were checked.
func updateCompany(tx *store.Tx, c *model.Company, p model.CompanyPatch) error {
	if err := c.Update(p, tx.Now()); err != nil {
		return err
	}
	tx.Notify(event.CompanyUpdated, event.Company{Company: c})
	return writeCompany(tx, c, p, tx.Companies.Update)
}

// writeCompany finds a company's plan, and writes it.
func writeCompany(tx *store.Tx, c *model.Company, p model.CompanyPatch, write func(*model.Company) error) error {
	if p.Plan.Set {
		name, err := model.PlanName(p.Plan.Value)
		if err != nil {
			return err
		}
		c.Plan = model.Plan{}
		if name != "" {
			if c.Plan, err = tx.Plans.Ensure(name); err != nil {
				return err
			}
		}
	}
	return write(c)
}

// DeleteCompany removes a company. Its contacts stay, and its company_id is free
// at once.
func (s *Service) DeleteCompany(ctx context.Context, by *model.Actor, id model.CompanyID) (*model.Company, error) {
	return s.changeCompany(ctx, by, func(tx *store.Tx) (*model.Company, error) {
		c, err := tx.Companies.FindForUpdate(id)
		if err != nil {
			return nil, err
		}
		if err := tx.Companies.Delete(id); err != nil {
			return nil, err
		}
		tx.Notify(event.CompanyDeleted, event.Gone{Was: event.Company{Company: c}.Object(), ExternalID: c.CompanyID})
		return c, tx.ActivityLogs.Append(model.CompanyDeleted(by, id))
	})
}

// loadCompanies reads what belongs to companies: how many contacts, which tags,
// which segments.
func loadCompanies(tx *store.Tx, by *model.Actor, companies ...*model.Company) error {
	if err := tx.Companies.LoadRelatives(companies...); err != nil {
		return err
	}
	segments, err := segmentsOf(tx, model.CompanyAttributes)
	if err != nil || len(segments) == 0 {
		return err
	}
	env, err := segmentEnv(tx, by, model.CompanyAttributes)
	if err != nil {
		return err
	}
	return tx.Companies.LoadSegments(env, segments, companies...)
}
