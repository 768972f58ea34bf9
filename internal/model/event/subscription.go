package event

import (
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"parley/internal/model"
)

// The bounds of subscriptions.
const (
	MaxSubscriptions = 100 // of a workspace
	maxTopics        = 200 // of a subscription
)

// A SubscriptionID is a decimal id, counted per workspace.
type SubscriptionID int64

func (id SubscriptionID) String() string { return strconv.FormatInt(int64(id), 10) }

// Object is what a ping is about: it waits for no other delivery but a ping.
func (id SubscriptionID) Object() Object { return Object{WebhookObject, id.String()} }

// A SubscriptionState says whether a webhook is told what happens.
type SubscriptionState string

const (
	Live SubscriptionState = "live"
	// Paused is what a person did: what happens is kept, and sent when the webhook is
	// resumed.
	Paused SubscriptionState = "paused"
	// Suspended is what a rule did after days of failures: what happens from then on
	// is not told. What had happened before is sent when the webhook is resumed.
	Suspended SubscriptionState = "suspended"
	// Removed is gone for everybody; what is left of it is being swept.
	Removed SubscriptionState = "removed"
)

// A Subscription is a URL that is told of topics, in the name of an app.
type Subscription struct {
	ID        SubscriptionID
	App       int64 // an identity.AppID: its secret signs what is sent
	URL       string
	Topics    []Topic // sorted; AllTopics stands for all
	State     SubscriptionState
	Reason    string // why a rule suspended or removed it
	CreatedAt int64
	Health
}

// Health is how deliveries of a subscription have gone lately.
type Health struct {
	Failures      int64 // one after another, in the window that began at FailuresSince
	FailuresSince int64
	FailingSince  int64 // no delivery has arrived since; 0 while all is well
	WaitUntil     int64 // nothing is sent before
	Waiting       string
	Delay         int64 // seconds that it was last told to wait by 429s, one after another
}

// NewSubscription makes a subscription of what a person chose. Its id is left to be
// given.
func NewSubscription(app int64, to string, topics []string, plain func(host string) bool, now int64) (*Subscription, error) {
	s := &Subscription{App: app, State: Live, CreatedAt: now}
	if err := s.SetURL(to, plain); err != nil {
		return nil, err
	}
	return s, s.SetTopics(topics)
}

// SetTopics chooses what the subscription is told.
func (s *Subscription) SetTopics(names []string) error {
	var topics []Topic
	for _, name := range names {
		t, ok := Known(name)
		if !ok {
			return model.ParameterInvalid("%.80q is not a topic", name)
		}
		topics = append(topics, t)
	}
	slices.Sort(topics)
	topics = slices.Compact(topics)
	if len(topics) == 0 {
		return model.ParameterNotFound("A webhook needs a topic, or * for all")
	}
	if len(topics) > maxTopics {
		return model.ParameterInvalid("A webhook has %d topics at most", maxTopics)
	}
	s.Topics = topics
	return nil
}

// SetURL chooses where the subscription is told. What is sent must not be overheard,
// so that the URL is https, or does not leave the machine, or names a host that plain
// allows.
func (s *Subscription) SetURL(to string, plain func(host string) bool) error {
	if to == "" {
		return model.ParameterNotFound("A webhook needs a URL")
	}
	if err := model.ValidateText("URL", to, model.MaxURL); err != nil {
		return err
	}
	u, err := url.Parse(to)
	if err != nil || u.Hostname() == "" || u.User != nil || strings.ContainsRune(to, '#') || !isPort(u.Port()) ||
		strings.ContainsFunc(to, func(r rune) bool { return r <= ' ' || r > '~' || r == '\\' }) ||
		u.Scheme != "https" && (u.Scheme != "http" || !isLoopback(u.Hostname()) && !plain(u.Hostname())) {
		return model.ParameterInvalid("%.200q is not a URL for a webhook: https://…, or http:// on localhost, without an account or a fragment", to)
	}
	s.URL = to
	return nil
}

func isPort(s string) bool {
	n, err := strconv.ParseUint(s, 10, 16)
	return s == "" || err == nil && n > 0
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

// Pause stops what is sent until somebody resumes it.
func (s *Subscription) Pause() error {
	if s.State == Live || s.State == Paused {
		s.State = Paused
		return nil
	}
	return &model.Error{Kind: model.Unprocessable, Code: "action_forbidden", Message: "A suspended webhook cannot be paused"}
}

// Resume has the subscription sent to again, whatever stopped it, and at once.
func (s *Subscription) Resume() {
	s.State, s.Reason, s.Health = Live, "", Health{}
}

// Told reports whether what happens now is kept for the subscription.
func (s *Subscription) Told() bool { return s.State == Live || s.State == Paused }

// MaySend reports whether something may be sent at a time.
func (s *Subscription) MaySend(now int64) bool { return s.State == Live && s.WaitUntil <= now }

// RoutesTo are the routes of a workspace's subscriptions.
func RoutesTo(all []*Subscription) Routes {
	routes := Routes{}
	for _, s := range all {
		if !s.Told() {
			continue
		}
		for _, t := range s.Topics {
			routes[t] = append(routes[t], int64(s.ID))
		}
	}
	for _, ids := range routes {
		slices.Sort(ids)
	}
	return routes
}

// SubscriptionNotFound is the answer to an unknown webhook.
func SubscriptionNotFound() *model.Error {
	return &model.Error{Kind: model.NotFound, Code: "not_found", Message: "Webhook not found"}
}

// SubscriptionLimitReached is the answer to one webhook too many.
func SubscriptionLimitReached() *model.Error {
	return model.ParameterInvalid("A workspace can have %d webhooks at most", MaxSubscriptions)
}
