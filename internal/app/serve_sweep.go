package app

import (
	"context"
	"time"
)

// sweepEvery is how often events that nobody can be told any more are deleted.
const sweepEvery = 10 * time.Minute

// sweep deletes them until ctx ends. Several servers may do so at once.
func (s *Server) sweep(ctx context.Context, a *App) {
	ticker := time.NewTicker(sweepEvery)
	defer ticker.Stop()
	for {
		if err := a.Live.Sweep(ctx); err != nil && ctx.Err() == nil {
			s.Logger.Warn("old events cannot be swept", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}
