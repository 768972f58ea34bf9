package worker

import (
	"context"

	"parley/internal/jobs"
	"parley/internal/model"
	"parley/internal/model/sandbox"
)

// ownClock reads the clocks by which jobs of workspaces that have one are due; the jobs
// take place in the state that the workspace has when they begin.
func ownClock(o Options) func(context.Context, string) (*jobs.Clock, error) {
	if o.State == nil {
		return nil
	}
	return func(ctx context.Context, workspace string) (*jobs.Clock, error) {
		state, err := o.State(ctx, model.WorkspaceID(workspace))
		if err != nil {
			return nil, err
		}
		machine := o.Clock()
		return &jobs.Clock{Now: state.Clock.Now(machine),
			Reaches: func(at int64) int64 { return state.Clock.Reaches(at, machine) },
			Context: func(ctx context.Context) context.Context { return sandbox.With(ctx, state) }}, nil
	}
}
