package store

import (
	"fmt"

	"parley/internal/db"
	"parley/internal/model"
	"parley/internal/store/record"
)

// A name is one way to name a row: by which column, and by what.
type name struct{ column, value string }

// FindContacts reads the ids of the users and leads that targets name, in the
// order of the targets. One that names nobody is the caller's mistake.
func (s Tags) FindContacts(targets []model.TagTarget) ([]model.ContactID, error) {
	names := make([]name, len(targets))
	for i, t := range targets {
		switch {
		case t.ID != "":
			names[i] = name{"id", t.ID}
		case t.ExternalID != "":
			names[i] = name{"external_id", t.ExternalID}
		default:
			names[i] = name{"email", model.Fold(t.Email)}
		}
	}
	in := s.Dialect().In
	return findNamed[model.ContactID](s.Scope, names, model.UserNotFound(), `
		SELECT 'id', id, id, 1 FROM contacts
			WHERE workspace_id = $1 AND role <> 'visitor' AND id `+in("$2")+`
		UNION ALL SELECT 'external_id', external_id, id, 1 FROM contacts
			WHERE workspace_id = $1 AND role <> 'visitor' AND external_id `+in("$3")+`
		UNION ALL SELECT 'email', email_fold, min(id), count(*) FROM contacts
			WHERE workspace_id = $1 AND role <> 'visitor' AND archived_at IS NULL AND email_fold `+in("$4")+`
			GROUP BY email_fold`, "id", "external_id", "email")
}

// FindCompanies reads the ids of the companies that targets name, in the order
// of the targets. One that names none is the caller's mistake.
func (s Tags) FindCompanies(targets []model.TagTarget) ([]model.CompanyID, error) {
	names := make([]name, len(targets))
	for i, t := range targets {
		if names[i] = (name{"id", t.ID}); t.ID == "" {
			names[i] = name{"company_id", t.CompanyID}
		}
	}
	in := s.Dialect().In
	return findNamed[model.CompanyID](s.Scope, names, model.CompanyNotFound(), `
		SELECT 'id', id, id, 1 FROM companies WHERE workspace_id = $1 AND id `+in("$2")+`
		UNION ALL SELECT 'company_id', company_id, id, 1 FROM companies
			WHERE workspace_id = $1 AND company_id `+in("$3"), "id", "company_id")
}

// findNamed reads the ids of rows by their names, all in one statement, which
// takes a list of values for each of the columns and gives column, value, id and
// how many rows that is.
func findNamed[ID ~string](s *record.Scope, names []name, notFound error, statement string, columns ...string) ([]ID, error) {
	if len(names) == 0 {
		return nil, nil
	}
	args := []any{s.Workspace}
	for _, column := range columns {
		var values []string
		for _, n := range names {
			if n.column == column {
				values = append(values, n.value)
			}
		}
		args = append(args, record.ToJSON(values))
	}
	type row struct {
		id    ID
		count int
	}
	found := map[name]row{}
	err := s.Rows(statement, args, func(r *db.Rows) error {
		var n name
		var one row
		err := r.Scan(&n.column, &n.value, &one.id, &one.count)
		found[n] = one
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("store: find what is to be tagged: %w", err)
	}
	ids := make([]ID, len(names))
	for i, n := range names {
		switch one := found[n]; {
		case one.count == 0:
			return nil, notFound
		case one.count > 1:
			return nil, model.AmbiguousEmail()
		default:
			ids[i] = one.id
		}
	}
	return ids, nil
}
