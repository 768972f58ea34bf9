package store

import (
	"fmt"

	"parley/internal/model"
	"parley/internal/store/query"
	"parley/internal/store/record"
)

// Attach makes a contact one of a company's. It reports whether it was not
// before.
func (s Companies) Attach(id model.CompanyID, contact model.ContactID) (bool, error) {
	n, err := s.Exec(`INSERT INTO contact_companies (workspace_id, contact_id, company_id, created_at)
		VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`, s.Workspace, contact, id, s.Now())
	if err != nil {
		return false, fmt.Errorf("store: attach contact to company: %w", err)
	}
	return n > 0, nil
}

// Detach ends that a contact is one of a company's. It reports whether it was.
func (s Companies) Detach(id model.CompanyID, contact model.ContactID) (bool, error) {
	n, err := s.Exec(`DELETE FROM contact_companies WHERE workspace_id = $1 AND contact_id = $2 AND company_id = $3`,
		s.Workspace, contact, id)
	if err != nil {
		return false, fmt.Errorf("store: detach contact from company: %w", err)
	}
	return n > 0, nil
}

// CountOfContact counts the companies of a contact.
func (s Companies) CountOfContact(id model.ContactID) (int, error) {
	var n int
	err := s.QueryRow(`SELECT count(*) FROM contact_companies WHERE workspace_id = $1 AND contact_id = $2`,
		s.Workspace, id).Scan(&n)
	return n, err
}

// ListContacts reads a page of the contacts of a company that are not archived,
// by when they were attached to it, with their relatives.
func (s Companies) ListContacts(id model.CompanyID, sort model.Sort, page model.PageRequest) (*model.Page[*model.Contact], error) {
	where := &query.Builder{}
	ws := where.Arg(s.Workspace)
	from := `contacts JOIN (SELECT contact_id AS attached_id, created_at AS attached_at FROM contact_companies
		WHERE workspace_id = ` + ws + ` AND company_id = ` + where.Arg(id) + `) attached ON attached_id = id`
	where.Text("workspace_id = ", ws, " AND ", query.ListedContacts)
	result, err := record.ReadPage(s.Scope, record.Listing[*model.Contact]{
		Columns: contactColumns, From: from, Where: where, ID: "attached_id", Column: record.SortedBy("attached_at"),
		Scan: scanContact, Key: func(c *model.Contact) string { return string(c.ID) },
	}, sort, page)
	if err != nil {
		return nil, err
	}
	return result, Contacts(s).LoadRelatives(result.Items...)
}
