package fill_test

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"parley/internal/apptest"
	"parley/internal/bench"
	"parley/internal/bench/fill"
	"parley/internal/db"
	"parley/internal/model"
	"parley/internal/store/audit"
)

func TestMain(m *testing.M) { apptest.Main(m) }

// TestFolder has a folder be filled once, alike for the same seed, and nothing be filled over something else.
func TestFolder(t *testing.T) {
	t.Parallel()
	clock := &apptest.Clock{}
	dir := t.TempDir()
	o := fill.Options{Contacts: fill.MinContacts, Seed: 3, Clock: clock.Now}
	folder := func(name string, o fill.Options) (*bench.Facts, error) {
		return fill.Folder(t.Context(), filepath.Join(dir, name), o)
	}
	first, err := folder("a", o)
	if err != nil {
		t.Fatal(err)
	}
	again, err := folder("a", o)
	if err != nil || !reflect.DeepEqual(again, first) {
		t.Errorf("a filled folder is filled anew, with the error %v", err)
	}
	other, err := folder("b", o)
	if err != nil {
		t.Fatal(err)
	}
	if other.Token == first.Token {
		t.Error("two fills have one token")
	}
	if other.Token = first.Token; !reflect.DeepEqual(other, first) {
		t.Errorf("the same seed makes\n%+v\nand\n%+v", first, other)
	}
	o.Seed++
	if _, err := folder("a", o); err == nil || !strings.Contains(err.Error(), "holds another fill") {
		t.Errorf("a folder of another seed is taken, with the error %v", err)
	}
	if err := os.Remove(filepath.Join(dir, "b", "bench.json")); err != nil {
		t.Fatal(err)
	}
	if _, err := folder("b", fill.Options{Contacts: fill.MinContacts, Seed: 3, Clock: clock.Now}); err == nil || !strings.Contains(err.Error(), "no fill") {
		t.Errorf("a database that is no fill is taken for one, with the error %v", err)
	}
	if _, err := folder("d", fill.Options{Contacts: fill.MinContacts - 1, Clock: clock.Now}); err == nil {
		t.Error("a fill that is too small is made")
	}
}

// TestInto has what is kept be what a recount gives, and what was filled be what the rules go on from: a conversation is found by its words and
// answered, and an address that a user has is taken.
func TestInto(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		facts, err := fill.Into(t.Context(), r.Database, fill.Options{Contacts: 1_000, Seed: 1, Workspace: model.NewWorkspaceID(), Clock: r.Clock.Now})
		if err != nil {
			t.Fatal(err)
		}
		err = r.Database.View(t.Context(), func(tx *db.Tx) error {
			found, kinds, err := audit.Recount(tx, 5)
			if err == nil && (kinds < 4 || len(found) > 0) {
				err = fmt.Errorf("of %d kinds, %v", kinds, found)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
		in := *r
		in.Token = facts.Token
		page := in.Get(t, "/conversations?per_page=1").OK()
		id, body := fmt.Sprint(page.At("conversations.0.id")), fmt.Sprint(page.At("conversations.0.source.body"))
		word := strings.Trim(strings.Fields(strings.TrimPrefix(body, "<p>"))[2], ".")
		found := in.Post(t, "/conversations/search", fmt.Sprintf(`{"query":{"operator":"AND","value":[
			{"field":"source.body","operator":"=","value":%q},{"field":"id","operator":"=","value":%q}]}}`, word, id)).OK()
		if found.At("total_count") != 1.0 {
			t.Errorf("the conversation is not found by the word %q of %s", word, body)
		}
		in.Post(t, "/conversations/"+id+"/reply", fmt.Sprintf(`{"message_type":"comment","type":"admin","admin_id":%q,"body":"Hello"}`, facts.Admin)).OK()
		in.Post(t, "/contacts", fmt.Sprintf(`{"role":"user","email":%q}`, facts.People[0].Email)).Is(409)
	})
}
