package workspace_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/internal/apptest"
	"parley/internal/model"
)

func TestSetOfficeHours(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		ctx := context.Background()
		set := func(days map[string][]string) {
			t.Helper()
			r.Clock.Pass(time.Second) // the log is in the order of time
			h, err := model.ParseOfficeHours(days)
			if err != nil {
				t.Fatal(err)
			}
			w, err := r.App.Workspace.SetOfficeHours(ctx, r.Actor(), h)
			if err != nil {
				t.Fatal(err)
			}
			found, err := r.App.Workspace.Find(ctx, r.Workspace.ID)
			if err != nil {
				t.Fatal(err)
			}
			by, err := r.App.Workspace.Authenticate(ctx, r.Token)
			if err != nil {
				t.Fatal(err)
			}
			for _, w := range []*model.Workspace{w, found, by.Workspace} {
				if diff := cmp.Diff(h, w.OfficeHours); diff != "" {
					t.Error(diff)
				}
			}
		}
		office := map[string][]string{"monday": {"09:00-12:00", "13:00-17:00"}, "sunday": {"00:00-24:00"}}
		set(nil)
		set(office)
		set(office)
		set(map[string][]string{})

		log := r.Get(t, "/admins/activity_logs?created_at_after=0").OK()
		var entries []any
		for _, e := range log.At("activity_logs").([]any) {
			if e := e.(map[string]any); e["activity_type"] == "office_hours_change" {
				if e["activity_description"] != "Ann Owner changed the office hours." {
					t.Errorf("the log says %q", e["activity_description"])
				}
				entries = append(entries, e["metadata"])
			}
		}
		shown := map[string]any{"monday": []any{"09:00-12:00", "13:00-17:00"}, "sunday": []any{"00:00-24:00"}}
		want := []any{
			map[string]any{"before": shown, "after": map[string]any{}},
			map[string]any{"before": map[string]any{}, "after": shown},
		}
		if diff := cmp.Diff(want, entries); diff != "" {
			t.Error(diff)
		}

		other := r.Elsewhere(t)
		set(office)
		if w, err := r.App.Workspace.Find(ctx, other.Workspace.ID); err != nil || !w.OfficeHours.Equal(model.OfficeHours{}) {
			t.Errorf("another workspace has the office hours %v, %v", w.OfficeHours.Days(), err)
		}
		nowhere := &model.Actor{Workspace: &model.Workspace{ID: "nowhere0"}}
		if _, err := r.App.Workspace.SetOfficeHours(ctx, nowhere, model.OfficeHours{}); err == nil || err.Error() != model.ResourceNotFound().Error() {
			t.Errorf("of no workspace: %v", err)
		}
	})
}

// TestSetOfficeHoursAtOnce holds that each change that is logged begins with what
// the one before it left.
func TestSetOfficeHoursAtOnce(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		var wg sync.WaitGroup
		for _, day := range []string{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday"} {
			wg.Go(func() {
				h, err := model.ParseOfficeHours(map[string][]string{day: {"09:00-17:00"}})
				if err == nil {
					_, err = r.App.Workspace.SetOfficeHours(context.Background(), r.Actor(), h)
				}
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		log := r.Get(t, "/admins/activity_logs?created_at_after=0&per_page=50").OK()
		before, after := map[string]int{}, map[string]int{}
		day := func(hours any) string {
			for name := range hours.(map[string]any) {
				return name
			}
			return "none"
		}
		for _, e := range log.At("activity_logs").([]any) {
			if e := e.(map[string]any); e["activity_type"] == "office_hours_change" {
				metadata := e["metadata"].(map[string]any)
				before[day(metadata["before"])]++
				after[day(metadata["after"])]++
			}
		}
		if len(before) != 6 || len(after) != 6 || before["none"] != 1 {
			t.Errorf("the changes begin with %v and end with %v", before, after)
		}
	})
}
