package store

import (
	"context"
	"fmt"
	"reflect"
	"sync/atomic"

	"parley/internal/model"
	"parley/internal/store/keep"
	"parley/internal/store/record"
)

// keptBytes is how much memory contacts take that are kept, about.
const keptBytes = 16 << 20

// keptContacts keeps contacts with their relatives, as searches and who asks for one are shown them.
func keptContacts() *keep.Objects[model.Contact] {
	return keep.New[model.Contact](keptBytes, "SELECT * FROM contacts, contact_tags, notes, contact_companies, contact_subscriptions", map[string]string{
		"contacts": "id", "contact_tags": "contact_id", "notes": "contact_id", "contact_companies": "contact_id", "contact_subscriptions": "contact_id",
	})
}

// FindContact reads a user or lead, archived or not, with its relatives, as it is now. Nobody may change it.
func (s *Store) FindContact(ctx context.Context, ws model.WorkspaceID, id model.ContactID) (c *model.Contact, err error) {
	if _, joined := s.joined(ctx); !joined {
		if c := s.contacts.Reader(ctx, s.db, string(ws)).Here(string(id)); c != nil {
			return c, nil
		}
	}
	err = s.View(ctx, ws, func(tx *Tx) error {
		if c, err = tx.Contacts.Find(id); err == nil {
			tx.Contacts.keep(c)
		}
		return err
	})
	return c, err
}

// keep keeps a contact that was read with its relatives.
func (s Contacts) keep(c *model.Contact) {
	if !s.contacts.Keeps() {
		return
	}
	c.Encoded = &atomic.Pointer[[]byte]{}
	s.contacts.Keep(string(c.ID), c, weight(c))
}

// weight is about how many bytes a contact takes, and what is shown of it.
func weight(c *model.Contact) int {
	texts := len(c.ExternalID) + len(c.Email) + len(c.Phone) + len(c.Name) + len(c.Pseudonym) + len(c.Avatar)
	for _, text := range c.Profile.Texts() {
		texts += len(*text)
	}
	for name, value := range c.Attributes {
		texts += 32 + len(name)
		if text, ok := value.(string); ok {
			texts += len(text)
		}
	}
	n := len(c.Profile.SocialProfiles)
	for _, p := range c.Profile.SocialProfiles {
		texts += len(p.Name) + len(p.URL)
	}
	for _, of := range []model.References{c.Relatives.Tags, c.Relatives.Notes, c.Relatives.Companies, c.Relatives.OptedOut, c.Relatives.OptedIn} {
		n += len(of.IDs)
	}
	return 3000 + 2*texts + 150*n
}

func scanContactID(row record.Scanner) (*model.Contact, error) {
	var c model.Contact
	err := row.Scan(&c.ID)
	return &c, err
}

// complete puts contacts with their relatives in the place of those of which only the ids were read.
func (s Contacts) complete(contacts []*model.Contact) error {
	ids := make([]string, len(contacts))
	for i, c := range contacts {
		ids[i] = string(c.ID)
	}
	var missing []string
	for i, c := range s.contacts.Find(ids) {
		if contacts[i] = c; c == nil {
			missing = append(missing, ids[i])
		}
	}
	if len(missing) == 0 {
		return nil
	}
	read, err := s.list(`SELECT `+contactColumns+` FROM contacts WHERE workspace_id = $1 AND id `+s.Dialect().In("$2"),
		s.Workspace, record.ToJSON(missing))
	if err != nil {
		return fmt.Errorf("store: load contacts: %w", err)
	}
	if err := s.LoadRelatives(read...); err != nil {
		return err
	}
	byID := make(map[string]*model.Contact, len(read))
	for _, c := range read {
		s.keep(c)
		byID[string(c.ID)] = c
	}
	for i, id := range ids {
		if contacts[i] == nil {
			contacts[i] = byID[id]
		}
	}
	return nil
}

// CheckKept compares what is kept in memory with what is in the database, and returns what differs.
func (s *Store) CheckKept(ctx context.Context) (wrong []string, err error) {
	s.contacts.Each(func(ws, id string) {
		failed := s.View(ctx, model.WorkspaceID(ws), func(tx *Tx) error {
			read, err := tx.Contacts.Find(model.ContactID(id))
			if _, gone := model.AsError(err); err != nil && !gone {
				return err
			}
			kept := tx.contacts.Find([]string{id})[0]
			if kept == nil {
				return nil
			}
			same := *kept
			if same.Encoded = nil; read == nil || !reflect.DeepEqual(&same, read) {
				wrong = append(wrong, fmt.Sprintf("contact %s of %s is kept as %+v, and is %+v", id, ws, kept, read))
			}
			return nil
		})
		if err == nil {
			err = failed
		}
	})
	return wrong, err
}
