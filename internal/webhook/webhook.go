// Package webhook tells a URL what happened: it makes a signed request of a
// notification, sends it and reads what came of it.
// It must not decide what is sent when, nor what a failure means.
package webhook

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // what receivers verify
	"encoding/hex"
	"errors"
	"net"
	"net/http"
	neturl "net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"parley/internal/outbound"
)

// UserAgent is who the requests say they are from, as receivers may look for.
const UserAgent = "intercom-parrot-service-client/1.0"

// SignatureHeader names the header that has the signature of the body.
const SignatureHeader = "X-Hub-Signature"

// A Notification is what is sent.
type Notification struct {
	App         string // id of the workspace, which is what the live service calls an app
	ID          string
	Topic       string
	Item        []byte // JSON
	Self        string // URL of the delivery; empty if it has none
	Web         string // URL of the conversation for a person; empty if it has none
	Attempt     int64  // from 1
	FirstSentAt int64
	CreatedAt   int64
}

type envelope struct {
	Type             string  `json:"type"`
	AppID            string  `json:"app_id"`
	ID               string  `json:"id"`
	Topic            string  `json:"topic"`
	Data             data    `json:"data"`
	Links            links   `json:"links"`
	Self             *string `json:"self"`
	DeliveryStatus   string  `json:"delivery_status"`
	DeliveryAttempts int64   `json:"delivery_attempts"`
	DeliveredAt      int64   `json:"delivered_at"`
	FirstSentAt      int64   `json:"first_sent_at"`
	CreatedAt        int64   `json:"created_at"`
}

type data struct {
	Type string         `json:"type"`
	Item jsontext.Value `json:"item"`
}

type links struct {
	ConversationWeb string `json:"conversation_web,omitzero"`
}

// Body is the body of the request, the same to the letter whenever it is made.
func (n *Notification) Body() ([]byte, error) {
	e := envelope{Type: "notification_event", AppID: n.App, ID: "notif_" + n.ID, Topic: n.Topic,
		Data: data{"notification_event_data", n.Item}, Links: links{n.Web}, DeliveryStatus: "pending", DeliveryAttempts: n.Attempt,
		FirstSentAt: n.FirstSentAt, CreatedAt: n.CreatedAt}
	if n.Self != "" {
		e.Self = &n.Self
	}
	if n.Attempt > 1 {
		e.DeliveryStatus = "retry"
	}
	return json.Marshal(e)
}

// Sign is the signature of a body.
func Sign(body []byte, secret string) string {
	mac := hmac.New(sha1.New, []byte(secret))
	mac.Write(body)
	return "sha1=" + hex.EncodeToString(mac.Sum(nil))
}

// Header is the header of the request.
func Header(body []byte, secret string) http.Header {
	return http.Header{
		"Content-Type":  {"application/json"},
		"Accept":        {"application/json"},
		"User-Agent":    {UserAgent},
		SignatureHeader: {Sign(body, secret)},
	}
}

// A Result is what came of a request.
type Result struct {
	Status     int // 0 for no answer
	Error      string
	Refused    bool // the URL is not asked
	Header     http.Header
	Body       string // its beginning
	RetryAfter int64  // seconds; 0 if the answer does not say
	Took       time.Duration
}

// Options are how a Sender is made.
type Options struct {
	Timeout               time.Duration // from the beginning to the answer's header; 0 means 5 seconds
	AllowPrivateAddresses bool
	Allow                 outbound.Allowed
	Resolver              *net.Resolver // of host names; nil: the machine's
	Kept                  int           // bytes that are kept of an answer's body; 0 means 2,048
	KeptHeader            int           // likewise of its header; 0 means 4,096
	PerHost               int           // connections that are kept for a host
	Clock                 func() time.Time
}

// A Sender sends requests. It is safe for concurrent use.
type Sender struct {
	client  *outbound.Client
	options Options
}

// New makes a sender.
func New(o Options) *Sender {
	if o.Timeout <= 0 {
		o.Timeout = 5 * time.Second
	}
	if o.Kept <= 0 {
		o.Kept = 2 << 10
	}
	if o.KeptHeader <= 0 {
		o.KeptHeader = 4 << 10
	}
	return &Sender{outbound.New(outbound.Options{AllowPrivate: o.AllowPrivateAddresses, StayPut: true, UserAgent: UserAgent, Allow: o.Allow, Resolver: o.Resolver,
		IdlePerHost: o.PerHost, Idle: 32 * max(o.PerHost, 1)}), o}
}

// Plain reports whether a host may be told without TLS, since it was allowed by name
// or address.
func (s *Sender) Plain(host string) bool { return s.options.Allow.Names(host) }

// Send posts a body, signed, and waits for the answer. Whatever goes wrong is part of
// the result.
func (s *Sender) Send(ctx context.Context, url string, body []byte, secret string) *Result {
	return s.ask(ctx, http.MethodPost, url, body, Header(body, secret))
}

// Check asks a URL for its header, as the live service does before it is told
// anything.
func (s *Sender) Check(ctx context.Context, url string) *Result {
	return s.ask(ctx, http.MethodHead, url, nil, http.Header{})
}

func (s *Sender) ask(ctx context.Context, method, url string, body []byte, header http.Header) *Result {
	began := time.Now()
	ctx, cancel := context.WithTimeout(ctx, s.options.Timeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return &Result{Error: "The URL cannot be read", Refused: true}
	}
	r.Header = header
	answer, err := s.client.Post(r, int64(s.options.Kept))
	if err != nil {
		return &Result{Error: s.words(ctx, err), Refused: errors.Is(err, outbound.ErrRefused), Took: time.Since(began)}
	}
	if answer.Status < 100 {
		return &Result{Error: "The answer has no status", Took: time.Since(began)}
	}
	result := &Result{Status: answer.Status, Header: s.keep(answer.Header), Body: text(answer.Body), Took: time.Since(began)}
	result.RetryAfter = s.retryAfter(answer.Header.Get("Retry-After"))
	return result
}

// words is why there is no answer, for a person.
func (s *Sender) words(ctx context.Context, err error) string {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return "No answer within " + s.options.Timeout.String()
	}
	message := err.Error()
	if e, ok := errors.AsType[*neturl.Error](err); ok {
		message = e.Err.Error() // without the URL
	}
	return cut(text([]byte(strings.TrimPrefix(message, "outbound: "))), 500)
}

// keep is what is kept of a header: whole values, as many as there is room for.
func (s *Sender) keep(h http.Header) http.Header {
	kept, room := http.Header{}, s.options.KeptHeader
	for name, values := range h {
		for _, v := range values {
			if size := len(name) + len(v); size <= room {
				kept[text([]byte(name))] = append(kept[text([]byte(name))], text([]byte(v)))
				room -= size
			}
		}
	}
	return kept
}

// retryAfter reads how long an answer asks to be left alone: seconds, or a date.
func (s *Sender) retryAfter(value string) int64 {
	if n, err := strconv.ParseInt(value, 10, 32); err == nil {
		return max(n, 0)
	}
	if at, err := http.ParseTime(value); err == nil && s.options.Clock != nil {
		return max(int64(at.Sub(s.options.Clock()).Seconds()), 0)
	}
	return 0
}

// text is what came from outside as text that both databases take.
func text(b []byte) string {
	return strings.ReplaceAll(strings.ToValidUTF8(string(b), "\uFFFD"), "\x00", "\uFFFD")
}

func cut(s string, most int) string {
	if len(s) <= most {
		return s
	}
	for most > 0 && !utf8.RuneStart(s[most]) {
		most--
	}
	return s[:most]
}
