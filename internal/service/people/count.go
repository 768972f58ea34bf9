package people

import (
	"context"

	"parley/internal/model"
	"parley/internal/store"
)

// maxCountedCompanies is how many companies are counted one by one.
const maxCountedCompanies = 10_000

// CountAll counts the nouns of the workspace.
func (s *Service) CountAll(ctx context.Context, by *model.Actor) (*model.Totals, error) {
	var totals *model.Totals
	err := s.store.View(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		totals, err = tx.Counts.Totals()
		return err
	})
	return totals, err
}

// CountContactsByTag counts the users and leads with each tag.
func (s *Service) CountContactsByTag(ctx context.Context, by *model.Actor) ([]model.NamedCount, error) {
	return s.count(ctx, by, func(tx *store.Tx) ([]model.NamedCount, error) { return tx.Counts.ContactsByTag() })
}

// CountCompaniesByTag counts the companies with each tag.
func (s *Service) CountCompaniesByTag(ctx context.Context, by *model.Actor) ([]model.NamedCount, error) {
	return s.count(ctx, by, func(tx *store.Tx) ([]model.NamedCount, error) { return tx.Counts.CompaniesByTag() })
}

// CountContactsByCompany counts the users and leads of the largest companies.
func (s *Service) CountContactsByCompany(ctx context.Context, by *model.Actor) ([]model.NamedCount, error) {
	return s.count(ctx, by, func(tx *store.Tx) ([]model.NamedCount, error) {
		return tx.Counts.ContactsByCompany(maxCountedCompanies)
	})
}

func (s *Service) count(ctx context.Context, by *model.Actor, ask func(*store.Tx) ([]model.NamedCount, error)) ([]model.NamedCount, error) {
	var counts []model.NamedCount
	err := s.store.View(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		counts, err = ask(tx)
		return err
	})
	return counts, err
}
