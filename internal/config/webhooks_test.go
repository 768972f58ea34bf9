package config_test

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"parley/internal/config"
)

func TestWebhooks(t *testing.T) {
	t.Parallel()
	got, err := load(t, sources{file: "webhook_timeout: 2s\nwebhook_allow: Hook.test, 10.1.2.3/8,::1,\nwebhook_check: true\nwebhook_retries: 1\n" +
		"webhook_retry_delay: 1m\nwebhook_pause_after: 0\nwebhook_suspend_after: 0s\n"})
	if err != nil {
		t.Fatal(err)
	}
	want := config.Webhooks{Timeout: 2 * time.Second, AllowHosts: []string{"hook.test"},
		AllowNetworks: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")}, Check: true, Parallel: 8, Limit: 64,
		Retries: 1, RetryDelay: time.Minute, MaxRetryDelay: time.Hour, PauseWindow: 15 * time.Minute, PauseFor: 15 * time.Minute,
		MinThrottle: time.Minute, MaxThrottle: 2 * time.Hour, Retention: 720 * time.Hour}
	if diff := cmp.Diff(want, got.Webhooks, cmpopts.EquateComparable(netip.Prefix{})); diff != "" {
		t.Error(diff)
	}
	for _, bad := range []string{"webhook_timeout: 0s", "webhook_timeout: 5", "webhook_timeout: 2m", "webhook_allow: http://x.test", "webhook_allow: a b",
		"webhook_allow: '*'", "webhook_allow: -a.test", "webhook_allow: a-.test", "webhook_allow: a..test", "webhook_allow: a.test.", "webhook_allow: a_b.tést",
		"webhook_allow: " + strings.Repeat("a", 65), "webhook_allow: 10.0.0.0/99", "webhook_check: perhaps", "webhook_parallel: 0", "webhook_retries: -1", "webhook_retries: many",
		"webhook_retry_delay: 2h", "webhook_max_throttle: 1s", "webhook_retention: 1m"} {
		if _, err := load(t, sources{file: bad}); err == nil {
			t.Errorf("%s is taken", bad)
		}
	}
}
