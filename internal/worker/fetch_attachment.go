package worker

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"parley/internal/jobs"
	"parley/internal/model"
	"parley/internal/outbound"
)

// A getter gets what is at a URL. A *model.Error of it says that asking again
// would not help.
type getter = func(ctx context.Context, url string) ([]byte, error)

// A fetcher keeps what a getter gets for an attachment.
type fetcher = func(ctx context.Context, workspace model.WorkspaceID, id model.AttachmentID, get getter) error

// fetchAttachment does jobs of model.FetchAttachment.
func fetchAttachment(rule fetcher, web *outbound.Client) func(context.Context, *jobs.Job) error {
	return func(ctx context.Context, j *jobs.Job) error {
		var p model.FetchAttachmentPayload
		if err := j.Decode(&p); err != nil {
			return err
		}
		return rule(ctx, model.WorkspaceID(j.Workspace), p.Attachment, func(ctx context.Context, url string) ([]byte, error) {
			return get(ctx, web, url)
		})
	}
}

func get(ctx context.Context, web *outbound.Client, url string) ([]byte, error) {
	answer, err := web.Get(ctx, url, model.MaxAttachmentSize)
	if errors.Is(err, outbound.ErrRefused) || errors.Is(err, outbound.ErrTooLarge) {
		return nil, model.ParameterInvalid("The attachment cannot be fetched: %v", err)
	} else if err != nil {
		return nil, err
	}
	switch answer.Status {
	case http.StatusOK:
		return answer.Body, nil
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
	default:
		if answer.Status < 500 {
			return nil, model.ParameterInvalid("The attachment cannot be fetched: status %d", answer.Status)
		}
	}
	return nil, fmt.Errorf("fetching an attachment: status %d", answer.Status)
}
