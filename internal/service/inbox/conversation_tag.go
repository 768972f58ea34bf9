package inbox

import (
	"context"

	"parley/internal/model"
	"parley/internal/model/event"
	"parley/internal/store"
)

// AttachTag puts a tag on a conversation, in the name of an admin. Doing it twice
// changes nothing.
func (s *Service) AttachTag(ctx context.Context, by *model.Actor, id model.ConversationID, admin model.AdminID, tag model.TagID) (*model.AppliedTag, error) {
	var t *model.AppliedTag
	err := s.tag(ctx, by, id, admin, func(tx *store.Tx) (err error) {
		if _, err = tx.Tags.Find(tag); err != nil {
			return err
		}
		isNew, err := tx.Tags.AttachToConversation(tag, admin, id)
		if err != nil {
			return err
		}
		if t, err = tx.Tags.FindOnConversation(id, tag); err == nil && isNew {
			tx.Notify(event.PartTagCreated, event.TaggedPart{ID: id, Tag: t})
		}
		return err
	})
	return t, err
}

// DetachTag takes a tag off a conversation, in the name of an admin; it must be
// there.
func (s *Service) DetachTag(ctx context.Context, by *model.Actor, id model.ConversationID, admin model.AdminID, tag model.TagID) (*model.AppliedTag, error) {
	var t *model.AppliedTag
	err := s.tag(ctx, by, id, admin, func(tx *store.Tx) (err error) {
		if t, err = tx.Tags.FindOnConversation(id, tag); err != nil {
			return err
		}
		tx.Notify(event.Changed, event.Conversation{ID: id})
		return tx.Tags.DetachFromConversation(tag, id)
	})
	return t, err
}

func (s *Service) tag(ctx context.Context, by *model.Actor, id model.ConversationID, admin model.AdminID, change func(*store.Tx) error) error {
	return s.store.Update(ctx, by.Workspace.ID, func(tx *store.Tx) error {
		if err := tx.Conversations.MustExist(id); isNotFound(err) {
			return model.ConversationNotFound()
		} else if err != nil {
			return err
		}
		if _, err := findAdmin(tx, admin); err != nil {
			return err
		}
		if err := change(tx); err != nil {
			return err
		}
		return tx.Conversations.Touch(id)
	})
}
