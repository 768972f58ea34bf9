package people

import (
	"context"

	"parley/internal/model"
	"parley/internal/store"
)

// ScrollCompanies reads the next companies of a scroll over all there are, and
// the param that the ones after them are asked for with. An empty param begins a
// scroll. When there are no more, the scroll ends and the param is empty.
func (s *Service) ScrollCompanies(ctx context.Context, by *model.Actor, param string) ([]*model.Company, string, error) {
	var found []*model.Company
	var next string
	err := s.store.Update(ctx, by.Workspace.ID, func(tx *store.Tx) error {
		scroll, err := openScroll(tx, param)
		if err != nil {
			return err
		}
		if found, err = tx.Companies.Scroll(scroll, model.ScrollPage); err != nil {
			return err
		}
		if len(found) == 0 {
			next = ""
			return tx.Companies.CloseScroll(scroll.Param)
		}
		next = scroll.Param
		scroll.Advance(found[len(found)-1].ID, tx.Now())
		if err := tx.Companies.UpdateScroll(scroll); err != nil {
			return err
		}
		return loadCompanies(tx, by, found...)
	})
	return found, next, err
}

// openScroll begins a scroll, or goes on with the one of that param. Either way
// the transaction holds it.
func openScroll(tx *store.Tx, param string) (*model.CompanyScroll, error) {
	if param != "" {
		return tx.Companies.FindScroll(param)
	}
	last, err := tx.Companies.LastID()
	if err != nil {
		return nil, err
	}
	scroll := model.NewCompanyScroll(last, tx.Now())
	if err := tx.Retake("scroll", &scroll.Param); err != nil {
		return nil, err
	}
	opened, err := tx.Companies.OpenScroll(scroll)
	if err == nil && !opened {
		err = model.ScrollExists()
	}
	return scroll, err
}
