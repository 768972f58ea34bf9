package parleytest

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// An OutboxFilter says what of an outbox is meant. What is empty is no condition.
type OutboxFilter struct {
	Kind string // email, sms or webhook
	To   string // an e-mail address, a phone number or a URL
}

// An Outgoing is something that has left the workspace, or would leave it: an e-mail, a text message, or what a webhook
// is told.
type Outgoing struct {
	Kind         string          `json:"kind"` // email, sms or webhook
	ID           string          `json:"id"`
	At           int64           `json:"at"` // when it came to be, in Unix seconds of the workspace's clock
	To           string          `json:"to"`
	State        string          `json:"state"`        // what has become of it
	ContactID    string          `json:"contact_id"`   // of an e-mail or a text message
	Subject      string          `json:"subject"`      // of an e-mail
	Body         string          `json:"body"`         // the text of either
	HTML         string          `json:"html"`         // of an e-mail
	WebhookID    string          `json:"webhook_id"`   // of a webhook, as are the two below
	Topic        string          `json:"topic"`        //
	Notification json.RawMessage `json:"notification"` // what is sent
}

// perPage is how much of an outbox the server shows at a time.
const perPage = 150

// Outbox is all of what leaves the workspace that the filter means, oldest first.
func (p *Parley) Outbox(f OutboxFilter) []Outgoing {
	p.t.Helper()
	var all []Outgoing
	for after := ""; ; {
		page, next := p.outbox(f, url.Values{"after": {after}, "per_page": {strconv.Itoa(perPage)}})
		if all = append(all, page...); len(page) < perPage {
			return all
		}
		after = next
	}
}

// WaitForOutbox waits until so much of what the filter means has left the workspace, 150 at most, and returns all of it. If
// it has not come after 20 seconds, the test ends with what there was.
func (p *Parley) WaitForOutbox(f OutboxFilter, count int) []Outgoing {
	p.t.Helper()
	q := url.Values{"per_page": {strconv.Itoa(perPage)}}
	wait(q, count, await)
	found, _ := p.outbox(f, q)
	if len(found) < count {
		text, _ := json.MarshalIndent(p.Outbox(OutboxFilter{}), "", "  ")
		p.t.Fatalf("parleytest: of %+v there are %d in the outbox, and not %d. There is\n%s", f, len(found), count, text)
	}
	return p.Outbox(f)
}

func (p *Parley) outbox(f OutboxFilter, q url.Values) (found []Outgoing, next string) {
	p.t.Helper()
	if f.Kind != "" {
		q.Set("kind", f.Kind)
	}
	if f.To != "" {
		q.Set("to", f.To)
	}
	var page struct {
		Data []Outgoing `json:"data"`
		Next string     `json:"next"`
	}
	p.do(http.MethodGet, p.path("outbox")+"?"+q.Encode(), nil, &page)
	return page.Data, page.Next
}

// wait has a call of the server wait until there are so many.
func wait(q url.Values, count int, d time.Duration) {
	q.Set("count", strconv.Itoa(count))
	q.Set("wait", strconv.FormatFloat(d.Seconds(), 'f', -1, 64))
}
