package store

import (
	"context"
	"fmt"
	"sync/atomic"

	"parley/internal/db"
	"parley/internal/model"
	"parley/internal/store/identity"
	"parley/internal/store/record"
)

// FindContact reads a user or lead, archived or not, with its relatives, as it is now. Nobody may change it.
func (s *Store) FindContact(ctx context.Context, ws model.WorkspaceID, id model.ContactID) (c *model.Contact, err error) {
	if _, joined := s.joined(ctx); !joined {
		c, err := s.kept.contacts.Reader(ctx, s.db, string(ws)).Get(string(id), func() (db.Moments, error) { return identity.Moments(ctx, s.db) })
		if err != nil || c != nil {
			return c, err
		}
	}
	err = s.View(ctx, ws, func(tx *Tx) error {
		tx.Last()
		if c, err = tx.Contacts.Find(id); err == nil {
			tx.Contacts.keep(c)
		}
		return err
	})
	return c, err
}

// keep keeps a contact that was read with its relatives.
func (s Contacts) keep(c *model.Contact) {
	if !s.kept.contacts.Keeps() {
		return
	}
	c.Encoded = &atomic.Pointer[[]byte]{}
	s.kept.contacts.Keep(string(c.ID), c, record.ContactWeight(c))
}

func scanContactID(row record.Scanner) (*model.Contact, error) {
	var c model.Contact
	err := row.Scan(&c.ID)
	return &c, err
}

func keyOfContact(c *model.Contact) string { return string(c.ID) }

// contactsOf are contacts of which only the ids are known.
func contactsOf(ids []string) []*model.Contact {
	contacts := make([]*model.Contact, len(ids))
	for i, id := range ids {
		contacts[i] = &model.Contact{ID: model.ContactID(id)}
	}
	return contacts
}

// complete puts contacts with their relatives in the place of those of which only the ids were read.
func (s Contacts) complete(contacts []*model.Contact) (err error) {
	ids := make([]string, len(contacts))
	for i, c := range contacts {
		ids[i] = string(c.ID)
	}
	found, err := s.kept.contacts.Complete(ids, func(missing []string) (map[string]*model.Contact, error) {
		read, err := s.byID(missing)
		for _, c := range read {
			s.keep(c)
		}
		return read, err
	})
	copy(contacts, found)
	return err
}

// byID reads contacts with their relatives by their ids.
func (s Contacts) byID(ids []string) (map[string]*model.Contact, error) {
	s.expectRelatives(ids...)
	read, err := s.list(`SELECT `+contactColumns+` FROM contacts WHERE workspace_id = $1 AND id `+s.Dialect().In("$2"),
		s.Workspace, record.ToJSON(ids))
	if err != nil {
		return nil, fmt.Errorf("store: load contacts: %w", err)
	}
	byID := make(map[string]*model.Contact, len(read))
	for _, c := range read {
		byID[string(c.ID)] = c
	}
	return byID, s.LoadRelatives(read...)
}
