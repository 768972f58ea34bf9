package config

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// Webhooks are how webhooks are told what happens, and what failures lead to.
type Webhooks struct {
	Timeout                   time.Duration  // of a request
	AllowHosts                []string       // names, in lower case, that may be told though they are not public
	AllowNetworks             []netip.Prefix // addresses likewise
	Check                     bool           // a URL is asked for its header first
	Parallel                  int            // requests to one webhook at once
	Limit                     int            // webhooks that are told at once
	Retries                   int            // of a delivery
	RetryDelay, MaxRetryDelay time.Duration
	PauseAfter                int // failures one after another; 0 for never
	PauseWindow, PauseFor     time.Duration
	SuspendAfter              time.Duration // 0 for never
	MinThrottle, MaxThrottle  time.Duration // after a 429
	Retention                 time.Duration // of deliveries that have ended
}

// webhookSettings are those of webhooks.
var webhookSettings = []*setting{
	{name: "webhook_timeout", usual: "5s", doc: "how `long` an answer to a webhook is awaited",
		set: duration(100*time.Millisecond, time.Minute, func(s *Settings) *time.Duration { return &s.Webhooks.Timeout })},
	{name: "webhook_allow", doc: "`hosts`, addresses and networks, with commas between, that webhooks may be sent to though they are not public, without TLS too",
		set: func(s *Settings, text string) error {
			s.Webhooks.AllowHosts, s.Webhooks.AllowNetworks = nil, nil
			for item := range strings.SplitSeq(text, ",") {
				item = strings.ToLower(strings.TrimSpace(item))
				if network, err := netip.ParsePrefix(item); err == nil {
					s.Webhooks.AllowNetworks = append(s.Webhooks.AllowNetworks, network.Masked())
				} else if address, err := netip.ParseAddr(item); err == nil && address.Zone() == "" {
					s.Webhooks.AllowNetworks = append(s.Webhooks.AllowNetworks, netip.PrefixFrom(address, address.BitLen()))
				} else if isHostName(item) {
					s.Webhooks.AllowHosts = append(s.Webhooks.AllowHosts, item)
				} else if item != "" {
					return fmt.Errorf("%q is neither a host, an address nor a network like 10.0.0.0/8", item)
				}
			}
			return nil
		}},
	{name: "webhook_check", usual: "false", doc: "ask a URL for its header, by HEAD, before it is told anything, as the live service does",
		isSwitch: true, words: []string{"true", "false"},
		set: truth(func(s *Settings) *bool { return &s.Webhooks.Check })},
	{name: "webhook_parallel", usual: "8", doc: "`requests` to one webhook at once, each about another object",
		set: number(1, 256, func(s *Settings) *int { return &s.Webhooks.Parallel })},
	{name: "webhook_limit", usual: "64", doc: "`webhooks` that this server tells at once",
		set: number(1, 10_000, func(s *Settings) *int { return &s.Webhooks.Limit })},
	{name: "webhook_retries", usual: "100", doc: "`times` that a delivery is tried again before it is dropped; the live service's is 1",
		set: number(0, 100_000, func(s *Settings) *int { return &s.Webhooks.Retries })},
	{name: "webhook_retry_delay", usual: "5s", doc: "`time` before the first retry; each further one takes twice as long. The live service's is 1m",
		set: duration(time.Second, 24*time.Hour, func(s *Settings) *time.Duration { return &s.Webhooks.RetryDelay })},
	{name: "webhook_max_retry_delay", usual: "1h", doc: "longest `time` between two attempts, give or take chance",
		set: duration(time.Second, 7*24*time.Hour, func(s *Settings) *time.Duration { return &s.Webhooks.MaxRetryDelay })},
	{name: "webhook_pause_after", usual: "1000", doc: "`failures` one after another within webhook_pause_window after which a webhook is left alone for webhook_pause; 0 for never",
		set: number(0, 1_000_000, func(s *Settings) *int { return &s.Webhooks.PauseAfter })},
	{name: "webhook_pause_window", usual: "15m", doc: "`time` in which those failures are counted",
		set: duration(time.Second, 24*time.Hour, func(s *Settings) *time.Duration { return &s.Webhooks.PauseWindow })},
	{name: "webhook_pause", usual: "15m", doc: "how `long` a webhook that fails is left alone",
		set: duration(time.Second, 24*time.Hour, func(s *Settings) *time.Duration { return &s.Webhooks.PauseFor })},
	{name: "webhook_suspend_after", usual: "168h", doc: "`time` of nothing but failures after which a webhook is suspended, and what happens is no longer kept for it; 0 for never",
		set: duration(0, 365*24*time.Hour, func(s *Settings) *time.Duration { return &s.Webhooks.SuspendAfter })},
	{name: "webhook_min_throttle", usual: "1m", doc: "how `long` a webhook is left alone after its first answer of 429; twice as long after each further one",
		set: duration(time.Second, 24*time.Hour, func(s *Settings) *time.Duration { return &s.Webhooks.MinThrottle })},
	{name: "webhook_max_throttle", usual: "2h", doc: "how `long` it is left alone at most, whatever its Retry-After says",
		set: duration(time.Second, 24*time.Hour, func(s *Settings) *time.Duration { return &s.Webhooks.MaxThrottle })},
	{name: "webhook_retention", usual: "720h", doc: "how `long` deliveries that have ended are kept in the log",
		set: duration(time.Hour, 10*365*24*time.Hour, func(s *Settings) *time.Duration { return &s.Webhooks.Retention })},
}

// isHostName reports whether a text in lower case may be the name of a host: labels with a dot between each two, of letters, digits, _ and, within a label, -.
func isHostName(text string) bool {
	for label := range strings.SplitSeq(text, ".") {
		if label == "" || len(label) > 64 || label[0] == '-' || label[len(label)-1] == '-' ||
			strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789_-") != "" {
			return false
		}
	}
	return true
}

// duration sets a time from least to most.
func duration(least, most time.Duration, field func(*Settings) *time.Duration) func(*Settings, string) error {
	return func(s *Settings, text string) error {
		d, err := time.ParseDuration(text)
		if err != nil {
			return fmt.Errorf("%q is not a time like 90s, 15m or 24h", text)
		}
		if d < least || d > most {
			return fmt.Errorf("%s is not from %s to %s", text, least, most)
		}
		*field(s) = d
		return nil
	}
}

// truth reads true or false.
func truth(of func(*Settings) *bool) func(*Settings, string) error {
	return func(s *Settings, text string) (err error) {
		if *of(s), err = strconv.ParseBool(text); err != nil {
			return fmt.Errorf("%q is neither true nor false", text)
		}
		return nil
	}
}

// number sets a whole number from least to most.
func number(least, most int, field func(*Settings) *int) func(*Settings, string) error {
	return func(s *Settings, text string) error {
		n, err := strconv.Atoi(text)
		if err != nil {
			return fmt.Errorf("%q is not a whole number", text)
		}
		if n < least || n > most {
			return fmt.Errorf("%d is not from %d to %d", n, least, most)
		}
		*field(s) = n
		return nil
	}
}

// checkWebhooks holds settings of webhooks against each other.
func checkWebhooks(w Webhooks) error {
	if w.RetryDelay > w.MaxRetryDelay {
		return errors.New("webhook_retry_delay is longer than webhook_max_retry_delay")
	}
	if w.MinThrottle > w.MaxThrottle {
		return errors.New("webhook_min_throttle is longer than webhook_max_throttle")
	}
	return nil
}
