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
	kept   keptActor
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
	if err != nil {
		return err
	}
	likely := g != nil && g.likely()
	return d.View(ctx, func(t *db.Tx) error {
		t.Dated()
		if g != nil && !likely {
			t.Ahead(whoseToken, g.hash)
		}
		err := fn(t)
		if g == nil || g.same(t.Moment(g.of.revision)) || likely { // of whom Confirm asks, as somebody has written since
			return err
		}
		return g.check(t, err)
	})
}

// Moments are those of now, which confirm the guess of the context along the way. Nothing is asked, and none is known, where the guess has to be
// confirmed by what is read.
func Moments(ctx context.Context, d *db.DB) (db.Moments, error) {
	g, err := unknown(ctx)
	if err != nil || g != nil && !g.likely() {
		return nil, err
	}
	moments, err := d.Moments(ctx)
	if g != nil && err == nil {
		g.same(moments.Of(g.of.revision))
	}
	return moments, err
}

// Confirm confirms the guess of the context, if nothing that was read has. A wrong one is ErrGuess.
func Confirm(ctx context.Context, d *db.DB) error {
	g, err := unknown(ctx)
	if g == nil {
		return err
	}
	if g.likely() {
		moments, err := d.Moments(ctx)
		if err != nil || g.same(moments.Of(g.of.revision)) {
			return err
		}
	}
	return d.View(ctx, func(t *db.Tx) error {
		t.Dated()
		t.Last()
		return g.check(t, nil)
	})
}

// likely reports whether the guess is right unless somebody has written since a transaction was asked for its moment.
func (g *guess) likely() bool {
	return g.kept.moment != (db.Moment{}) && g.kept.moment == g.of.revision.Latest()
}

// same confirms the guess, at a moment, if nobody has written to what it is read of since it was right.
func (g *guess) same(moment db.Moment, known bool) bool {
	if !known || moment != g.kept.moment {
		return false
	}
	g.answer.Store(new(error))
	return true
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
	if failed != nil || !reflect.DeepEqual(actor, g.kept.actor) {
		g.of.forget(g.hash)
		g.answer.Store(&ErrGuess)
		return ErrGuess
	}
	if moment, known := t.Moment(g.of.revision); known {
		g.of.put(moment, g.hash, actor)
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
	kept := a.get(hash)
	if kept.actor == nil {
		return ctx, nil
	}
	return context.WithValue(ctx, guessing{}, &guess{hash: hash, kept: kept, of: a}), clone(kept.actor)
}

// forget forgets who was guessed wrong.
func (a *Actors) forget(hash string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.byHash, hash)
}
