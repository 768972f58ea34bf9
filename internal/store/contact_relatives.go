package store

import (
	"database/sql"
	"fmt"

	"parley/internal/model"
	"parley/internal/store/record"
)

// One statement reads the first relatives of each sort for a whole page of
// contacts: newest first, and how many there are.
const contactRelatives = `SELECT sort, contact_id, id, total FROM (
	SELECT sort, contact_id, id, count(*) OVER (PARTITION BY contact_id, sort) AS total,
		row_number() OVER (PARTITION BY contact_id, sort ORDER BY at DESC, id DESC) AS place
	FROM (
		SELECT 'tag' AS sort, contact_id, CAST(tag_id AS TEXT) AS id, applied_at AS at
			FROM contact_tags WHERE workspace_id = $1 AND contact_id %[1]s
		UNION ALL SELECT 'note', contact_id, CAST(id AS TEXT), created_at
			FROM notes WHERE workspace_id = $1 AND contact_id %[1]s
		UNION ALL SELECT 'company', contact_id, company_id, created_at
			FROM contact_companies WHERE workspace_id = $1 AND contact_id %[1]s
		UNION ALL SELECT consent_type, contact_id, CAST(subscription_type_id AS TEXT), created_at
			FROM contact_subscriptions WHERE workspace_id = $1 AND contact_id %[1]s
	) each_one
) ranked WHERE place <= $3 ORDER BY contact_id, sort, place`

// LoadRelatives reads the first relatives of contacts, all in one statement.
func (s Contacts) LoadRelatives(contacts ...*model.Contact) error {
	if len(contacts) == 0 {
		return nil
	}
	byID := make(map[string]*model.Relatives, len(contacts))
	ids := make([]string, len(contacts))
	for i, c := range contacts {
		ids[i] = string(c.ID)
		byID[ids[i]] = &c.Relatives
	}
	statement := fmt.Sprintf(contactRelatives, s.Dialect().In("$2"))
	err := s.Rows(statement, []any{s.Workspace, record.ToJSON(ids), model.MaxReferences}, func(r *sql.Rows) error {
		var sort, contact, id string
		var total int
		if err := r.Scan(&sort, &contact, &id, &total); err != nil {
			return err
		}
		relatives := byID[contact]
		refs := map[string]*model.References{
			"tag": &relatives.Tags, "note": &relatives.Notes, "company": &relatives.Companies,
			string(model.OptOut): &relatives.OptedOut, string(model.OptIn): &relatives.OptedIn,
		}[sort]
		refs.IDs, refs.Total = append(refs.IDs, id), total
		return nil
	})
	if err != nil {
		return fmt.Errorf("store: load what belongs to contacts: %w", err)
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
		if _, err := s.Exec(statement, s.Workspace, from, into); err != nil {
			return fmt.Errorf("store: move what belongs to a contact: %w", err)
		}
	}
	return nil
}
