package inbox

import (
	"bytes"
	"context"

	"parley/internal/model"
	"parley/internal/store"
)

// withFiles keeps the files of a message while fn writes the rows that name them.
// When the message is refused, they are dropped again.
func (s *Service) withFiles(ctx context.Context, ws model.WorkspaceID, files []model.Upload, urls []string, fn func([]*model.Attachment) error) error {
	attachments, err := model.NewAttachments(ws, files, urls)
	if err != nil {
		return err
	}
	for i, u := range files { // they come first, in their order
		a := attachments[i]
		if err := s.files.Put(ctx, a.Key, bytes.NewReader(u.Data), a.Size, a.ContentType); err != nil {
			return err
		}
	}
	err = fn(attachments)
	// After any other failure the rows may be there nevertheless, if the database
	// was lost as it committed: a file too many is better than one too few.
	if _, refused := model.AsError(err); refused {
		for i := range files {
			s.files.Delete(context.WithoutCancel(ctx), attachments[i].Key) // what stays is only unused
		}
	}
	return err
}

// fetchLinks asks for the files of attachments that were given by URL.
func fetchLinks(tx *store.Tx, attachments []*model.Attachment) error {
	for _, a := range attachments {
		if a.Key != "" {
			continue
		}
		err := tx.Jobs.Enqueue(model.Job{Kind: model.FetchAttachment, Payload: model.FetchAttachmentPayload{Attachment: a.ID}})
		if err != nil {
			return err
		}
	}
	return nil
}

// dropFiles removes the attachments of a part, or of the source for part 0. Their
// files are deleted after the transaction.
func dropFiles(tx *store.Tx, id model.ConversationID, part model.PartID) error {
	keys, err := tx.Attachments.DeleteOfPart(id, part)
	if err != nil {
		return err
	}
	return deleteFiles(tx, keys)
}

func deleteFiles(tx *store.Tx, keys []string) error {
	for _, key := range keys {
		err := tx.Jobs.Enqueue(model.Job{Kind: model.DeleteBlob, Payload: model.DeleteBlobPayload{Key: key}})
		if err != nil {
			return err
		}
	}
	return nil
}
