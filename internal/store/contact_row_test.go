package store_test

import (
	"path/filepath"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"

	"parley/internal/app"
	"parley/internal/apptest"
	"parley/internal/db"
	"parley/internal/model"
	"parley/internal/store"
)

// TestContactUpdate changes each field of a contact by itself, some in each way that one is read to be written to, and twice in a transaction: what is read afterwards is
// what was written.
func TestContactUpdate(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		id := model.ContactID(r.Post(t, "/contacts", `{"role":"user","external_id":"one","email":"one@x.test","phone":"+353871234567","name":"One"}`).OK().ID())
		s := store.New(r.Database, r.Clock.Now, store.Options{})
		in := func(do func(*store.Tx) error) { t.Helper(); must(t, s.Update(t.Context(), r.Workspace.ID, do)) }
		read := func(id model.ContactID) (c *model.Contact) {
			t.Helper()
			in(func(tx *store.Tx) (err error) { c, err = tx.Contacts.FindForUpdate(id); return err })
			return c
		}
		ways := map[string]func(*store.Tx, *model.Contact) (*model.Contact, error){
			"by its id": func(tx *store.Tx, c *model.Contact) (*model.Contact, error) { return tx.Contacts.FindForUpdate(id) },
			"in its role": func(tx *store.Tx, c *model.Contact) (*model.Contact, error) {
				return tx.Contacts.FindInRoleForUpdate(c.Role, model.ContactRef{ID: id})
			},
			"by its number": func(tx *store.Tx, c *model.Contact) (*model.Contact, error) {
				return tx.Contacts.FindByPhoneForUpdate([]string{model.Fold(c.Phone)})
			},
			"in any role": func(tx *store.Tx, c *model.Contact) (*model.Contact, error) {
				return tx.Contacts.FindPersonForUpdate(model.ContactRef{ID: id})
			},
			"without a hold": func(tx *store.Tx, c *model.Contact) (*model.Contact, error) { return tx.Contacts.Find(id) },
		}
		number := int64(1000)
		for way, find := range ways {
			for f := range reflect.TypeFor[model.Contact]().Fields() {
				switch f.Name {
				case "ID", "Relatives", "Encoded": // are not in the row, or stay
					continue
				case "Name", "LastRepliedAt", "LastSeenAt", "Attributes":
				default:
					if way != "by its id" {
						continue // what is remembered is the same in each way
					}
				}
				set := func(c *model.Contact, n int64) {
					switch v := reflect.ValueOf(c).Elem().FieldByIndex(f.Index); f.Name {
					case "Role":
						c.Role = []model.Role{model.RoleUser, model.RoleLead}[n%2]
					case "OwnerID":
						c.OwnerID = []model.AdminID{r.Admin.ID, 0}[n%2]
					case "ArchivedAt":
						c.ArchivedAt = []int64{0, 7}[n%2]
					case "ExternalID", "Email", "Phone", "Name": // what is searched for of it stays the same
						v.SetString([]string{"one@x.test", "ONE@x.test"}[n%2])
					case "Profile":
						c.Profile = model.Profile{Country: "Ireland", AndroidLastSeenAt: n}
					default:
						setTo(v, n)
					}
				}
				before := read(id)
				number += 2
				for _, numbers := range [][]int64{{number + 1}, {number, number + 1}, {number}} { // changed, changed and back, and changed again
					in(func(tx *store.Tx) error {
						c, err := find(tx, before)
						if err != nil {
							return err
						}
						for _, n := range numbers {
							set(c, n)
							if err := tx.Contacts.Update(c); err != nil {
								return err
							}
						}
						return nil
					})
					want := *before
					set(&want, numbers[len(numbers)-1])
					if diff := cmp.Diff(&want, read(id)); diff != "" {
						t.Errorf("read %s, with another %s:\n%s", way, f.Name, diff)
					}
				}
			}
		}
		other := model.ContactID(r.Post(t, "/contacts", `{"role":"lead"}`).OK().ID())
		in(func(tx *store.Tx) error {
			held, err := tx.Contacts.FindForUpdate(id)
			if err != nil {
				return err
			}
			same := *held
			same.ID, same.ExternalID, same.Email, same.Role = other, "", "", model.RoleLead
			held.ExternalID, held.Email, held.Role = same.ExternalID, same.Email, same.Role
			if err := tx.Contacts.Update(held); err != nil {
				return err
			}
			return tx.Contacts.Update(&same) // as the other one is now, which nobody has read
		})
		if got, want := read(other), read(id); got.Name != want.Name || got.Phone != want.Phone {
			t.Errorf("what becomes as another one that is held is %q, %q, want %q, %q", got.Name, got.Phone, want.Name, want.Phone)
		}
		in(func(tx *store.Tx) error { // what is noted by itself is not taken back by who has read the contact before
			c, err := tx.Contacts.FindForUpdate(other)
			if err != nil {
				return err
			}
			if err := tx.Contacts.Replied(other, 1<<40); err != nil {
				return err
			}
			c.LastSeenAt = 1 << 41
			return tx.Contacts.Update(c)
		})
		if c := read(other); c.LastRepliedAt != 1<<40 || c.LastSeenAt != 1<<41 {
			t.Errorf("after a reply and a visit they are of %d and %d", c.LastRepliedAt, c.LastSeenAt)
		}
	})
}

// TestContactUpdateNames holds that what integrations write again and again names no column of the indexes in which it changes nothing.
func TestContactUpdateNames(t *testing.T) {
	t.Parallel()
	r, trace := apptest.Traced(t, db.Options{Path: filepath.Join(t.TempDir(), "parley.db")}, app.Options{})
	r.Post(t, "/data_attributes", `{"name":"paid","model":"contact","data_type":"boolean"}`).OK()
	id := r.Post(t, "/contacts", `{"role":"user","email":"one@x.test","name":"One"}`).OK().ID()
	for _, c := range []struct {
		name, body string
		all        bool
	}{
		{"a custom attribute", `{"custom_attributes":{"paid":true}}`, false},
		{"a visit", `{"last_seen_at":1700000000}`, false},
		{"a visit, and what stays", `{"last_seen_at":1700000001,"name":"One","email":"one@x.test"}`, false},
		{"a name", `{"name":"Two"}`, true},
		{"a visit after that", `{"last_seen_at":1700000002}`, false},
	} {
		holdNamed(t, c.name, trace, "UPDATE contacts SET updated_at", "role =", c.all, func() { r.Put(t, "/contacts/"+id, c.body).OK() })
	}
}
