package sandbox_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"parley/internal/app"
	"parley/internal/apptest"
	"parley/internal/db"
	"parley/internal/model/sandbox"
)

// attach has a file come with a reply, and returns the reply's id.
func (b *bench) attach(talk, text string) string {
	b.t.Helper()
	b.Post(b.t, talk+"/reply", object{"type": "admin", "admin_id": b.admin, "message_type": "comment", "body": "See",
		"attachment_files": []object{{"name": "a.txt", "content_type": "text/plain", "data": base64.StdEncoding.EncodeToString([]byte(text))}}}).OK()
	return b.lastPart(talk, "id").(string)
}

// redact takes the text and the files out of a reply.
func (b *bench) redact(talk, part string) {
	b.t.Helper()
	b.Post(b.t, "/conversations/redact", object{"type": "conversation_part", "conversation_id": strings.TrimPrefix(talk, "/conversations/"),
		"conversation_part_id": part}).OK()
}

// keeps holds that the place of files has files of these texts, and no others.
func keeps(t *testing.T, r *apptest.Rig, when string, want ...string) {
	t.Helper()
	var got []string
	err := filepath.WalkDir(r.Folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(d.Name(), ".") {
			return err
		}
		text, err := os.ReadFile(path)
		if filepath.Base(filepath.Dir(path)) == "exports" {
			text = []byte("an export")
		}
		got = append(got, string(text))
		return err
	})
	if !os.IsNotExist(err) {
		must(t, err)
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("%s there are the files %q, want %q", when, got, want)
	}
}

// rest lets the time pass for which files outlive their rows, and does what is due in all workspaces.
func rest(t *testing.T, r *apptest.Rig) {
	t.Helper()
	r.Clock.Pass(sandbox.FilesRest)
	_, err := r.App.RunJobs(context.Background())
	must(t, err)
}

// TestFilesGoWithTheLastWhoNamesThem takes away rows that name files, in each way that there is: a file goes when no row names it, and not before.
func TestFilesGoWithTheLastWhoNamesThem(t *testing.T) {
	cases := map[string]func(t *testing.T, r *apptest.Rig, b *bench, talk string){
		"a reset": func(t *testing.T, r *apptest.Rig, b *bench, talk string) {
			b.attach(talk, "one")
			b.AsDeveloper().Post(t, b.path+"/reset", nil).OK()
			keeps(t, r, "at once", "one")
			b.attach(b.talk(b.lead()), "two")
			rest(t, r)
			keeps(t, r, "later", "two")
		},
		"a snapshot and its workspace": func(t *testing.T, r *apptest.Rig, b *bench, talk string) {
			dev := b.AsDeveloper()
			b.attach(talk, "one")
			dev.Post(t, b.path+"/snapshots", object{"name": "a"}).OK()
			b.attach(talk, "two")
			dev.Post(t, b.path+"/reset", nil).OK()
			rest(t, r)
			keeps(t, r, "while there is the snapshot", "one")
			dev.Post(t, b.path+"/snapshots/a/restore", nil).OK()
			dev.Delete(t, b.path+"/snapshots/a", nil).OK()
			rest(t, r)
			keeps(t, r, "while the workspace has it", "one")
			dev.Post(t, b.path+"/reset", nil).OK()
			rest(t, r)
			keeps(t, r, "in the end")
		},
		"a workspace that was made of a snapshot": func(t *testing.T, r *apptest.Rig, b *bench, talk string) {
			dev := b.AsDeveloper()
			b.attach(talk, "one")
			dev.Post(t, b.path+"/snapshots", object{"name": "a"}).OK()
			other := newBench(t, r, object{"snapshot": object{"workspace_id": b.path[len(path):], "name": "a"}})
			other.attach(talk, "two")
			dev.Delete(t, b.path, nil).OK()
			rest(t, r)
			keeps(t, r, "without the original", "one", "two")
			dev.Post(t, other.path+"/reset", nil).OK()
			rest(t, r)
			keeps(t, r, "made anew", "one")
			dev.Delete(t, other.path, nil).OK()
			rest(t, r)
			keeps(t, r, "in the end")
		},
		"redaction, beside a snapshot": func(t *testing.T, r *apptest.Rig, b *bench, talk string) {
			dev := b.AsDeveloper()
			part := b.attach(talk, "one")
			dev.Post(t, b.path+"/snapshots", object{"name": "a"}).OK()
			b.redact(talk, part)
			rest(t, r)
			keeps(t, r, "while there is the snapshot", "one")
			dev.Post(t, b.path+"/snapshots", object{"name": "a", "replace": true}).OK()
			rest(t, r)
			keeps(t, r, "in the end")
		},
		"redaction, of what another workspace has": func(t *testing.T, r *apptest.Rig, b *bench, talk string) {
			dev := b.AsDeveloper()
			part := b.attach(talk, "one")
			dev.Post(t, b.path+"/snapshots", object{"name": "a"}).OK()
			other := newBench(t, r, object{"snapshot": object{"workspace_id": b.path[len(path):], "name": "a"}})
			dev.Delete(t, b.path, nil).OK()
			other.redact(talk, part)
			rest(t, r)
			keeps(t, r, "while it can go back", "one")
			dev.Delete(t, other.path, nil).OK()
			rest(t, r)
			keeps(t, r, "in the end")
		},
		"redaction, and then the workspace": func(t *testing.T, r *apptest.Rig, b *bench, talk string) {
			b.redact(talk, b.attach(talk, "one"))
			b.AsDeveloper().Delete(t, b.path, nil).OK()
			rest(t, r)
			keeps(t, r, "in the end")
		},
		"redaction by a clock of its own, and then the workspace": func(t *testing.T, r *apptest.Rig, _ *bench, _ string) {
			b := newBench(t, r, object{"now": now + day, "frozen": true})
			talk := b.talk(b.lead())
			b.redact(talk, b.attach(talk, "one"))
			b.AsDeveloper().Delete(t, b.path, nil).OK()
			rest(t, r)
			keeps(t, r, "in the end")
		},
		"spares": func(t *testing.T, r *apptest.Rig, b *bench, talk string) {
			dev := b.AsDeveloper()
			b.attach(talk, "one")
			dev.Post(t, b.path+"/snapshots", object{"name": "a"}).OK()
			of := object{"snapshot": object{"workspace_id": b.path[len(path):], "name": "a"}}
			made := newBench(t, r, of)
			ready(t, r, 2)
			dev.Delete(t, b.path, nil).OK()
			dev.Delete(t, made.path, nil).OK()
			rest(t, r)
			keeps(t, r, "while there are spares", "one")
			ready(t, r, 0)
			rest(t, r)
			keeps(t, r, "in the end")
		},
		"a file that is written after its row is gone": func(t *testing.T, r *apptest.Rig, b *bench, talk string) {
			b.Post(t, talk+"/reply", object{"type": "admin", "admin_id": b.admin, "message_type": "comment", "body": "See",
				"attachment_urls": []string{"http://files.test/a.txt"}}).OK()
			var id string
			must(t, r.Database.View(t.Context(), func(tx *db.Tx) error {
				return tx.QueryRow("SELECT id FROM attachments WHERE workspace_id = $1", b.path[len(path):]).Scan(&id)
			}))
			b.AsDeveloper().Delete(t, b.path, nil).OK()
			folder := filepath.Join(r.Folder, b.path[len(path):])
			must(t, os.MkdirAll(folder, 0o700))
			must(t, os.WriteFile(filepath.Join(folder, id), []byte("late"), 0o600))
			keeps(t, r, "before", "late")
			rest(t, r)
			keeps(t, r, "in the end")
		},
		"an export, by a reset": func(t *testing.T, r *apptest.Rig, b *bench, talk string) {
			b.export()
			keeps(t, r, "before", "an export")
			b.AsDeveloper().Post(t, b.path+"/reset", nil).OK()
			rest(t, r)
			keeps(t, r, "in the end")
		},
		"an export, with its workspace": func(t *testing.T, r *apptest.Rig, b *bench, talk string) {
			b.export()
			b.AsDeveloper().Delete(t, b.path, nil).OK()
			rest(t, r)
			keeps(t, r, "in the end")
		},
		"an export that has the id of the one before": func(t *testing.T, r *apptest.Rig, _ *bench, talk string) {
			b := newBench(t, r, object{"ids": "a"})
			first := b.export()
			b.AsDeveloper().Post(t, b.path+"/reset", nil).OK()
			if again := b.export(); again != first {
				t.Fatalf("the exports are %s and %s", first, again)
			}
			rest(t, r)
			keeps(t, r, "in the end", "an export")
		},
		"what another process finds": func(t *testing.T, r *apptest.Rig, b *bench, talk string) {
			b.attach(talk, "one")
			b.AsDeveloper().Delete(t, b.path, nil).OK()
			rest(t, r.Restarted(t, app.Options{Files: r.Folder}))
			keeps(t, r, "in the end")
		},
	}
	apptest.OnEachAlone(t, func(t *testing.T, r *apptest.Rig) {
		for name, test := range cases {
			t.Run(name, func(t *testing.T) {
				r := r.Restarted(t, app.Options{Files: t.TempDir(), Spares: 2}).Unjudged()
				b := newBench(t, r, object{"seed": fmt.Sprintf("tags: [%q]", name)}) // of which there are no spares yet
				test(t, r, b, b.talk(b.lead()))
			})
		}
	})
}

// export has what was sent be written to a file, and returns its id.
func (b *bench) export() string {
	b.t.Helper()
	b.Post(b.t, "/messages", object{"message_type": "inapp", "body": "News", "from": object{"type": "admin", "id": b.admin},
		"to": object{"type": "contact", "id": b.lead()}}).OK()
	at := b.Clock.Now().Unix()
	id := b.Post(b.t, "/export/content/data", object{"created_at_after": at - day, "created_at_before": at + day}).OK().At("job_identifier").(string)
	_, err := b.App.RunJobs(context.Background())
	must(b.t, err)
	if a := b.Get(b.t, "/download/content/data/"+id, apptest.Header("Accept", "application/octet-stream")); a.Status != http.StatusOK {
		b.t.Fatalf("%s", a.Body)
	}
	return id
}
