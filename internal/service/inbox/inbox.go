// Package inbox holds the rules of conversations, messages, tickets and ticket
// types, and of who they are assigned to.
// It must not know HTTP, JSON or SQL: each rule opens one transaction of the
// store and decides in it.
package inbox

import (
	"context"
	"slices"

	"parley/internal/blob"
	"parley/internal/model"
	"parley/internal/store"
)

// A Service is the rules, over a store and a place for files.
type Service struct {
	store *store.Store
	files blob.Store
}

// New makes the rules over a store and a place for files.
func New(s *store.Store, files blob.Store) *Service { return &Service{s, files} }

// show is what a conversation shows after a rule has changed it, unless that
// failed. One that was not loaded as a whole is read in a transaction of its own,
// so that nobody waits to write while its newest parts, which may be hundreds, are read.
func (s *Service) show(ctx context.Context, by *model.Actor, c *model.Conversation, err error) (*model.Conversation, error) {
	if err != nil {
		return nil, err
	}
	if c.Whole {
		return c, nil
	}
	return s.FindConversation(ctx, by, c.ID)
}

// isNotFound reports an error that says that something does not exist.
func isNotFound(err error) bool {
	e, ok := model.AsError(err)
	return ok && e.Kind == model.NotFound
}

// act is something that somebody does now.
func act(tx *store.Tx, ws *model.Workspace, by model.Author) model.Act {
	return model.Act{By: by, At: tx.Now(), Elapsed: func(from, to int64) int64 {
		return ws.OfficeHours.Between(from, to, ws.Location())
	}}
}

// findAdmin reads the admin that a request names as the one who acts.
func findAdmin(tx *store.Tx, id model.AdminID) (model.Author, error) {
	a, err := tx.Admins.FindAlone(id)
	if isNotFound(err) {
		return model.Author{}, model.AwayAdminNotFound()
	} else if err != nil {
		return model.Author{}, err
	}
	return model.ByAdmin(a), nil
}

// write writes what was done to a conversation, and tells it.
func write(tx *store.Tx, c *model.Conversation, parts ...*model.Part) error {
	if err := save(tx, c, parts...); err != nil {
		return err
	}
	tellParts(tx, c, parts)
	return nil
}

// save writes what was done to a conversation or ticket. It wakes when its time
// comes.
func save(tx *store.Tx, c *model.Conversation, parts ...*model.Part) error {
	for _, p := range parts {
		if err := tx.Conversations.AddPart(c, p); err != nil {
			return err
		}
		if err := fetchLinks(tx, p.Attachments); err != nil {
			return err
		}
	}
	c.UpdatedAt = max(c.UpdatedAt, tx.Now())
	if err := tx.Conversations.Update(c); err != nil {
		return err
	}
	if c.Whole {
		c.Show(parts...)
	}
	return schedule(tx, c, parts)
}

// schedule keeps the one job that wakes a conversation in step with it.
func schedule(tx *store.Tx, c *model.Conversation, parts []*model.Part) error {
	key := c.ID.String()
	for _, p := range slices.Backward(parts) { // the last one tells how it is now
		switch p.Type {
		case model.PartSnoozed:
			return tx.Jobs.Enqueue(model.Job{Kind: model.Unsnooze, Key: key, At: c.SnoozedUntil,
				Payload: model.UnsnoozePayload{Conversation: c.ID}})
		case model.PartOpen, model.PartClose, model.PartAssignAndUnsnooze:
			return tx.Jobs.Cancel(model.Unsnooze, key)
		}
	}
	return nil
}
