package workspace_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"parley/internal/apptest"
	"parley/internal/model"
	"parley/internal/service/workspace"
)

func TestMain(m *testing.M) { apptest.Main(m) }

// TestTogether holds that rules which share a transaction are kept or undone
// together.
func TestTogether(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		by := r.Actor()
		refused := errors.New("refused")
		for _, c := range []struct {
			name string
			run  func(ctx context.Context) error
			kept float64
			want error
		}{
			{"undone by an error", func(ctx context.Context) error {
				if _, err := r.People.CreateTag(ctx, by, "one"); err != nil {
					return err
				}
				return refused
			}, 0, refused},
			{"undone by a rule that failed, even if its error is lost", func(ctx context.Context) error {
				if _, err := r.People.CreateTag(ctx, by, "one"); err != nil {
					return err
				}
				r.People.CreateTag(ctx, by, " ")
				return nil
			}, 0, model.InvalidTag()},
			{"what was written is seen inside", func(ctx context.Context) error {
				made, err := r.People.CreateTag(ctx, by, "one")
				if err != nil {
					return err
				}
				_, err = r.People.FindTag(ctx, by, made.ID)
				return err
			}, 1, nil},
			{"one inside another belongs to it", func(ctx context.Context) error {
				err := r.App.Workspace.Together(ctx, "inner", func(ctx context.Context) error {
					_, err := r.People.CreateTag(ctx, by, "two")
					return err
				})
				if err != nil {
					return err
				}
				return refused
			}, 1, refused},
		} {
			err := r.App.Workspace.Together(context.Background(), "outer", c.run)
			if c.want == nil && err != nil || c.want != nil && (err == nil || err.Error() != c.want.Error()) {
				t.Errorf("%s: got the error %v, want %v", c.name, err, c.want)
			}
			tags, _ := r.Get(t, "/tags").OK().At("data").([]any)
			if float64(len(tags)) != c.kept {
				t.Errorf("%s: %d tags are kept, want %v", c.name, len(tags), c.kept)
			}
		}
	})
}

func TestBackdate(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		then := time.Date(2020, 2, 29, 0, 0, 0, 0, time.UTC)
		c, err := r.People.CreateContact(workspace.Backdate(context.Background(), then), r.Actor(), model.ContactPatch{Email: model.Some("a@b.test")})
		if err != nil {
			t.Fatal(err)
		}
		if got := r.Get(t, "/contacts/"+string(c.ID)).OK().At("created_at"); got != float64(then.Unix()) {
			t.Errorf("created_at is %v, want %v", got, then.Unix())
		}
	})
}
