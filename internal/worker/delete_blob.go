package worker

import (
	"context"

	"parley/internal/jobs"
	"parley/internal/model"
	"parley/internal/model/sandbox"
)

// deleteBlob does jobs of model.DeleteBlob.
func deleteBlob(rule func(context.Context, string) error) func(context.Context, *jobs.Job) error {
	return func(ctx context.Context, j *jobs.Job) error {
		var p model.DeleteBlobPayload
		if err := j.Decode(&p); err != nil {
			return err
		}
		return rule(ctx, p.Key)
	}
}

// dropFiles does jobs of sandbox.DropFiles.
func dropFiles(rule func(context.Context, []string) error) func(context.Context, *jobs.Job) error {
	return func(ctx context.Context, j *jobs.Job) error {
		var p sandbox.DropFilesPayload
		if err := j.Decode(&p); err != nil {
			return err
		}
		return rule(ctx, p.Keys)
	}
}
