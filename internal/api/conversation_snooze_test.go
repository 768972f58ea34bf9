package api_test

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/internal/app"
	"parley/internal/apptest"
	"parley/internal/model"
)

// TestSnoozeWakesOnce has several nodes look for what is due at the same moment,
// one of them started after the snooze.
func TestSnoozeWakesOnce(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		var talks []*talk
		for range 5 {
			c := newTalk(t, r)
			c.does(t, "snoozed", "snoozed_until", r.Clock.Now().Add(time.Hour).Unix()).OK()
			talks = append(talks, c)
		}
		// One sleeps longer by now, one is awake, one is closed.
		later := r.Clock.Now().Add(2 * time.Hour).Unix()
		talks[0].does(t, "snoozed", "snoozed_until", later).OK()
		talks[1].says(t, "Wake up")
		talks[2].does(t, "close").OK()
		r.Clock.Pass(time.Hour)
		second, err := app.New(r.Database, app.Options{Clock: r.Clock.Now, Data: t.TempDir(), Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		var nodes sync.WaitGroup
		for _, node := range []*app.App{r.App, second, r.App, second} {
			nodes.Go(func() {
				if _, err := node.RunJobs(context.Background(), r.Workspace.ID); err != nil {
					t.Error(err)
				}
			})
		}
		nodes.Wait()
		for i, want := range []string{"snoozed snoozed", "snoozed open", "snoozed close", "snoozed timer_unsnooze", "snoozed timer_unsnooze"} {
			if got := partTypes(t, r.Get(t, talks[i].path).OK()); got != want {
				t.Errorf("number %d has %s, want %s", i, got, want)
			}
		}
		a := r.Get(t, talks[3].path).OK()
		shows(t, a, "state", "open", "snoozed_until", nil, "updated_at", r.Clock.Now().Unix(),
			"conversation_parts.conversation_parts.1.author.type", "bot", "conversation_parts.conversation_parts.1.author.name", "Operator")
		if email := a.At("conversation_parts.conversation_parts.1.author.email").(string); !strings.HasPrefix(email, "operator+") {
			t.Errorf("the bot's address is %s", email)
		}
	})
}

// TestStatisticsInOfficeHours has a contact write on a Friday half an hour before
// the office closes, and an admin answer on Monday a quarter of an hour after it
// opens.
func TestStatisticsInOfficeHours(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		r = r.In(t, "Europe/Berlin")
		weekdays := map[string][]string{}
		for _, day := range []string{"monday", "tuesday", "wednesday", "thursday", "friday"} {
			weekdays[day] = []string{"09:00-12:00", "13:00-17:00"}
		}
		hours, err := model.ParseOfficeHours(weekdays)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.App.Workspace.SetOfficeHours(context.Background(), r.Actor(), hours); err != nil {
			t.Fatal(err)
		}
		to := func(at string) {
			moment, err := time.Parse(time.RFC3339, at)
			if err != nil {
				t.Fatal(err)
			}
			r.Clock.Pass(moment.Sub(r.Clock.Now()))
		}
		to("2026-03-27T16:30:00+01:00")
		c := newTalk(t, r)
		to("2026-03-30T09:15:00+02:00") // clocks were put forward in between
		c.does(t, "assignment", "assignee_id", c.admin).OK()
		a := c.does(t, "comment", "body", "Good morning").OK()
		shows(t, a, "statistics.time_to_admin_reply", 45*60, "statistics.median_time_to_reply", 45*60,
			"statistics.time_to_assignment", (2*24+16)*3600-15*60)
		to("2026-03-30T12:30:00+02:00")
		shows(t, c.does(t, "close").OK(), "statistics.time_to_first_close", 30*60+3*3600)
	})
}
