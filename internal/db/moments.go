package db

import (
	"context"
	"time"

	"parley/internal/db/revision"
	turns "parley/internal/turn"
)

// Moments are those of all Revisions at one time.
type Moments = revision.Moments

const (
	// mostMoments is how many questions for moments are under way at once. With more, fewer are shared; with one, whoever comes second waits.
	mostMoments = 2
	// lateMoments is how long the next one waits for them, where the database is far away, or does not answer.
	lateMoments = 10 * time.Millisecond
)

// Moments are those of what there is now: of what a View that begins now would see. Whoever needs to know nothing else shares the question with others.
// None is known on SQLite, where Revision.Now tells, nor where there is no Revision.
func (db *DB) Moments(ctx context.Context) (Moments, error) {
	e, ok := db.engine.(*postgresEngine)
	if !ok || !e.revisions.Follows() {
		return Moments{}, nil
	}
	ctx, err := db.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer db.running.Done()
	now, err := e.moments.Ask(ctx, struct{}{}, func(*Moments) {})
	if err != nil {
		return nil, err
	}
	return *now, nil
}

// sharedMoments asks for the moments, of all keys there are.
type sharedMoments = turns.Shared[struct{}, Moments]

// shareMoments makes what asks for the moments, on one of the connections, and within the time, that a View would have.
func (e *postgresEngine) shareMoments() *sharedMoments {
	return turns.NewShared(mostMoments, lateMoments, func(ctx context.Context, _ struct{}, now *Moments) error {
		return e.view(ctx, func(tx *Tx) error {
			tx.Last()
			*now = tx.moments()
			return nil
		})
	})
}
