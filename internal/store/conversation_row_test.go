package store_test

import (
	"fmt"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"parley/internal/app"
	"parley/internal/apptest"
	"parley/internal/db"
	"parley/internal/model"
	"parley/internal/store"
)

// TestConversationUpdate changes each field of a conversation by itself, some in each way that one is read to be written to, and twice in a transaction: what is read
// afterwards is what was written.
func TestConversationUpdate(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		contact := r.Post(t, "/contacts", `{"role":"lead"}`).OK().ID()
		begin := func() model.ConversationID {
			begun := r.Post(t, "/conversations", fmt.Sprintf(`{"from":{"type":"lead","id":%q},"body":"Hello"}`, contact)).OK()
			return model.Decimal[model.ConversationID](begun.At("conversation_id").(string))
		}
		id, s := begin(), store.New(r.Database, r.Clock.Now, store.Options{})
		ways := map[string]func(*store.Tx) (*model.Conversation, error){
			"for update":     func(tx *store.Tx) (*model.Conversation, error) { return tx.Conversations.FindForUpdate(id) },
			"to show":        func(tx *store.Tx) (*model.Conversation, error) { return tx.Conversations.FindToShow(id) },
			"or a ticket":    func(tx *store.Tx) (*model.Conversation, error) { return tx.Conversations.FindAnyForUpdate(id) },
			"without a hold": func(tx *store.Tx) (*model.Conversation, error) { return tx.Conversations.Find(id) },
		}
		read := func(id model.ConversationID) (c *model.Conversation) {
			must(t, s.Update(t.Context(), r.Workspace.ID, func(tx *store.Tx) (err error) {
				c, err = tx.Conversations.FindAnyForUpdate(id)
				return err
			}))
			return c
		}
		number := int64(1000)
		for way, find := range ways {
			for i, field := range fieldsOfConversation() {
				if way != "for update" && i%5 != 0 {
					continue // what is remembered is the same in each way
				}
				number += 2
				for _, numbers := range [][]int64{{number}, {number + 1, number}} { // and back to what was read
					must(t, s.Update(t.Context(), r.Workspace.ID, func(tx *store.Tx) error {
						c, err := find(tx)
						if err != nil {
							return err
						}
						for _, n := range numbers {
							field.set(c, n)
							if err := tx.Conversations.Update(c); err != nil {
								return err
							}
						}
						return nil
					}))
				}
				want := read(id)
				field.set(want, number)
				if diff := cmp.Diff(want, read(id)); diff != "" {
					t.Errorf("read %s, with another %s:\n%s", way, field.name, diff)
				}
			}
		}
		other := begin()
		must(t, s.Update(t.Context(), r.Workspace.ID, func(tx *store.Tx) error {
			held, err := tx.Conversations.FindForUpdate(id)
			if err != nil {
				return err
			}
			same := *held
			same.ID = other
			return tx.Conversations.Update(&same)
		}))
		if got, want := read(other), read(id); got.State != want.State || got.Title != want.Title {
			t.Errorf("what becomes as another one that is held is %q, %q, want %q, %q", got.State, got.Title, want.State, want.Title)
		}
	})
}

// field is a field of a conversation, which is set to something that another number makes another.
type field struct {
	name string
	set  func(c *model.Conversation, n int64)
}

// fieldsOfConversation are those of the row of a conversation that may change.
func fieldsOfConversation() (all []field) {
	add := func(name string, in func(*model.Conversation) reflect.Value) {
		all = append(all, field{name, func(c *model.Conversation, n int64) { setTo(in(c), n) }})
	}
	each := func(sample any, in func(*model.Conversation) reflect.Value) {
		for f := range reflect.TypeOf(sample).Fields() {
			switch f.Name {
			case "ID", "CreatedAt", "Source", "Statistics", "Rating", "Whole", "Contacts", "Teammates", "Tags", "Parts", "Encoded":
			default:
				add(f.Name, func(c *model.Conversation) reflect.Value { return in(c).FieldByIndex(f.Index) })
			}
		}
	}
	each(model.Conversation{}, func(c *model.Conversation) reflect.Value { return reflect.ValueOf(c).Elem() })
	each(model.Statistics{}, func(c *model.Conversation) reflect.Value { return reflect.ValueOf(&c.Statistics).Elem() })
	each(model.Rating{}, func(c *model.Conversation) reflect.Value {
		if c.Rating == nil {
			c.Rating = &model.Rating{RequestedAt: 1}
		}
		return reflect.ValueOf(c.Rating).Elem()
	})
	return all
}

func setTo(v reflect.Value, n int64) {
	switch {
	case v.Type() == reflect.TypeFor[model.Opt[int64]]():
		v.Set(reflect.ValueOf(model.Some(n)))
	case v.Type() == reflect.TypeFor[model.Attributes]():
		v.Set(reflect.ValueOf(model.Attributes{"n": strconv.FormatInt(n, 10)}))
	case v.Kind() == reflect.Bool:
		v.SetBool(n%2 == 0)
	case v.Kind() == reflect.String:
		v.SetString(strconv.FormatInt(n, 10))
	default:
		v.SetInt(n)
	}
}

// TestConversationUpdateNames holds that a reply names no column of the indexes in which it changes nothing.
func TestConversationUpdateNames(t *testing.T) {
	t.Parallel()
	r, trace := apptest.Traced(t, db.Options{Path: filepath.Join(t.TempDir(), "parley.db")}, app.Options{})
	contact := r.Post(t, "/contacts", `{"role":"lead"}`).OK().ID()
	id := r.Post(t, "/conversations", fmt.Sprintf(`{"from":{"type":"lead","id":%q},"body":"Hello"}`, contact)).OK().At("conversation_id").(string)
	with := strings.NewReplacer("ADMIN", r.Admin.ID.String(), "CONTACT", contact)
	for _, c := range []struct {
		name, path, body string
		all              bool
	}{
		{"a reply of an admin", "reply", `{"message_type":"comment","type":"admin","admin_id":"ADMIN","body":"Hi"}`, false},
		{"a note", "reply", `{"message_type":"note","type":"admin","admin_id":"ADMIN","body":"Hi"}`, false},
		{"a reply of a contact", "reply", `{"message_type":"comment","type":"user","intercom_user_id":"CONTACT","body":"Hi"}`, false},
		{"closing it", "parts", `{"message_type":"close","type":"admin","admin_id":"ADMIN"}`, true},
		{"a reply that opens it", "reply", `{"message_type":"comment","type":"user","intercom_user_id":"CONTACT","body":"Hi"}`, true},
	} {
		holdNamed(t, c.name, trace, "UPDATE conversations SET updated_at", "state =", c.all, func() {
			r.Post(t, "/conversations/"+id+"/"+c.path, with.Replace(c.body)).OK()
		})
	}
}

// holdNamed holds that a request runs one statement that begins so, and that it names a column, or does not.
func holdNamed(t *testing.T, name string, trace *apptest.Trace, begins, column string, named bool, request func()) {
	t.Helper()
	updates := 0
	for _, s := range trace.Of(request) {
		if !strings.HasPrefix(s.Text, begins) {
			continue
		}
		if updates++; strings.Contains(s.Text, column) != named {
			t.Errorf("%s: %s", name, s.Text)
		}
	}
	if updates != 1 {
		t.Errorf("%s: it was written %d times", name, updates)
	}
}
