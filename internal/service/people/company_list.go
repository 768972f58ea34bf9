package people

import (
	"context"

	"parley/internal/model"
	"parley/internal/store"
)

// ListCompanies reads a page of the companies that somebody belongs to: of those
// with a tag, in a segment, or of all. The list of all has no more than
// model.ListedCompanies.
func (s *Service) ListCompanies(ctx context.Context, by *model.Actor, of model.CompanyListing, sort model.Sort, page model.PageRequest) (*model.Page[*model.Company], error) {
	var found *model.Page[*model.Company]
	err := s.store.View(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		if of.IsAll() {
			found, err = tx.Companies.List(sort, page, model.ListedCompanies)
		} else {
			found, err = listMatching(tx, by, of, sort, page)
		}
		if err != nil {
			return err
		}
		return loadCompanies(tx, by, found.Items...)
	})
	return found, err
}

func listMatching(tx *store.Tx, by *model.Actor, of model.CompanyListing, sort model.Sort, page model.PageRequest) (*model.Page[*model.Company], error) {
	filter := of.Filter()
	env, err := FilterEnv(tx, by, model.CompanyAttributes, filter, model.Sort{})
	if err != nil {
		return nil, err
	}
	if of.Tag.Set {
		if _, err := tx.Tags.Find(of.Tag.Value); err != nil {
			return nil, err
		}
	}
	if of.Segment.Set {
		if g := env.Segments[of.Segment.Value]; g == nil || !g.OfCompanies() {
			return nil, model.ResourceNotFound()
		}
	}
	return tx.Companies.ListMatching(env, filter, sort, page)
}
