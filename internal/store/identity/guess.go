package identity

import (
	"context"
	"errors"
	"reflect"
	"sync"
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
	of     *Guesses
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

// Guesses keeps whom tokens were of when they were used last, where other servers write to the database as well, so that only the
// database knows whether they still are. What somebody asks for who is guessed is read along with whose the token is: the database
// is asked once for both, and nothing of it may be told before that has confirmed the guess. The zero value is ready.
type Guesses struct {
	mu     sync.Mutex
	byHash map[string]*model.Actor
}

// Guess guesses whom a token is of. What is read under the context that it returns belongs to the guess. Without an actor, whom the
// caller may change, there is none.
func (g *Guesses) Guess(ctx context.Context, d *db.DB, hash string) (context.Context, *model.Actor) {
	if !d.Dialect().Shared() {
		return ctx, nil
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	actor := g.byHash[hash]
	if actor == nil {
		return ctx, nil
	}
	return context.WithValue(ctx, guessing{}, &guess{hash: hash, actor: actor, of: g}), clone(actor)
}

// Learn keeps whom a token was found to be of.
func (g *Guesses) Learn(hash string, actor *model.Actor) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.byHash == nil || len(g.byHash) >= mostActors {
		g.byHash = map[string]*model.Actor{}
	}
	g.byHash[hash] = clone(actor)
}

func (g *Guesses) forget(hash string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.byHash, hash)
}
