package model

// A JobKind says what a job is to do.
type JobKind string

// The kinds of jobs.
const (
	// Unsnooze opens a conversation that was snoozed until a time, at that time.
	Unsnooze JobKind = "unsnooze"
	// DeleteBlob removes a file that no row names any more.
	DeleteBlob JobKind = "delete_blob"
	// FetchAttachment downloads a file that was attached by its URL.
	FetchAttachment JobKind = "fetch_attachment"
	// SendSMS hands a text message to the gateway.
	SendSMS JobKind = "send_sms"
	// ExportReceipts writes the next part of a data export.
	ExportReceipts JobKind = "export_receipts"
	// SweepDataExport drops the files of a data export that nobody may download any
	// more, and the export itself when it has expired.
	SweepDataExport JobKind = "sweep_data_export"
	// DeliverWebhooks sends what is due of a webhook; its key is the webhook's id.
	DeliverWebhooks JobKind = "deliver_webhooks"
)

// A Job is work that a transaction asks to be done after it, once.
type Job struct {
	Kind    JobKind
	Key     string // a job of the same kind and key is replaced; empty for a job beside any others
	At      int64  // Unix seconds; 0 is at once
	Payload any    // of the kind's type, which becomes JSON
}

// UnsnoozePayload is what Unsnooze needs to know.
type UnsnoozePayload struct {
	Conversation ConversationID `json:"conversation"`
}

// DeleteBlobPayload is what DeleteBlob needs to know.
type DeleteBlobPayload struct {
	Key string `json:"key"`
}

// FetchAttachmentPayload is what FetchAttachment needs to know.
type FetchAttachmentPayload struct {
	Attachment AttachmentID `json:"attachment"`
}

// SendSMSPayload is what SendSMS needs to know.
type SendSMSPayload struct {
	SMS string `json:"sms"`
}

// ExportReceiptsPayload is what ExportReceipts needs to know.
type ExportReceiptsPayload struct {
	Export string `json:"export"`
	Part   int64  `json:"part"` // number of the part, from 0
}

// SweepDataExportPayload is what SweepDataExport needs to know.
type SweepDataExportPayload struct {
	Export string `json:"export"`
	File   int64  `json:"file"` // number of the last file that is gone already
}

// DeliverWebhooksPayload is what DeliverWebhooks needs to know.
type DeliverWebhooksPayload struct {
	Webhook int64 `json:"webhook"`
}
