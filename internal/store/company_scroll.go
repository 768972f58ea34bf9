package store

import (
	"fmt"

	"parley/internal/model"
	"parley/internal/store/record"
)

// LastID is the last company's id in the order that a scroll walks in; empty if
// there is none.
func (s Companies) LastID() (model.CompanyID, error) {
	var id model.CompanyID
	err := s.QueryRow(`SELECT COALESCE(max(id), '') FROM companies WHERE workspace_id = $1`, s.Workspace).Scan(&id)
	return id, err
}

// OpenScroll writes a scroll that begins, unless another is open, and reports
// whether it did.
func (s Companies) OpenScroll(scroll *model.CompanyScroll) (bool, error) {
	n, err := s.Exec(`INSERT INTO company_scrolls (workspace_id, param, after_id, up_to, expires_at)
		VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (workspace_id) DO UPDATE SET param = excluded.param, after_id = excluded.after_id,
			up_to = excluded.up_to, expires_at = excluded.expires_at WHERE company_scrolls.expires_at <= $6`,
		s.Workspace, scroll.Param, scroll.After, scroll.UpTo, scroll.ExpiresAt, s.Now())
	if err != nil {
		return false, fmt.Errorf("store: open scroll: %w", err)
	}
	return n > 0, nil
}

// FindScroll reads the open scroll of that param and holds it until the
// transaction ends, so that nobody else is given the same page.
func (s Companies) FindScroll(param string) (*model.CompanyScroll, error) {
	scroll := model.CompanyScroll{Param: param}
	err := s.QueryRow(`SELECT after_id, up_to, expires_at FROM company_scrolls
		WHERE workspace_id = $1 AND param = $2 AND expires_at > $3`+s.Dialect().ForUpdate(),
		s.Workspace, param, s.Now()).Scan(&scroll.After, &scroll.UpTo, &scroll.ExpiresAt)
	return &scroll, record.OrNotFound(err, model.ScrollNotFound())
}

// Scroll reads the next companies of a scroll, by id: at most that many.
func (s Companies) Scroll(scroll *model.CompanyScroll, most int) ([]*model.Company, error) {
	found, err := s.list(`SELECT `+companyColumns+` FROM companies
		WHERE workspace_id = $1 AND id > $2 AND id <= $3 ORDER BY id LIMIT $4`,
		s.Workspace, scroll.After, scroll.UpTo, most)
	if err != nil {
		return nil, fmt.Errorf("store: scroll over companies: %w", err)
	}
	return found, nil
}

// UpdateScroll writes a scroll back.
func (s Companies) UpdateScroll(scroll *model.CompanyScroll) error {
	err := s.Write(`UPDATE company_scrolls SET after_id = $3, expires_at = $4 WHERE workspace_id = $1 AND param = $2`,
		s.Workspace, scroll.Param, scroll.After, scroll.ExpiresAt)
	if err != nil {
		return fmt.Errorf("store: update scroll: %w", err)
	}
	return nil
}

// CloseScroll ends a scroll, so that another can begin.
func (s Companies) CloseScroll(param string) error {
	err := s.Write(`DELETE FROM company_scrolls WHERE workspace_id = $1 AND param = $2`, s.Workspace, param)
	if err != nil {
		return fmt.Errorf("store: close scroll: %w", err)
	}
	return nil
}
