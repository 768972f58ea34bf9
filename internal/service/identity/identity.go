// Package identity holds the rules of who may come in: apps, what admins give to
// them, and how admins sign in.
// It must not know HTTP, JSON or SQL, nor anything of contacts.
package identity

import (
	"parley/internal/service/workspace"
	"parley/internal/store"
)

// A Service is the rules, over a store.
type Service struct {
	store     *store.Store
	workspace *workspace.Service
	hasher    *hasher
}

// New makes the rules over a store and the rules of workspaces.
func New(s *store.Store, w *workspace.Service) *Service { return &Service{s, w, newHasher()} }
