package record

import (
	"fmt"
	"slices"

	"parley/internal/db"
	"parley/internal/model"
)

// One statement reads the relatives of each sort for a whole page of contacts, as the indexes have them: to number and count them in
// SQL costs more than to look at each here. Between these stands which contacts they are of.
const (
	relativeTags = `SELECT 'tag' AS sort, contact_id, CAST(tag_id AS TEXT) AS id, applied_at AS at
		FROM contact_tags WHERE workspace_id = $1 AND contact_id `
	relativeNotes = `
	UNION ALL SELECT 'note', contact_id, CAST(id AS TEXT), created_at
		FROM notes WHERE workspace_id = $1 AND contact_id `
	relativeCompanies = `
	UNION ALL SELECT 'company', contact_id, company_id, created_at
		FROM contact_companies WHERE workspace_id = $1 AND contact_id `
	relativeSubscriptions = `
	UNION ALL SELECT consent_type, contact_id, CAST(subscription_type_id AS TEXT), created_at
		FROM contact_subscriptions WHERE workspace_id = $1 AND contact_id `

	ofOne          = `= $2`
	relativesOfOne = relativeTags + ofOne + relativeNotes + ofOne + relativeCompanies + ofOne + relativeSubscriptions + ofOne
)

// relativesOf are those of one sort.
type relativesOf struct {
	contact model.ContactID
	sort    string
}

// relatives are what is asked for the relatives of contacts, as Rows takes it.
func (s *Scope) relatives(ids []string) (statement string, args []any) {
	if len(ids) == 1 {
		return relativesOfOne, []any{s.Workspace, ids[0]}
	}
	some := s.Dialect().In("$2")
	return relativeTags + some + relativeNotes + some + relativeCompanies + some + relativeSubscriptions + some,
		[]any{s.Workspace, ToJSON(slices.Sorted(slices.Values(ids)))}
}

// ExpectRelatives says that relatives of contacts will be loaded after the next statement: see db.Tx.Ahead.
func ExpectRelatives(s *Scope, ids ...string) {
	statement, args := s.relatives(ids)
	s.Ahead(statement, args...)
}

// LoadRelatives reads the first relatives of contacts, the newest of each sort, and how many there are, all in one statement.
func LoadRelatives(s *Scope, contacts ...*model.Contact) error {
	if len(contacts) == 0 {
		return nil
	}
	of, ids := map[relativesOf]*Newest{}, make([]string, len(contacts))
	for i, c := range contacts {
		ids[i] = string(c.ID)
	}
	statement, args := s.relatives(ids)
	err := s.Rows(statement, args, func(r *db.Rows) error {
		var one relativesOf
		var id string
		var at int64
		if err := r.Scan(&one.sort, &one.contact, &id, &at); err != nil {
			return err
		}
		if of[one] == nil {
			of[one] = &Newest{}
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
