package inbox

import (
	"context"

	"parley/internal/model"
	"parley/internal/store"
)

// AskForRating asks the contact what it thinks of a conversation; who is rated is
// the admin who has it.
func (s *Service) AskForRating(ctx context.Context, by *model.Actor, id model.ConversationID) error {
	return s.change(ctx, by, id, func(tx *store.Tx, c *model.Conversation) ([]*model.Part, error) {
		c.AskForRating(tx.Now())
		return nil, nil
	})
}

// RateConversation records what a contact who takes part thinks of a conversation,
// from 1 to 5.
func (s *Service) RateConversation(ctx context.Context, by *model.Actor, id model.ConversationID, who model.ContactRef, score int64, remark string) error {
	return s.change(ctx, by, id, func(tx *store.Tx, c *model.Conversation) ([]*model.Part, error) {
		author, err := participant(tx, c, who)
		if err != nil {
			return nil, err
		}
		return c.Rate(act(tx, by.Workspace, author), score, remark)
	})
}

// A Label is how teammates mark a conversation.
type Label struct {
	Title    string
	Priority bool
	Read     bool
}

// LabelConversation marks a conversation, which leaves no part.
func (s *Service) LabelConversation(ctx context.Context, by *model.Actor, id model.ConversationID, l Label) error {
	if err := model.ValidateMessage(l.Title, "", ""); err != nil {
		return err
	}
	return s.change(ctx, by, id, func(tx *store.Tx, c *model.Conversation) ([]*model.Part, error) {
		before := *c
		c.Title, c.Priority, c.Read = l.Title, l.Priority, l.Read
		tellMarks(tx, before, c)
		return nil, nil
	})
}

// change does something to a conversation that is held, and writes what came of
// it.
func (s *Service) change(ctx context.Context, by *model.Actor, id model.ConversationID, do func(*store.Tx, *model.Conversation) ([]*model.Part, error)) error {
	return s.store.Update(ctx, by.Workspace.ID, func(tx *store.Tx) error {
		c, err := tx.Conversations.FindForUpdate(id)
		if err != nil {
			return err
		}
		parts, err := do(tx, c)
		if err != nil {
			return err
		}
		return write(tx, c, parts...)
	})
}
