// Package sms hands text messages to a gateway that speaks Twilio's REST API, and
// asks it for those it has taken.
// It must not know what a message is for, nor try anything twice by itself.
package sms

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"parley/internal/outbound"
)

// The bounds of what a gateway is asked.
const (
	requestTimeout = 20 * time.Second
	maxAnswer      = 1 << 20 // bytes
	maxReason      = 255     // characters of what the gateway says of a failure
	pageSize       = 200     // messages in a page of its list
	maxPages       = 10
)

// Options say which gateway it is, and who sends.
type Options struct {
	URL     string // of the API, http or https, without a path
	Account string // the account's SID
	Token   string // the account's secret
	From    string // a phone number, or the SID of a messaging service
	// Timeout is how long the gateway has for one answer; 0 means 20 seconds.
	Timeout time.Duration
}

// A Gateway takes text messages. It is safe for concurrent use.
type Gateway struct {
	Options
	web *outbound.Client
}

// New makes a client of a gateway, which is not asked yet. Its URL is the
// operator's own word, so that it may be at any address; where it sends a request
// elsewhere, the account's secret does not follow.
func New(o Options) *Gateway {
	if o.Timeout <= 0 {
		o.Timeout = requestTimeout
	}
	return &Gateway{o, outbound.New(outbound.Options{AllowPrivate: true, StayPut: true})}
}

// A Receipt is what a gateway says of a message that it has taken.
type Receipt struct {
	ID     string // its name for the message
	Failed string // why it could not pass the message on; empty so far as it could
}

// A Refusal is the certainty that a gateway has not taken a message. Any other
// error of Send leaves that open.
type Refusal struct {
	Status int    // of the answer; 0 if the gateway could not be reached
	Code   int    // the gateway's own, if it gave one
	Reason string // for whoever may see whom the message is for
	Final  bool   // asking again would not help
	// After is how long the gateway wants to be left alone; 0 if it did not say.
	After time.Duration
}

func (r *Refusal) Error() string {
	return fmt.Sprintf("sms: the gateway has not taken the message: status %d, code %d", r.Status, r.Code)
}

// ErrNotFound says that a gateway has no such message.
var ErrNotFound = errors.New("sms: the gateway has no such message")

// Send hands a message to the gateway. An error that is a *Refusal says that the
// message was not taken; after any other it may have been, and Find tells.
func (g *Gateway) Send(ctx context.Context, to, body string) (*Receipt, error) {
	form := url.Values{"To": {to}, "Body": {body}}
	if g.isService() {
		form.Set("MessagingServiceSid", g.From)
	} else {
		form.Set("From", g.From)
	}
	answer, err := g.ask(ctx, http.MethodPost, g.list(), form.Encode())
	if dial, ok := errors.AsType[*net.OpError](err); ok && dial.Op == "dial" {
		return nil, &Refusal{Reason: "The gateway cannot be reached"}
	} else if err != nil {
		return nil, err
	}
	switch {
	case answer.Status >= 500:
		return nil, fmt.Errorf("sms: the gateway answered with status %d", answer.Status)
	case answer.Status >= 300:
		return nil, refusal(answer)
	}
	var m message
	if err := json.Unmarshal(answer.Body, &m); err != nil || m.SID == "" {
		return nil, fmt.Errorf("sms: the gateway's answer of status %d cannot be read", answer.Status)
	}
	return m.receipt(), nil
}

// Find looks for a message to a phone number that has certain words, which no
// other has. Its error is ErrNotFound if there is none. All that the gateway has to
// that number is looked through: a filter by date, or an end at the first old one,
// would rely on the date that it was passed on, which one that waits has not.
func (g *Gateway) Find(ctx context.Context, to, words string) (*Receipt, error) {
	at := g.list() + "?" + url.Values{"To": {to}, "PageSize": {strconv.Itoa(pageSize)}}.Encode()
	for range maxPages {
		answer, err := g.ask(ctx, http.MethodGet, at, "")
		if err != nil {
			return nil, err
		}
		if answer.Status != http.StatusOK {
			return nil, fmt.Errorf("sms: the gateway answered with status %d when asked for its messages", answer.Status)
		}
		var page struct {
			Messages []message `json:"messages"`
			Next     string    `json:"next_page_uri"`
		}
		if err := json.Unmarshal(answer.Body, &page); err != nil || page.Messages == nil {
			return nil, errors.New("sms: the gateway's list of messages cannot be read")
		}
		for _, m := range page.Messages {
			if m.To == to && strings.Contains(m.Body, words) && m.SID != "" {
				return m.receipt(), nil
			}
		}
		if page.Next == "" {
			return nil, ErrNotFound
		}
		if !strings.HasPrefix(page.Next, "/") || strings.HasPrefix(page.Next, "//") {
			return nil, errors.New("sms: the gateway's list of messages goes on elsewhere")
		}
		at = g.URL + page.Next
	}
	return nil, errors.New("sms: the gateway has too many messages to that number to look through")
}

// list is the URL of the account's messages.
func (g *Gateway) list() string {
	return g.URL + "/2010-04-01/Accounts/" + url.PathEscape(g.Account) + "/Messages.json"
}

// isService reports that the sender is a messaging service, not a number.
func (g *Gateway) isService() bool { return strings.HasPrefix(g.From, "MG") && len(g.From) == 34 }

// ask makes one request. Its errors do not have the URL, which may name a phone
// number.
func (g *Gateway) ask(ctx context.Context, method, at, form string) (*outbound.Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, g.Timeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, at, strings.NewReader(form))
	if err != nil {
		return nil, errors.New("sms: the gateway's URL cannot be asked")
	}
	r.SetBasicAuth(g.Account, g.Token)
	r.Header.Set("Accept", "application/json")
	if form != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	answer, err := g.web.Do(r, maxAnswer)
	if failed, ok := errors.AsType[*url.Error](err); ok {
		err = failed.Err
	}
	if err != nil {
		return nil, fmt.Errorf("sms: asking the gateway: %w", err)
	}
	return answer, nil
}

// A message is what the gateway tells of one.
type message struct {
	SID       string `json:"sid"`
	To        string `json:"to"`
	Body      string `json:"body"`
	Status    string `json:"status"`
	ErrorCode *int   `json:"error_code"`
}

func (m message) receipt() *Receipt {
	r := &Receipt{ID: m.SID}
	switch m.Status {
	case "failed", "undelivered", "canceled":
		r.Failed = "The gateway could not deliver it"
		if m.ErrorCode != nil {
			r.Failed += ": code " + strconv.Itoa(*m.ErrorCode)
		}
	}
	return r
}

// refusal reads an answer that says that the message was not taken. What is wrong
// with the account, or for now, may be mended; what is wrong with the message not.
func refusal(answer *outbound.Answer) *Refusal {
	var said struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
	}
	_ = json.Unmarshal(answer.Body, &said) // whatever it was, the status counts
	r := &Refusal{Status: answer.Status, Code: said.Code, Reason: "The gateway answered with status " + strconv.Itoa(answer.Status)}
	if said.Code != 0 {
		r.Reason += ", code " + strconv.Itoa(said.Code)
	}
	if said.Message != "" {
		r.Reason += ": " + shorten(said.Message)
	}
	switch answer.Status {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound:
		r.Final = said.Code/1000 == 21 // of the message, not of the account
	default:
		r.Final = answer.Status >= 400
	}
	r.After = retryAfter(answer.Header)
	return r
}

// retryAfter is how long a server asks to be left alone, in seconds or until a
// date by its own clock.
func retryAfter(h http.Header) time.Duration {
	value := h.Get("Retry-After")
	if seconds, err := strconv.ParseUint(value, 10, 20); err == nil {
		return time.Duration(seconds) * time.Second
	}
	until, err := http.ParseTime(value)
	now, err2 := http.ParseTime(h.Get("Date"))
	if err != nil || err2 != nil {
		return 0
	}
	return max(0, until.Sub(now))
}

func shorten(text string) string {
	text = strings.Map(func(r rune) rune {
		if r < ' ' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "?"))
	if all := []rune(text); len(all) > maxReason {
		return string(all[:maxReason]) + "…"
	}
	return text
}
