package content

import (
	"crypto/rand"
	"strconv"
	"strings"

	"parley/internal/model"
)

// A DataExport writes down, as a CSV file, who was sent which message in a range of
// time, and what came of it. The API calls it a job.
type DataExport struct {
	ID         DataExportID
	After      int64 // Unix seconds: what was sent from then on,
	Before     int64 // and until then, both included
	Status     ExportStatus
	CreatedAt  int64
	FinishedAt int64 // 0 until it is over, in whatever way

	// How far it has come. The file is one gzip stream, written part by part.
	LastSentAt  int64           // of the last receipt
	LastMessage model.MessageID // and its message
	Receipts    int64           // so far
	Parts       int64           // so far
	Size        int64           // of the parts, in bytes
	Checksum    uint32          // of the text in them: CRC-32
	TextLength  int64           // in bytes

	Files    int64 // that attempts at parts were to write; those of parts are among them
	Attempts int64 // at the next part
}

// An ExportStatus says how far an export is.
type ExportStatus string

const (
	ExportPending    ExportStatus = "pending"
	ExportInProgress ExportStatus = "in_progress"
	ExportCompleted  ExportStatus = "completed"
	ExportFailed     ExportStatus = "failed"
	ExportNoData     ExportStatus = "no_data"  // nothing was sent in that time
	ExportCanceled   ExportStatus = "canceled" // by a client
)

const (
	// ExportLife is how long an export can be read and downloaded after it is over,
	// in seconds.
	ExportLife = 2 * 24 * 60 * 60
	// MaxExportAttempts is how often a part is tried before its export has failed.
	MaxExportAttempts = 8
)

// NewDataExport makes an export of what was sent from one time to another, in Unix
// seconds, both included.
func NewDataExport(after, before, now int64) (*DataExport, error) {
	if after > before {
		return nil, model.ParameterInvalid("created_at_after must not be later than created_at_before")
	}
	// The message that a position names is behind it, and no message has the id 0.
	return &DataExport{ID: DataExportID(strings.ToLower(rand.Text()[:16])), After: after, Before: before,
		Status: ExportPending, CreatedAt: now, LastSentAt: after}, nil
}

// IsOver reports whether nothing of the export is still to be written.
func (e *DataExport) IsOver() bool { return e.FinishedAt != 0 }

// Awaits reports whether the part of that number is the next to be written.
func (e *DataExport) Awaits(part int64) bool { return !e.IsOver() && e.Parts == part }

// Until is the last time whose messages belong to the export. What is sent after
// it was asked for does not, so that it comes to an end.
func (e *DataExport) Until() int64 { return min(e.Before, e.CreatedAt) }

// Attempt begins an attempt at the next part, which writes the file whose number is
// then that of Files. Once there were too many, the export has failed instead, and
// the answer is false.
func (e *DataExport) Attempt(now int64) bool {
	if e.Attempts == MaxExportAttempts {
		e.Finish(ExportFailed, now)
		return false
	}
	e.Status = ExportInProgress
	e.Attempts++
	e.Files++
	return true
}

// Advance puts a part behind those that there are.
func (e *DataExport) Advance(p *ExportPart) {
	e.LastSentAt, e.LastMessage = p.LastSentAt, p.LastMessage
	e.Receipts += p.Receipts
	e.Parts++
	e.Size += p.Size
	e.Checksum, e.TextLength = p.Checksum, p.TextLength
	e.Attempts = 0
}

// Finish ends the export.
func (e *DataExport) Finish(as ExportStatus, now int64) { e.Status, e.FinishedAt = as, now }

// ExpiresAt is when the export that is over is forgotten, its file too.
func (e *DataExport) ExpiresAt() int64 { return e.FinishedAt + ExportLife }

// HasExpired reports whether the export is to be found no more.
func (e *DataExport) HasExpired(now int64) bool { return e.IsOver() && now >= e.ExpiresAt() }

// CanBeDownloaded reports whether the export has a file.
func (e *DataExport) CanBeDownloaded(now int64) bool {
	return e.Status == ExportCompleted && !e.HasExpired(now)
}

// Key is the key of the blob of one of the export's files.
func (e *DataExport) Key(ws model.WorkspaceID, file int64) string {
	return string(ws) + "/exports/" + string(e.ID) + "." + strconv.FormatInt(file, 10)
}

// An ExportPart is one part of the file of an export: some receipts, and what of
// the gzip stream comes with them.
type ExportPart struct {
	File int64 // number of the file that it is in
	Size int64 // bytes

	// Of a new part: the receipts in it, the last of them, and the state of the
	// stream behind it.
	Receipts    int64
	LastSentAt  int64
	LastMessage model.MessageID
	Checksum    uint32
	TextLength  int64
}

// ExportNotFound is the answer to an unknown export, and to one that has expired.
func ExportNotFound(id DataExportID) *model.Error {
	return &model.Error{Kind: model.NotFound, Code: "not_found",
		Message: "Export job not found for identifier: " + string(id)}
}

// ExportHasNoFile is the answer to downloading an export that is not completed.
func ExportHasNoFile(e *DataExport) *model.Error {
	return &model.Error{Kind: model.NotFound, Code: "not_found",
		Message: "Export job " + string(e.ID) + " has nothing to download: its status is " + string(e.Status)}
}

// OneExportAtATime is the answer to a second export of a workspace while the first
// is not over.
func OneExportAtATime() *model.Error {
	return &model.Error{Kind: model.RateLimited, Code: "rate_limit_exceeded",
		Message: "Exceeded rate limit of 1 pending message data export jobs"}
}
