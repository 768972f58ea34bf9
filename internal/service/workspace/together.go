package workspace

import (
	"context"
	"time"

	"parley/internal/store"
)

// Together runs rules, those of other wings too, in one transaction: under the
// context that fn is given, all that they change is kept, or nothing is. No two
// run at once under one name, and none inside another begins anew. fn may run
// more than once, and runs its rules one after another.
func (s *Service) Together(ctx context.Context, name string, fn func(context.Context) error) error {
	return s.store.Together(ctx, name, fn)
}

// Backdate makes a context under which rules take place at another time.
func Backdate(ctx context.Context, to time.Time) context.Context { return store.Backdate(ctx, to) }
