package worker

import (
	"context"

	"parley/internal/jobs"
	"parley/internal/model"
	"parley/internal/sms"
)

// A sender hands a text message to a gateway.
type sender = func(ctx context.Context, workspace model.WorkspaceID, id string, gateway *sms.Gateway) error

// sendSMS does jobs of model.SendSMS.
func sendSMS(rule sender, gateway *sms.Gateway) func(context.Context, *jobs.Job) error {
	return func(ctx context.Context, j *jobs.Job) error {
		var p model.SendSMSPayload
		if err := j.Decode(&p); err != nil {
			return err
		}
		return rule(ctx, model.WorkspaceID(j.Workspace), p.SMS, gateway)
	}
}
