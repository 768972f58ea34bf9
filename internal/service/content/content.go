// Package content holds the rules of articles and help centers, of news, and of
// exports of what was sent.
// It must not know HTTP, JSON or SQL: each rule opens one transaction of the
// store and decides in it.
package content

import (
	"cmp"

	"parley/internal/blob"
	"parley/internal/model"
	"parley/internal/store"
)

// A Service is the rules, over a store and a place for files.
type Service struct {
	store      *store.Store
	files      blob.Store
	exportStep int
}

// Options are what the rules leave open.
type Options struct {
	ExportStep int // receipts in a part of an export's file; 0 means 5,000
}

// New makes the rules over a store and a place for files.
func New(s *store.Store, files blob.Store, o Options) *Service {
	return &Service{store: s, files: files, exportStep: cmp.Or(o.ExportStep, defaultExportStep)}
}

// isNotFound reports an error that says that something does not exist.
func isNotFound(err error) bool {
	e, ok := model.AsError(err)
	return ok && e.Kind == model.NotFound
}
