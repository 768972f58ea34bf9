// Package people holds the rules of contacts, visitors, companies and what
// belongs to them: tags, notes, segments, subscriptions, attributes, events.
// It must not know HTTP, JSON or SQL: each rule opens one transaction of the
// store and decides in it.
package people

import (
	"parley/internal/model"
	"parley/internal/store"
)

// A Service is the rules, over a store.
type Service struct {
	store *store.Store
}

// New makes the rules over a store.
func New(s *store.Store) *Service { return &Service{s} }

// isNotFound reports an error that says that something does not exist.
func isNotFound(err error) bool {
	e, ok := model.AsError(err)
	return ok && e.Kind == model.NotFound
}
