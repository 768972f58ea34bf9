package worker

import (
	"context"

	"parley/internal/jobs"
	"parley/internal/model"
)

// unsnooze does jobs of model.Unsnooze.
func unsnooze(rule func(context.Context, model.WorkspaceID, model.ConversationID) error) func(context.Context, *jobs.Job) error {
	return func(ctx context.Context, j *jobs.Job) error {
		var p model.UnsnoozePayload
		if err := j.Decode(&p); err != nil {
			return err
		}
		return rule(ctx, model.WorkspaceID(j.Workspace), p.Conversation)
	}
}
