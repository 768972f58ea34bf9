package store

import (
	"context"
	"fmt"
	"reflect"
	"slices"

	"parley/internal/db"
	"parley/internal/model"
	"parley/internal/store/keep"
)

// kept is what is kept in memory for as long as it is so in the database: contacts with their relatives, conversations as lists have them, pages of lists of
// both, what filters of contacts may refer to, which has no key, and on SQLite whole conversations, for who writes the next reply.
type kept struct {
	filterable        *keep.Objects[Filterable]
	contacts          *keep.Objects[model.Contact]
	conversations     *keep.Objects[model.Conversation]
	whole             *keep.Objects[model.Conversation] // conversations with their parts, for who writes
	contactPages      *keep.Objects[listed[model.Contact]]
	conversationPages *keep.Objects[listed[model.Conversation]]
}

// keptBytes is how much memory objects of each sort take as it comes, and devKeptBytes is the most that they do on a server of tests, whose workspaces are small and
// which has a machine to share.
const (
	keptBytes    = 16 << 20
	devKeptBytes = 4 << 20
)

func newKept(bytes, pages int) kept {
	return kept{
		keep.New[Filterable](bytes, `SELECT * FROM data_attributes, segments`, nil),
		keep.New[model.Contact](bytes, `SELECT * FROM contacts, contact_tags, notes, contact_companies, contact_subscriptions`, map[string]string{
			"contacts": "id", "contact_tags": "contact_id", "notes": "contact_id", "contact_companies": "contact_id", "contact_subscriptions": "contact_id",
		}),
		// A conversation is read of those who take part in it, too, who have keys of their own.
		keep.New[model.Conversation](bytes, `SELECT * FROM conversations, conversation_sources, conversation_contacts, conversation_tags,
			conversation_teammates, attachments, contacts, tags, admins`, map[string]string{
			"conversations": "id", "conversation_sources": "conversation_id", "conversation_contacts": "conversation_id",
			"conversation_tags": "conversation_id", "conversation_teammates": "conversation_id", "attachments": "conversation_id", "contacts": "id",
		}),
		keep.New[model.Conversation](bytes/4, `SELECT * FROM conversations, conversation_sources, conversation_contacts, conversation_tags,
			conversation_teammates, conversation_parts, attachments, contacts, tags, admins`, map[string]string{
			"conversations": "id", "conversation_sources": "conversation_id", "conversation_contacts": "conversation_id", "conversation_tags": "conversation_id",
			"conversation_teammates": "conversation_id", "conversation_parts": "conversation_id", "attachments": "conversation_id", "contacts": "id",
		}),
		// Whatever is written to these in a workspace may be on another page then.
		keep.New[listed[model.Contact]](pages, `SELECT * FROM contacts, contact_tags, data_attributes, segments`, nil),
		keep.New[listed[model.Conversation]](pages, `SELECT * FROM conversations, conversation_sources, conversation_contacts, conversation_tags,
			conversation_teammates, conversation_words, contacts, admins, data_attributes, tallies, totals`, nil),
	}
}

// readers read what is kept for a transaction that only reads.
type readers struct {
	filterable        keep.Reader[Filterable]
	contacts          keep.Reader[model.Contact]
	conversations     keep.Reader[model.Conversation]
	contactPages      keep.Reader[listed[model.Contact]]
	conversationPages keep.Reader[listed[model.Conversation]]
	likely            *Filterable // what the transaction takes for what filters may refer to, if that is a guess
}

// sure confirms what the transaction takes for what filters may refer to.
func (r readers) sure() bool {
	return r.likely == nil || r.filterable.Find([]string{""})[0] == r.likely
}

// readers begin to read, before the transaction does. One that writes too reads for itself, since others do not see yet what it writes.
func (s *Store) readers(ctx context.Context, ws model.WorkspaceID) readers {
	if _, joined := s.joined(ctx); joined {
		return readers{}
	}
	of := string(ws)
	return readers{s.kept.filterable.Reader(ctx, s.db, of), s.kept.contacts.Reader(ctx, s.db, of), s.kept.conversations.Reader(ctx, s.db, of),
		s.kept.contactPages.Reader(ctx, s.db, of), s.kept.conversationPages.Reader(ctx, s.db, of), nil}
}

// in are the readers in their transaction.
func (r readers) in(t *db.Tx) readers {
	return readers{r.filterable.In(t), r.contacts.In(t), r.conversations.In(t), r.contactPages.In(t), r.conversationPages.In(t), nil}
}

// Rest gives back memory that is held for what is asked next: for a server that nobody has asked for a while.
func (s *Store) Rest(ctx context.Context) error {
	s.ForgetKept()
	return s.db.Rest(ctx)
}

// ForgetKept has what is kept in memory be read anew.
func (s *Store) ForgetKept() {
	s.kept.filterable.Forget()
	s.kept.contacts.Forget()
	s.kept.conversations.Forget()
	s.kept.whole.Forget()
	s.kept.contactPages.Forget()
	s.kept.conversationPages.Forget()
}

// Kept is how many contacts, and pages of lists of contacts, are in memory, be they as they were or not.
func (s *Store) Kept() (contacts, pages int) {
	s.kept.contacts.Each(func(string, string) { contacts++ })
	s.kept.contactPages.Each(func(string, string) { pages++ })
	return contacts, pages
}

// CheckKept compares what is kept in memory with what is in the database, and returns what differs.
func (s *Store) CheckKept(ctx context.Context) (wrong []string, err error) {
	contacts, err := check(ctx, s, s.kept.contacts, func(tx *Tx, ids []string) ([]*model.Contact, map[string]*model.Contact, error) {
		read, err := tx.Contacts.byID(ids)
		found := tx.kept.contacts.Find(ids)
		for i, c := range found {
			if c != nil {
				same := *c
				same.Encoded, found[i] = nil, &same
			}
		}
		return found, read, err
	})
	if err != nil {
		return nil, err
	}
	conversations, err := check(ctx, s, s.kept.conversations, func(tx *Tx, ids []string) ([]*model.Conversation, map[string]*model.Conversation, error) {
		read, err := tx.Conversations.byID(ids)
		found := tx.kept.conversations.Find(ids)
		for i, c := range found {
			if c != nil {
				same := *c
				same.Encoded, found[i] = nil, &same
			}
		}
		return found, read, err
	})
	if err != nil {
		return nil, err
	}
	whole, err := check(ctx, s, s.kept.whole, func(tx *Tx, ids []string) ([]*model.Conversation, map[string]*model.Conversation, error) {
		read := map[string]*model.Conversation{}
		reader := s.kept.whole.Reader(ctx, s.db, string(tx.Workspace))
		var found []*model.Conversation
		err := s.View(ctx, tx.Workspace, func(tx *Tx) error { // which begins behind the reader
			found = reader.In(tx.Tx).Find(ids)
			for i, c := range found {
				if c == nil {
					continue
				}
				now, err := tx.Conversations.Find(c.ID)
				if err != nil {
					return err
				}
				now.Whole = true
				found[i], read[ids[i]] = presented(c), presented(now)
			}
			return nil
		})
		return found, read, err
	})
	if err != nil {
		return nil, err
	}
	filterable, err := check(ctx, s, s.kept.filterable, func(tx *Tx, keys []string) ([]*Filterable, map[string]*Filterable, error) {
		read, err := tx.filterable()
		return tx.kept.filterable.Find(keys), map[string]*Filterable{"": read}, err
	})
	if err != nil {
		return nil, err
	}
	ofContacts, err := samePages(ctx, s, s.kept.contactPages, func(tx *Tx) keep.Reader[listed[model.Contact]] { return tx.kept.contactPages }, keyOfContact)
	if err != nil {
		return nil, err
	}
	ofConversations, err := samePages(ctx, s, s.kept.conversationPages, func(tx *Tx) keep.Reader[listed[model.Conversation]] { return tx.kept.conversationPages }, keyOfConversation)
	return slices.Concat(contacts, conversations, whole, filterable, ofContacts, ofConversations), err
}

// presented is a conversation without what makes no difference to who reads it: how long a part was waited for, which is not read, and which of its lists are not there
// rather than empty.
func presented(c *model.Conversation) *model.Conversation {
	c = c.Clone()
	c.Source.Attachments, c.Tags, c.Teammates = orNil(c.Source.Attachments), orNil(c.Tags), orNil(c.Teammates)
	parts := orNil(c.Parts)
	c.Parts = slices.Clone(parts)
	for i, p := range parts {
		part := *p
		part.Waited, part.Attachments, part.Options = model.Opt[int64]{}, orNil(part.Attachments), orNil(part.Options)
		c.Parts[i] = &part
	}
	return c
}

func orNil[E any](list []E) []E {
	if len(list) == 0 {
		return nil
	}
	return list
}

// check compares objects of one sort. Both returns those of a workspace as they are kept, with nil for those that are not found, and as they are.
func check[T any](ctx context.Context, s *Store, objects *keep.Objects[T],
	both func(tx *Tx, ids []string) (kept []*T, read map[string]*T, err error)) (wrong []string, err error) {
	byWorkspace := map[string][]string{}
	objects.Each(func(ws, id string) { byWorkspace[ws] = append(byWorkspace[ws], id) })
	for ws, ids := range byWorkspace {
		err := s.View(ctx, model.WorkspaceID(ws), func(tx *Tx) error {
			kept, read, err := both(tx, ids)
			for i, id := range ids {
				if err == nil && kept[i] != nil && !reflect.DeepEqual(kept[i], read[id]) {
					wrong = append(wrong, fmt.Sprintf("%s of %s is kept as %+v, and is %+v", id, ws, kept[i], read[id]))
				}
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return wrong, nil
}
