package worker

import (
	"context"

	"parley/internal/jobs"
	"parley/internal/model"
	"parley/internal/model/content"
)

// exportReceipts does jobs of model.ExportReceipts.
func exportReceipts(rule func(context.Context, model.WorkspaceID, content.DataExportID, int64) error) func(context.Context, *jobs.Job) error {
	return func(ctx context.Context, j *jobs.Job) error {
		var p model.ExportReceiptsPayload
		if err := j.Decode(&p); err != nil {
			return err
		}
		return rule(ctx, model.WorkspaceID(j.Workspace), content.DataExportID(p.Export), p.Part)
	}
}

// sweepDataExport does jobs of model.SweepDataExport.
func sweepDataExport(rule func(context.Context, model.WorkspaceID, content.DataExportID, int64) error) func(context.Context, *jobs.Job) error {
	return func(ctx context.Context, j *jobs.Job) error {
		var p model.SweepDataExportPayload
		if err := j.Decode(&p); err != nil {
			return err
		}
		return rule(ctx, model.WorkspaceID(j.Workspace), content.DataExportID(p.Export), p.File)
	}
}
