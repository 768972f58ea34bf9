package wire

// An Outgoing is something that has left a workspace, or would leave it.
type Outgoing struct {
	Type         string   `json:"type" enum:"outgoing"`
	Kind         string   `json:"kind" enum:"email,sms,webhook"`
	ID           string   `json:"id" doc:"Of a webhook's, the delivery's."`
	At           int64    `json:"at" doc:"When it came to be."`
	To           string   `json:"to" doc:"An e-mail address, a phone number or a URL."`
	State        string   `json:"state" doc:"What has become of it."`
	ContactID    NullText `json:"contact_id" doc:"null for a webhook."`
	Subject      NullText `json:"subject" doc:"Of an e-mail."`
	Body         NullText `json:"body" doc:"The text of an e-mail or a text message."`
	HTML         NullText `json:"html" doc:"Of an e-mail."`
	WebhookID    NullText `json:"webhook_id"`
	Topic        NullText `json:"topic" doc:"Of a webhook."`
	Notification *Item    `json:"notification" doc:"What the webhook is sent."`
}

// An OutboxPage is a page of an outbox, oldest first.
type OutboxPage struct {
	Type string     `json:"type" enum:"list"`
	Data []Outgoing `json:"data"`
	Next string     `json:"next" doc:"What after is to be for what comes next, be it there or not."`
}

// NewOutboxPage makes a page; next is where it ends.
func NewOutboxPage(data []Outgoing, next string) OutboxPage { return OutboxPage{"list", data, next} }
