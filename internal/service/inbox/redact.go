package inbox

import (
	"context"

	"parley/internal/model"
	"parley/internal/model/event"
	"parley/internal/store"
)

// RedactPart takes the text and the files out of a part, for good.
func (s *Service) RedactPart(ctx context.Context, by *model.Actor, id model.ConversationID, part model.PartID) (*model.Conversation, error) {
	return s.redact(ctx, by, id, func(tx *store.Tx, c *model.Conversation) (changed bool, redacted *model.Part, err error) {
		p, err := tx.Conversations.FindPart(id, part)
		if err != nil || p.Redacted {
			return false, nil, err
		}
		if err := p.Redact(tx.Now()); err != nil {
			return false, nil, err
		}
		if err := dropFiles(tx, id, part); err != nil {
			return false, nil, err
		}
		p.Attachments = nil
		return true, p, tx.Conversations.UpdatePart(p)
	})
}

// RedactSource takes the text and the files out of the message that began a
// conversation, for good. A contact must have written it.
func (s *Service) RedactSource(ctx context.Context, by *model.Actor, id model.ConversationID, source model.MessageID) (*model.Conversation, error) {
	return s.redact(ctx, by, id, func(tx *store.Tx, c *model.Conversation) (changed bool, _ *model.Part, err error) {
		if c.Source.ID != source {
			return false, nil, model.PartOrMessageNotFound()
		}
		if c.Source.Redacted {
			return false, nil, nil
		}
		if err := c.Source.Redact(); err != nil {
			return false, nil, err
		}
		if err := dropFiles(tx, id, 0); err != nil {
			return false, nil, err
		}
		return true, nil, tx.Conversations.UpdateSource(c)
	})
}

func (s *Service) redact(ctx context.Context, by *model.Actor, id model.ConversationID, change func(*store.Tx, *model.Conversation) (changed bool, part *model.Part, err error)) (*model.Conversation, error) {
	var c *model.Conversation
	err := s.store.Update(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		if c, err = tx.Conversations.FindForUpdate(id); isNotFound(err) {
			return model.PartOrMessageNotFound()
		} else if err != nil {
			return err
		}
		changed, part, err := change(tx, c)
		if err != nil || !changed {
			return err
		}
		tx.Notify(event.PartRedacted, event.Conversation{ID: id, Part: part})
		if err = tx.ActivityLogs.Append(model.PartRedacted(by, id)); err != nil {
			return err
		}
		return save(tx, c)
	})
	return s.show(ctx, by, c, err)
}
