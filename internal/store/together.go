package store

import (
	"context"
	"time"

	"parley/internal/db"
	"parley/internal/model/sandbox"
	"parley/internal/store/identity"
)

// together is the context key of the transaction that rules share.
type together struct{ store *Store }

// A joint is a transaction that several rules share.
type joint struct {
	tx     *db.Tx
	failed error // of the first rule that failed
}

// Together runs fn, and every View and Update under the context that it is given, in one transaction: what they wrote is
// on disk when Together returns nil, and nothing of it remains when any of them failed. No two run at once under one name.
// Inside another Together it joins that one. Ids that the rules took are given out again when it fails; until it ends,
// others wait for theirs.
//
// fn runs more than once where the database asks for it, and runs its rules one after another.
func (s *Store) Together(ctx context.Context, name string, fn func(context.Context) error) error {
	if j, ok := s.joined(ctx); ok {
		if err := j.tx.Lock(name); err != nil {
			return err
		}
		return fn(ctx)
	}
	if err := s.ConfirmActor(ctx); err != nil {
		return err
	}
	return s.db.Update(ctx, func(t *db.Tx) error {
		if err := t.Lock(name); err != nil {
			return err
		}
		j := &joint{tx: t}
		if err := fn(context.WithValue(t.Context(), together{s}, j)); err != nil {
			return err
		}
		return j.failed
	})
}

// instant is the context key of the time that transactions are told.
type instant struct{}

// Backdate makes a context under which transactions take place at another time than now: what a seed or an import writes
// has happened already.
func Backdate(ctx context.Context, to time.Time) context.Context {
	return context.WithValue(ctx, instant{}, to)
}

// isBackdated reports whether what happens under the context happened already. Nobody is told of it.
func isBackdated(ctx context.Context) bool {
	_, ok := ctx.Value(instant{}).(time.Time)
	return ok
}

// time is when a transaction under the context takes place.
func (s *Store) time(ctx context.Context) time.Time {
	if t, ok := ctx.Value(instant{}).(time.Time); ok {
		return t
	}
	return sandbox.Now(ctx, s.clock())
}

// joined is the transaction that the context belongs to, if there is one.
func (s *Store) joined(ctx context.Context) (*joint, bool) {
	j, ok := ctx.Value(together{s}).(*joint)
	return j, ok
}

// view runs fn in the transaction that the context belongs to, or in one of its own.
func (s *Store) view(ctx context.Context, fn func(*db.Tx) error) error {
	if j, ok := s.joined(ctx); ok {
		return fn(j.tx)
	}
	return identity.View(ctx, s.db, fn)
}

func (s *Store) update(ctx context.Context, fn func(*db.Tx) error) error {
	j, ok := s.joined(ctx)
	if !ok {
		s.seen.Follow(ctx, s.db)
		s.attributes.Follow(ctx, s.db, `SELECT * FROM data_attributes`)
		s.kept.whole.Follow(ctx, s.db)
		if err := s.ConfirmActor(ctx); err != nil {
			return err
		}
		return s.db.Update(ctx, fn)
	}
	err := fn(j.tx)
	if err != nil && j.failed == nil {
		j.failed = err // it may have written something already
	}
	return err
}
