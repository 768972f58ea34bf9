package worker_test

import (
	"context"
	"errors"
	"log/slog"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/internal/apptest"
	"parley/internal/metric"
	"parley/internal/model"
	"parley/internal/store"
	"parley/internal/worker"
)

func TestMain(m *testing.M) { apptest.Main(m) }

// TestUnsnooze asks for jobs as a rule does and has them run.
func TestUnsnooze(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		ctx := context.Background()
		s := store.New(r.Database, r.Clock.Now, store.Options{})
		type call struct {
			Workspace    model.WorkspaceID
			Conversation model.ConversationID
		}
		var calls []call
		broken := true
		registry := new(metric.Registry)
		runner := worker.New(worker.Options{
			Queue: s.Queue(), Clock: r.Clock.Now, Logger: slog.New(slog.DiscardHandler), Metrics: registry,
			Unsnooze: func(_ context.Context, ws model.WorkspaceID, conversation model.ConversationID) error {
				calls = append(calls, call{ws, conversation})
				if broken && conversation == 7 {
					return errors.New("not now")
				}
				return nil
			}})
		run := func(want ...call) {
			t.Helper()
			calls = nil
			if _, err := runner.RunDue(ctx, string(r.Workspace.ID)); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, calls); diff != "" {
				t.Error(diff)
			}
		}
		snooze := func(conversation model.ConversationID, until int64, key string) {
			t.Helper()
			err := s.Update(ctx, r.Workspace.ID, func(tx *store.Tx) error {
				return tx.Jobs.Enqueue(model.Job{Kind: model.Unsnooze, Key: key, At: until,
					Payload: model.UnsnoozePayload{Conversation: conversation}})
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		now := apptest.Start.Unix()
		snooze(5, now+60, "5")
		snooze(6, now+60, "6")
		snooze(7, now+50, "7")
		snooze(9, now+1000, "9")
		snooze(8, 0, "8") // at once
		run(call{r.Workspace.ID, 8})
		snooze(5, now+90, "5") // until later
		err := s.Update(ctx, r.Workspace.ID, func(tx *store.Tx) error { return tx.Jobs.Cancel(model.Unsnooze, "6") })
		if err != nil {
			t.Fatal(err)
		}
		r.Clock.Pass(time.Minute)
		run(call{r.Workspace.ID, 7})
		broken = false
		r.Clock.Pass(30 * time.Second)
		scrape := func() string {
			t.Helper()
			text, err := registry.Text()
			if err != nil {
				t.Fatal(err)
			}
			return string(text)
		}
		if late := `parley_jobs_late_seconds{kind="unsnooze"} `; !regexp.MustCompile(late + `[1-9]`).MatchString(scrape()) {
			t.Errorf("nothing is late: %s", scrape())
		}
		run(call{r.Workspace.ID, 7}, call{r.Workspace.ID, 5})
		metrics := scrape()
		for _, want := range []string{
			`parley_job_attempts_total{kind="unsnooze",outcome="done"} 3`,
			`parley_job_attempts_total{kind="unsnooze",outcome="failed"} 1`,
			`parley_job_duration_seconds_count{kind="unsnooze"} 4`,
			`parley_jobs{kind="unsnooze",state="dead"} 0`,
			`parley_jobs{kind="unsnooze",state="due"} 0`,
			`parley_jobs{kind="unsnooze",state="waiting"} 1`,
			`parley_jobs_late_seconds{kind="unsnooze"} 0`,
		} {
			if !strings.Contains(metrics, want+"\n") {
				t.Errorf("the metrics lack %s:\n%s", want, metrics)
			}
		}
	})
}
