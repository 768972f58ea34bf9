package store

import (
	"fmt"
	"strconv"

	"parley/internal/db"
	"parley/internal/model"
	"parley/internal/store/query"
	"parley/internal/store/record"
)

// LoadRelatives reads how many contacts companies have, and their tags: one
// statement each for all of them.
func (s Companies) LoadRelatives(companies ...*model.Company) error {
	if len(companies) == 0 {
		return nil
	}
	byID, args := s.among(companies)
	among := s.Dialect().In("$2")
	err := s.Rows(`SELECT company_id, count(*) FROM contact_companies
		WHERE workspace_id = $1 AND company_id `+among+` GROUP BY company_id`, args, func(r *db.Rows) error {
		var id model.CompanyID
		var n int64
		if err := r.Scan(&id, &n); err != nil {
			return err
		}
		byID[id].UserCount = n
		return nil
	})
	if err != nil {
		return fmt.Errorf("store: count contacts of companies: %w", err)
	}
	err = s.Rows(`SELECT a.company_id, t.id, t.name, t.created_at, t.created_by FROM company_tags a
		JOIN tags t ON t.workspace_id = a.workspace_id AND t.id = a.tag_id
		WHERE a.workspace_id = $1 AND a.company_id `+among+`
		ORDER BY a.applied_at DESC, a.tag_id DESC`, args, func(r *db.Rows) error {
		var id model.CompanyID
		t, err := scanTag(record.Behind(r, &id))
		if err != nil {
			return err
		}
		byID[id].Tags = append(byID[id].Tags, t)
		return nil
	})
	if err != nil {
		return fmt.Errorf("store: read tags of companies: %w", err)
	}
	return nil
}

// LoadSegments finds which of the segments, all of companies, each company is
// in, in one statement. One that lists do not show is in none.
func (s Companies) LoadSegments(env query.Env, segments []*model.Segment, companies ...*model.Company) error {
	if len(companies) == 0 {
		return nil
	}
	byID, args := s.among(companies)
	b := &query.Builder{}
	ws, among := b.Arg(args[0]), s.Dialect().In(b.Arg(args[1]))
	for i, g := range segments {
		if i > 0 {
			b.Text(" UNION ALL ")
		}
		b.Text("SELECT ", strconv.Itoa(i), ", id FROM companies WHERE workspace_id = ", ws, " AND id ", among,
			" AND ", query.PeopledCompanies, " AND ")
		if err := query.Segment(b, env, g); err != nil {
			return err
		}
	}
	b.Text(" ORDER BY 1")
	err := s.Rows(b.SQL(), b.Args(), func(r *db.Rows) error {
		var place int
		var id model.CompanyID
		if err := r.Scan(&place, &id); err != nil {
			return err
		}
		byID[id].Segments = append(byID[id].Segments, segments[place])
		return nil
	})
	if err != nil {
		return fmt.Errorf("store: read segments of companies: %w", err)
	}
	return nil
}

// among gives companies by id, and the arguments that limit a statement to them.
func (s Companies) among(companies []*model.Company) (map[model.CompanyID]*model.Company, []any) {
	byID := make(map[model.CompanyID]*model.Company, len(companies))
	ids := make([]string, len(companies))
	for i, c := range companies {
		byID[c.ID], ids[i] = c, string(c.ID)
	}
	return byID, []any{s.Workspace, record.ToJSON(ids)}
}
