package sandbox

import (
	"context"
	"time"
)

type key struct{}

// With makes a context of what is done in a workspace of that state. Whoever lets a
// request in, or begins a job, does so.
func With(ctx context.Context, s State) context.Context {
	return context.WithValue(ctx, key{}, &s)
}

// In is the state that a context was made with; zero if with none.
func In(ctx context.Context) State {
	if s, ok := ctx.Value(key{}).(*State); ok {
		return *s
	}
	return State{}
}

// Now is the time in the workspace of a context, told by the machine's.
func Now(ctx context.Context, machine time.Time) time.Time {
	if s, ok := ctx.Value(key{}).(*State); ok {
		return s.Clock.Now(machine)
	}
	return machine
}
