package app_test

import (
	"context"
	"log/slog"
	"regexp"
	"testing"
	"time"

	"parley/internal/app"
	"parley/internal/apptest"
	"parley/internal/means"
)

// TestWebhookMetrics has a database of its own, since the figures are of all
// workspaces in it.
func TestWebhookMetrics(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		options func(*testing.T) app.Options
	}{
		{"sqlite", func(t *testing.T) app.Options { return app.Options{Data: t.TempDir()} }},
		{"postgres", func(t *testing.T) app.Options { return app.Options{Database: means.Postgres(t)} }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o := c.options(t)
			o.Logger = slog.New(slog.DiscardHandler)
			d, err := app.OpenDatabase(context.Background(), o)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { d.Close() })
			r := apptest.On(t, d)
			scrape := func(want ...string) {
				t.Helper()
				_, metrics := get(r.Handler(), "/metrics")
				for _, line := range want {
					if !regexp.MustCompile(`(?m)^` + line + `$`).MatchString(metrics) {
						t.Errorf("/metrics lacks %s", line)
					}
				}
			}
			scrape(`parley_webhooks\{state="live"\} 0`, `parley_webhook_late_seconds 0`)
			var paths []string
			for range 2 {
				// An address that nothing is sent to: it is not public.
				made := r.Post(t, "/_parley/webhooks", map[string]any{"url": "https://127.0.0.1:1/", "topics": []string{"contact.user.created"}}).OK()
				paths = append(paths, "/_parley/webhooks/"+made.At("id").(string))
			}
			r.Put(t, paths[1], map[string]any{"state": "paused"}).OK()
			r.Post(t, "/contacts", map[string]any{"email": "late@x.test"}).OK()
			r.Clock.Pass(90 * time.Second)
			scrape(`parley_webhooks\{state="live"\} 1`, `parley_webhooks\{state="paused"\} 1`, `parley_webhook_late_seconds 90`)
			r.RunJobs()
			scrape(`parley_webhook_attempts_total\{outcome="retrying"\} 1`, `parley_webhook_late_seconds 0`)
			r.Clock.Pass(time.Hour)
			scrape(`parley_webhook_late_seconds 3[0-9]{3}`)
			r.Delete(t, paths[0], nil).OK()
			scrape(`parley_webhooks\{state="live"\} 0`, `parley_webhook_late_seconds 0`)
		})
	}
}
