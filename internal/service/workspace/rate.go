package workspace

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"time"

	"parley/internal/model"
	"parley/internal/rate"
	"parley/internal/store"
)

// maxRateLimit is the highest limit that a workspace can be given.
const maxRateLimit = 1_000_000_000

// SetRateLimits changes how many requests may be made in ten seconds. 0 is what is
// usual on the server. The next request is counted against the new limits.
func (s *Service) SetRateLimits(ctx context.Context, id model.WorkspaceID, change func(*model.RateLimits)) (*model.Workspace, error) {
	var w *model.Workspace
	err := s.store.Update(ctx, id, func(tx *store.Tx) (err error) {
		if w, err = tx.Workspaces.FindForUpdate(); err != nil {
			return err
		}
		change(&w.RateLimits)
		for _, n := range []int64{w.RateLimits.App, w.RateLimits.Workspace} {
			if n < 0 || n > maxRateLimit {
				return model.ParameterInvalid("A rate limit is a whole number from 1 to %d, not %d", maxRateLimit, n)
			}
		}
		return tx.Workspaces.SetRateLimits(w.RateLimits)
	})
	return w, err
}

// RateOptions are what Rates need.
type RateOptions struct {
	Usual  model.RateLimits // of a workspace that has none of its own; no App: as for the workspace
	Clock  func() time.Time
	Logger *slog.Logger
	// Patience is how long a request waits for the counter that servers share; 0 means
	// a second.
	Patience time.Duration
}

// Rates count requests by app and by workspace.
type Rates struct {
	*rate.Limiter[store.RateKey]
	usual model.RateLimits
}

// NewRates makes the counts of a server. Those on one database count together.
func NewRates(s *store.Store, o RateOptions) *Rates {
	o.Usual.App = cmp.Or(o.Usual.App, o.Usual.Workspace)
	return &Rates{rate.New(rate.Options[store.RateKey]{Clock: o.Clock, Logger: o.Logger, Ask: s.RateCounter(), Patience: o.Patience}), o.Usual}
}

// Spent reports whether requests of somebody are known to be too many at the moment, without counting one.
func (r *Rates) Spent(by *model.Actor) bool {
	return r.Limiter.Spent(store.RateKey{Workspace: by.Workspace.ID, App: by.App}, store.RateKey{Workspace: by.Workspace.ID})
}

// CountRequest counts a request against the limits of its app and of its workspace,
// or against neither where one is spent; then its error says which. It returns how
// the one stands that is nearer its end.
func (r *Rates) CountRequest(ctx context.Context, by *model.Actor) (rate.Standing, error) {
	w := by.Workspace
	type claim = rate.Claim[store.RateKey]
	claims := []claim{
		{Key: store.RateKey{Workspace: w.ID, App: by.App}, Limit: cmp.Or(w.RateLimits.App, r.usual.App)},
		{Key: store.RateKey{Workspace: w.ID}, Limit: cmp.Or(w.RateLimits.Workspace, r.usual.Workspace)},
	}
	if by.App == "" {
		claims = claims[1:]
	}
	s := r.Count(ctx, claims...)
	if s.Spent {
		return s, &model.Error{Kind: model.RateLimited, Code: "rate_limit_exceeded",
			Message: fmt.Sprintf("Exceeded rate limit of %d in %d_seconds", s.Limit, rate.Window)}
	}
	return s, nil
}
