package content

import (
	"strconv"

	"parley/internal/model"
)

// A Receipt says that a contact was sent a message, and what came of it. The
// contact is as it is now.
type Receipt struct {
	Message    model.MessageID
	Type       model.MessageType
	Subject    string // of an e-mail
	Body       string // the beginning of it: HTML that may break off anywhere; of other messages
	SentAt     int64  // Unix seconds
	Contact    model.ContactID
	ExternalID string
	Email      string
	Name       string
	Company    model.CompanyID // that the contact was attached to last; empty for none
	First      model.Engagements
}

// ReceiptColumns are the columns of an export, in their order and with the API's
// spelling.
func ReceiptColumns() []string {
	return []string{"user_id", "user_external_id", "company_id", "email", "name", "ruleset_id", "content_id", "content_type",
		"content_title", "ruleset_version_id", "receipt_id", "received_at", "series_id", "series_title", "node_id",
		"first_reply", "first_completion", "first_series_completion", "first_series_disengagement", "first_series_exit",
		"first_goal_success", "first_open", "first_click", "first_dismisall", "first_unsubscribe", "first_hard_bounce"}
}

// none is what the API has for a company or a series where there is none.
const none = "-1"

// AppendRecord appends the receipt's values under ReceiptColumns. What came of the
// message after a time does not count. What only series, tours and surveys have is
// empty.
func (r *Receipt) AppendRecord(to []string, title string, until int64) []string {
	message, company, kind := r.Message.String(), string(r.Company), "Chat"
	if company == "" {
		company = none
	}
	if r.Type == model.Email {
		kind = "Email"
	}
	first := func(at int64) string {
		if at == 0 || at > until {
			return ""
		}
		return strconv.FormatInt(at, 10)
	}
	// A message is its own content and has one receipt.
	return append(to, string(r.Contact), r.ExternalID, company, r.Email, r.Name, message, message, kind,
		title, "", message, strconv.FormatInt(r.SentAt, 10), none, "", "",
		first(r.First.Reply), "", "", "", "",
		"", first(r.First.Open), first(r.First.Click), first(r.First.Dismissal), first(r.First.Unsubscribe), first(r.First.HardBounce))
}
