package store

import (
	"fmt"

	"parley/internal/db"
	"parley/internal/model"
	"parley/internal/store/query"
)

// Counts are numbers of a workspace's nouns.
type Counts struct{ *scope }

// Totals counts each noun. Archived contacts do not count.
func (s Counts) Totals() (*model.Totals, error) {
	var t model.Totals
	err := s.QueryRow(`SELECT
		(SELECT count(*) FROM companies WHERE workspace_id = $1),
		(SELECT CAST(COALESCE(sum(contacts), 0) AS BIGINT) FROM `+query.KeptTotals+` WHERE workspace_id = $1 AND field = 'role' AND role = $2),
		(SELECT CAST(COALESCE(sum(contacts), 0) AS BIGINT) FROM `+query.KeptTotals+` WHERE workspace_id = $1 AND field = 'role' AND role = $3),
		(SELECT count(*) FROM tags WHERE workspace_id = $1),
		(SELECT count(*) FROM segments WHERE workspace_id = $1)`, s.Workspace, model.RoleUser, model.RoleLead).
		Scan(&t.Companies, &t.Users, &t.Leads, &t.Tags, &t.Segments)
	if err != nil {
		return nil, fmt.Errorf("store: count: %w", err)
	}
	return &t, nil
}

// ContactsByTag counts the users and leads with each tag.
func (s Counts) ContactsByTag() ([]model.NamedCount, error) {
	return s.named(`SELECT t.name, count(c.id), '' FROM tags t
		LEFT JOIN contact_tags a ON a.workspace_id = t.workspace_id AND a.tag_id = t.id
		LEFT JOIN contacts c ON c.workspace_id = a.workspace_id AND c.id = a.contact_id
			AND c.role <> 'visitor' AND c.archived_at IS NULL
		WHERE t.workspace_id = $1 GROUP BY t.id, t.name ORDER BY t.id`)
}

// CompaniesByTag counts the companies with each tag.
func (s Counts) CompaniesByTag() ([]model.NamedCount, error) {
	return s.named(`SELECT t.name, count(a.company_id), '' FROM tags t
		LEFT JOIN company_tags a ON a.workspace_id = t.workspace_id AND a.tag_id = t.id
		WHERE t.workspace_id = $1 GROUP BY t.id, t.name ORDER BY t.id`)
}

// ContactsByCompany counts the users and leads of the largest companies, as many
// as limit. One without a name goes by the workspace's own id for it, or ours.
func (s Counts) ContactsByCompany(limit int) ([]model.NamedCount, error) {
	return s.named(`SELECT COALESCE(o.name, o.company_id, o.id), count(c.id) AS people, COALESCE(o.company_id, '')
		FROM companies o
		LEFT JOIN contact_companies m ON m.workspace_id = o.workspace_id AND m.company_id = o.id
		LEFT JOIN contacts c ON c.workspace_id = m.workspace_id AND c.id = m.contact_id
			AND c.role <> 'visitor' AND c.archived_at IS NULL
		WHERE o.workspace_id = $1 GROUP BY o.id, o.name, o.company_id ORDER BY people DESC, o.id LIMIT $2`, limit)
}

func (s Counts) named(statement string, args ...any) ([]model.NamedCount, error) {
	var counts []model.NamedCount
	err := s.Rows(statement, append([]any{s.Workspace}, args...), func(r *db.Rows) error {
		var c model.NamedCount
		err := r.Scan(&c.Name, &c.Count, &c.CompanyID)
		counts = append(counts, c)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("store: count: %w", err)
	}
	return counts, nil
}
