package identity

import (
	"context"
	"errors"
	"reflect"
	"sync/atomic"

	"parley/internal/db"
	"parley/internal/model"
)

// ErrGuess says that a token is not, or no longer, of whom it was when it was used last. What was read for him
// must not be told.
var ErrGuess = errors.New("the token is of somebody else, or of nobody")

// A guess is who acts with a token, as it was when the token was used last.
type guess struct {
	hash   string
	actor  *model.Actor
	of     *Actors
	answer atomic.Pointer[error] // nil until it is confirmed, or is wrong
}

type guessing struct{}

// unknown is the guess of a context that has yet to be confirmed, or nil. One that was wrong is an error.
func unknown(ctx context.Context) (*guess, error) {
	g, _ := ctx.Value(guessing{}).(*guess)
	if g == nil {
		return nil, nil
	}
	if answer := g.answer.Load(); answer != nil {
		return nil, *answer
	}
	return g, nil
}

// View runs fn in a transaction that only reads, which confirms the guess of the context along the way.
func View(ctx context.Context, d *db.DB, fn func(*db.Tx) error) error {
	g, err := unknown(ctx)
	switch {
	case err != nil:
		return err
	case g == nil:
		return d.View(ctx, fn)
	}
	return d.View(ctx, func(t *db.Tx) error {
		t.Ahead(whoseToken, g.hash)
		return g.check(t, fn(t))
	})
}

// Confirm confirms the guess of the context, if nothing that was read has. A wrong one is ErrGuess.
func Confirm(ctx context.Context, d *db.DB) error {
	g, err := unknown(ctx)
	if g == nil {
		return err
	}
	return d.View(ctx, func(t *db.Tx) error {
		t.Last()
		return g.check(t, nil)
	})
}

// check confirms the guess by a transaction, and returns how that ends where it has come to err.
func (g *guess) check(t *db.Tx, err error) error {
	actor, failed := FindActor(t, g.hash)
	if _, refused := model.AsError(failed); failed != nil && !refused {
		if err != nil {
			return err // which has failed before
		}
		return failed
	}
	if failed != nil || !reflect.DeepEqual(actor, g.actor) {
		g.of.forget(g.hash)
		g.answer.Store(&ErrGuess)
		return ErrGuess
	}
	g.answer.Store(new(error))
	return err
}

// Guess guesses whom a token is of, where other servers write to the database as well, so that only the database knows whether he still is:
// who it was of when it was used last. What is read under the context that it returns is read along with whose the token is, by one
// question, and nothing of it may be told before that has confirmed the guess. Without an actor, whom the caller may change, there is none.
func (a *Actors) Guess(ctx context.Context, d *db.DB, hash string) (context.Context, *model.Actor) {
	if !d.Dialect().Shared() {
		return ctx, nil
	}
	actor := a.get(untold, hash)
	if actor == nil {
		return ctx, nil
	}
	return context.WithValue(ctx, guessing{}, &guess{hash: hash, actor: actor, of: a}), clone(actor)
}

// forget forgets who was guessed wrong.
func (a *Actors) forget(hash string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.byHash, hash)
}
