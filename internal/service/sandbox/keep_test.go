package sandbox_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"parley/internal/apptest"
	"parley/internal/model"
	"parley/internal/model/sandbox"
)

// TestManySeeds makes workspaces of more seeds than a server keeps what became of. Each can be reset all the same, and each seed used again.
func TestManySeeds(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		r.Unjudged()
		seed := func(i int) string { return fmt.Sprintf("tags: [tag-%d]", i) }
		var made []*bench
		for i := range sandbox.MaxTemplates + 2 {
			made = append(made, newBench(t, r, object{"seed": seed(i)}))
		}
		for i, b := range append(made, newBench(t, r, object{"seed": seed(0)})) {
			b.Post(t, "/tags", object{"name": "more"}).OK()
			b.AsDeveloper().Post(t, b.path+"/reset", nil).OK()
			if tags := b.Get(t, "/tags").OK(); tags.At("data.0.name") != fmt.Sprintf("tag-%d", i%len(made)) || tags.At("data.1") != nil {
				t.Errorf("the workspace of seed %d has %s", i, tags.Body)
			}
		}
	})
}

// TestTokensThroughSnapshots revokes one before a snapshot and one after it: going back brings back neither.
func TestTokensThroughSnapshots(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		b := newBench(t, r, object{})
		dev, ctx := b.AsDeveloper(), context.Background()
		by, err := b.Sandbox.Operator(ctx, model.WorkspaceID(b.path[len(path):]))
		if err != nil {
			t.Fatal(err)
		}
		token := func(name string) string {
			t.Helper()
			made, err := b.App.Workspace.CreateToken(ctx, by, by.Admin, name, "")
			if err != nil {
				t.Fatal(err)
			}
			return made
		}
		revoke := func(name string) {
			t.Helper()
			all, err := b.App.Workspace.ListTokens(ctx, by)
			for _, token := range all {
				if token.Name == name && err == nil {
					err = b.App.Workspace.RevokeToken(ctx, by, token.ID())
				}
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		opens := func(when string, want map[string]int) {
			t.Helper()
			for token, status := range want {
				if a := r.Get(t, "/me", apptest.As(token)); a.Status != status {
					t.Errorf("%s, /me is %d, want %d", when, a.Status, status)
				}
			}
		}
		before, after, kept := token("before"), token("after"), token("kept")
		revoke("before")
		dev.Post(t, b.path+"/snapshots", object{"name": "a"}).OK()
		revoke("after")
		later := token("later")
		want := map[string]int{before: 401, after: 401, kept: 200, later: 200, b.Token: 200}
		opens("before", want)
		dev.Post(t, b.path+"/snapshots/a/restore", nil).OK()
		opens("restored", want)
		dev.Post(t, b.path+"/reset", nil).OK()
		opens("reset", want)
	})
}

// TestFilesOutliveTheirOriginal deletes a file's conversation, and then its workspace, of which there is a snapshot and another workspace.
func TestFilesOutliveTheirOriginal(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		b := newBench(t, r, object{})
		dev, lead := b.AsDeveloper(), b.lead()
		talk := b.talk(lead)
		b.Post(t, talk+"/reply", object{"type": "admin", "admin_id": b.admin, "message_type": "comment", "body": "See",
			"attachment_files": []object{{"name": "a.txt", "content_type": "text/plain", "data": base64.StdEncoding.EncodeToString([]byte("hello"))}}}).OK()
		file := func(b *bench) {
			t.Helper()
			link, _ := b.Get(t, talk).OK().At("conversation_parts.conversation_parts.0.attachments.0.url").(string)
			w := httptest.NewRecorder()
			r.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, link, nil))
			if w.Code != http.StatusOK || w.Body.String() != "hello" {
				t.Errorf("%s is %d %s", link, w.Code, w.Body)
			}
		}
		file(b)
		dev.Post(t, b.path+"/snapshots", object{"name": "a"}).OK()
		other := newBench(t, r, object{"snapshot": object{"workspace_id": b.path[len(path):], "name": "a"}})
		dev.Post(t, b.path+"/reset", nil).OK()
		b.Get(t, talk).Is(404)
		b.RunJobs() // what deletes files
		dev.Post(t, b.path+"/snapshots/a/restore", nil).OK()
		file(b)
		dev.Delete(t, b.path, nil).OK()
		b.RunJobs()
		file(other)
		dev.Post(t, other.path+"/reset", nil).OK()
		file(other)
	})
}
