package people

import (
	"parley/internal/model"
	"parley/internal/model/event"
	"parley/internal/store"
)

// forgetConversations deletes the conversations and tickets that a contact is
// alone in, and takes the text out of what it wrote in others. The files go with
// the texts.
func forgetConversations(tx *store.Tx, id model.ContactID) error {
	alone, err := tx.Conversations.WithOnly(id)
	if err != nil {
		return err
	}
	keys, err := tx.Attachments.DeleteOfConversations(alone...)
	if err != nil {
		return err
	}
	if err := tx.Conversations.Delete(alone...); err != nil {
		return err
	}
	for _, id := range alone {
		tx.Notify(event.ConversationDeleted, event.Gone{Was: event.Conversation{ID: id}.Object()})
	}
	written, err := tx.Attachments.DeleteOfContact(id)
	if err != nil {
		return err
	}
	if err := tx.Conversations.RedactContact(id); err != nil {
		return err
	}
	for _, key := range append(keys, written...) {
		err := tx.Jobs.Enqueue(model.Job{Kind: model.DeleteBlob, Payload: model.DeleteBlobPayload{Key: key}})
		if err != nil {
			return err
		}
	}
	return nil
}
