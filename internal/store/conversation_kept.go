package store

import (
	"fmt"
	"slices"
	"sync/atomic"

	"parley/internal/db"
	"parley/internal/model"
	"parley/internal/store/record"
)

func scanConversationID(row record.Scanner) (*model.Conversation, error) {
	var c model.Conversation
	err := row.Scan(&c.ID)
	return &c, err
}

func keyOfConversation(c *model.Conversation) string { return c.ID.String() }

// conversationsOf are conversations of which only the ids are known.
func conversationsOf(ids []string) []*model.Conversation {
	conversations := make([]*model.Conversation, len(ids))
	for i, id := range ids {
		conversations[i] = &model.Conversation{ID: model.Decimal[model.ConversationID](id)}
	}
	return conversations
}

// page reads what conversations of a page show: all of it, or of what is not at hand where only the ids were read.
func (s Conversations) page(items []*model.Conversation) error {
	if !s.kept.conversations.Keeps() {
		return s.loadItems(items)
	}
	return s.complete(items)
}

// complete puts conversations as lists show them in the place of those of which only the ids were read. There may be nothing to find them in: where somebody
// commits while a transaction begins, it is not known of some of what is kept how it is.
func (s Conversations) complete(items []*model.Conversation) error {
	ids := make([]string, len(items))
	for i, c := range items {
		ids[i] = c.ID.String()
	}
	found, err := s.kept.conversations.Complete(ids, func(missing []string) (map[string]*model.Conversation, error) {
		read, err := s.byID(missing)
		if err != nil {
			return nil, err
		}
		for id, c := range read {
			c.Encoded = &atomic.Pointer[[]byte]{}
			s.kept.conversations.Keep(id, c, record.ConversationWeight(c), peopleOf(c)...)
		}
		return read, nil
	})
	copy(items, found)
	return err
}

// byID reads conversations by their ids as lists show them.
func (s Conversations) byID(ids []string) (map[string]*model.Conversation, error) {
	var read []*model.Conversation
	byID := make(map[string]*model.Conversation, len(ids))
	err := s.Rows(`SELECT `+conversationColumns+`, `+sourceColumns+` FROM `+conversationTables+`
		WHERE c.workspace_id = $1 AND c.id `+s.Dialect().InInts("$2"), []any{s.Workspace, record.ToJSON(ids)}, func(r *db.Rows) error {
		c, err := scanConversation(r)
		read, byID[c.ID.String()] = append(read, c), c
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("store: load conversations: %w", err)
	}
	return byID, s.loadItems(read)
}

// keepShown keeps the conversation that the transaction knows as a whole for who writes to it next. It is called at the end, and nobody changes it any more.
func (s Conversations) keepShown() {
	c := s.current
	if c == nil || !c.Whole || len(c.Parts) > partsWhileHeld {
		return
	}
	bytes, people := record.ConversationWeight(c), peopleOf(c)
	for _, p := range c.Parts {
		bytes += record.PartWeight(p)
		if p.Author.IsContact() && !slices.Contains(people, string(p.Author.Contact)) {
			people = append(people, string(p.Author.Contact)) // who may take part no more
		}
	}
	s.whole.Keep(c.ID.String(), c, bytes, people...)
}

// peopleOf are the contacts of whom a list shows something with a conversation.
func peopleOf(c *model.Conversation) (ids []string) {
	for _, p := range c.Contacts {
		ids = append(ids, string(p.ID))
	}
	if c.Source.Author.IsContact() {
		ids = append(ids, string(c.Source.Author.Contact))
	}
	return ids
}
