package content

import (
	"fmt"

	"parley/internal/db"
	"parley/internal/model"
	"parley/internal/model/content"
	"parley/internal/store/record"
)

// HelpCenters are the help centers of a workspace.
type HelpCenters struct{ *record.Scope }

const helpCenterColumns = `id, identifier, display_name, website_turned_on, custom_domain, default_locale, locales, created_at, updated_at`

func scanHelpCenter(row record.Scanner) (*content.HelpCenter, error) {
	var h content.HelpCenter
	err := row.Scan(&h.ID, &h.Identifier, &h.DisplayName, &h.WebsiteTurnedOn, record.OrEmpty(&h.CustomDomain), &h.DefaultLocale,
		record.JSONColumn(&h.Locales), &h.CreatedAt, &h.UpdatedAt)
	return &h, err
}

// Lock keeps others from making help centers until the transaction ends.
func (s HelpCenters) Lock() error { return s.Scope.Lock("help centers " + string(s.Workspace)) }

// Insert writes a new help center and gives it its id. It reports false, and
// writes nothing, where another has its identifier, here or in another workspace.
func (s HelpCenters) Insert(h *content.HelpCenter) (free bool, err error) {
	id, err := s.NextID("help center")
	if err != nil {
		return false, err
	}
	h.ID = content.HelpCenterID(id)
	n, err := s.Exec(`INSERT INTO help_center_identifiers (identifier, workspace_id, help_center_id) VALUES ($1, $2, $3)
		ON CONFLICT (identifier) DO NOTHING`, h.Identifier, s.Workspace, h.ID)
	if err == nil && n == 0 {
		return false, nil
	}
	if err == nil {
		err = s.Write(`INSERT INTO help_centers (workspace_id, `+helpCenterColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
			s.Workspace, h.ID, h.Identifier, h.DisplayName, h.WebsiteTurnedOn, record.Text(h.CustomDomain), h.DefaultLocale,
			record.ToJSON(locales(h)), h.CreatedAt, h.UpdatedAt)
	}
	if err != nil {
		return false, fmt.Errorf("store: insert help center: %w", err)
	}
	return true, nil
}

// Update writes a help center back.
func (s HelpCenters) Update(h *content.HelpCenter) error {
	err := s.Write(`UPDATE help_centers SET display_name = $3, website_turned_on = $4, custom_domain = $5, default_locale = $6,
			locales = $7, updated_at = $8 WHERE workspace_id = $1 AND id = $2`,
		s.Workspace, h.ID, h.DisplayName, h.WebsiteTurnedOn, record.Text(h.CustomDomain), h.DefaultLocale,
		record.ToJSON(locales(h)), h.UpdatedAt)
	if err != nil {
		return fmt.Errorf("store: update help center: %w", err)
	}
	return nil
}

// locales are those beside the default one, as a list that is never null.
func locales(h *content.HelpCenter) []content.Locale {
	return append([]content.Locale{}, h.Locales...)
}

// Find reads a help center.
func (s HelpCenters) Find(id content.HelpCenterID) (*content.HelpCenter, error) {
	h, err := scanHelpCenter(s.QueryRow(`SELECT `+helpCenterColumns+` FROM help_centers WHERE workspace_id = $1 AND id = $2`,
		s.Workspace, id))
	return h, record.OrNotFound(err, model.ResourceNotFound())
}

// Default reads the default help center: the first there was.
func (s HelpCenters) Default() (*content.HelpCenter, error) {
	h, err := scanHelpCenter(s.QueryRow(`SELECT `+helpCenterColumns+` FROM help_centers WHERE workspace_id = $1
		ORDER BY id LIMIT 1`, s.Workspace))
	return h, record.OrNotFound(err, model.ResourceNotFound())
}

// List reads all help centers, the default one first.
func (s HelpCenters) List() ([]*content.HelpCenter, error) {
	var found []*content.HelpCenter
	err := s.Rows(`SELECT `+helpCenterColumns+` FROM help_centers WHERE workspace_id = $1 ORDER BY id`, []any{s.Workspace},
		func(r *db.Rows) error {
			h, err := scanHelpCenter(r)
			found = append(found, h)
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("store: list help centers: %w", err)
	}
	return found, nil
}

// load puts the help center in the place of each that only has its id.
func (s HelpCenters) load(all ...**content.HelpCenter) error {
	if len(all) == 0 {
		return nil
	}
	list, err := s.List()
	if err != nil {
		return err
	}
	byID := make(map[content.HelpCenterID]*content.HelpCenter, len(list))
	for _, h := range list {
		byID[h.ID] = h
	}
	for _, h := range all {
		*h = byID[(*h).ID]
	}
	return nil
}
