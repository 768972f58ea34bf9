package store

import (
	"fmt"

	"parley/internal/db"
	"parley/internal/model"
	"parley/internal/store/query"
	"parley/internal/store/record"
)

// expectRelatives says that relatives will be loaded after the next statement.
func (s Contacts) expectRelatives(ids ...string) {
	statement, args := query.Relatives(s.Dialect(), s.Workspace, ids)
	s.Ahead(statement, args...)
}

// LoadRelatives reads the first relatives of contacts, the newest of each sort, and how many there are, all in one statement.
func (s Contacts) LoadRelatives(contacts ...*model.Contact) error {
	if len(contacts) == 0 {
		return nil
	}
	type relativesOf struct {
		contact model.ContactID
		sort    string
	}
	of, ids := map[relativesOf]*record.Newest{}, make([]string, len(contacts))
	for i, c := range contacts {
		ids[i] = string(c.ID)
	}
	statement, args := query.Relatives(s.Dialect(), s.Workspace, ids)
	err := s.Rows(statement, args, func(r *db.Rows) error {
		var one relativesOf
		var id string
		var at int64
		if err := r.Scan(&one.sort, &one.contact, &id, &at); err != nil {
			return err
		}
		if of[one] == nil {
			of[one] = &record.Newest{}
		}
		of[one].Add(id, at)
		return nil
	})
	if err != nil {
		return fmt.Errorf("store: load what belongs to contacts: %w", err)
	}
	for _, c := range contacts {
		first := func(sort string) model.References { return of[relativesOf{c.ID, sort}].References() }
		c.Relatives = model.Relatives{Tags: first("tag"), Notes: first("note"), Companies: first("company"),
			OptedOut: first(string(model.OptOut)), OptedIn: first(string(model.OptIn))}
	}
	return nil
}

// MoveRelatives gives all that belongs to one contact to another, as a merge
// does. What both have stays as the receiver has it.
func (s Contacts) MoveRelatives(from, into model.ContactID) error {
	for _, statement := range []string{
		`UPDATE notes SET contact_id = $3 WHERE workspace_id = $1 AND contact_id = $2`,
		`INSERT INTO contact_tags (workspace_id, contact_id, tag_id, applied_at, applied_by)
			SELECT workspace_id, $3, tag_id, applied_at, applied_by
			FROM contact_tags WHERE workspace_id = $1 AND contact_id = $2 ON CONFLICT DO NOTHING`,
		`INSERT INTO contact_companies (workspace_id, contact_id, company_id, created_at)
			SELECT workspace_id, $3, company_id, created_at
			FROM contact_companies WHERE workspace_id = $1 AND contact_id = $2 ON CONFLICT DO NOTHING`,
		`INSERT INTO contact_subscriptions (workspace_id, contact_id, subscription_type_id, consent_type, created_at)
			SELECT workspace_id, $3, subscription_type_id, consent_type, created_at
			FROM contact_subscriptions WHERE workspace_id = $1 AND contact_id = $2 ON CONFLICT DO NOTHING`,
		`INSERT INTO article_reactions (workspace_id, article_id, contact_id, reaction, created_at)
			SELECT workspace_id, article_id, $3, reaction, created_at
			FROM article_reactions WHERE workspace_id = $1 AND contact_id = $2 ON CONFLICT DO NOTHING`,
	} {
		if err := s.Write(statement, s.Workspace, from, into); err != nil {
			return fmt.Errorf("store: move what belongs to a contact: %w", err)
		}
	}
	return nil
}
