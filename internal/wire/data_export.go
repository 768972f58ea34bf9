package wire

import (
	"strconv"

	"parley/internal/model"
	"parley/internal/model/content"
)

// A DataExportRequest asks for what was sent in a range of time.
type DataExportRequest struct {
	CreatedAtAfter  Opt[Seconds] `json:"created_at_after" doc:"The first second whose messages are wanted."`
	CreatedAtBefore Opt[Seconds] `json:"created_at_before" doc:"The last second whose messages are wanted."`
}

// Range is from when to when, in Unix seconds, both included.
func (r DataExportRequest) Range() (after, before int64, err error) {
	switch {
	case !r.CreatedAtAfter.Has():
		return 0, 0, model.ParameterNotFound("created_at_after is required, in Unix seconds")
	case !r.CreatedAtBefore.Has():
		return 0, 0, model.ParameterNotFound("created_at_before is required, in Unix seconds")
	}
	return int64(r.CreatedAtAfter.Value), int64(r.CreatedAtBefore.Value), nil
}

// A DataExport says how far an export is, and where its file can be got.
type DataExport struct {
	JobIdentifier     string `json:"job_identifier"`
	Status            string `json:"status" enum:"pending,in_progress,completed,failed,no_data,canceled"`
	DownloadURL       string `json:"download_url" doc:"Empty unless the status is completed."`
	DownloadExpiresAt string `json:"download_expires_at" doc:"Unix seconds, as a text. Empty unless the status is completed."`
}

// FromDataExport translates an export. Links begin with base.
func FromDataExport(e *content.DataExport, base string) DataExport {
	out := DataExport{JobIdentifier: string(e.ID), Status: string(e.Status)}
	if e.Status == content.ExportCompleted {
		out.DownloadURL = base + "/download/content/data/" + string(e.ID)
		out.DownloadExpiresAt = strconv.FormatInt(e.ExpiresAt(), 10)
	}
	return out
}
