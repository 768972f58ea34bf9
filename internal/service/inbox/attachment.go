package inbox

import (
	"bytes"
	"context"
	"io"

	"parley/internal/model"
	"parley/internal/store"
)

// FindAttachment reads the attachment that a signed link leads to, and for how many
// seconds the link lasts. One that is wrong in whatever way, or has expired by the clock of its
// workspace, leads to none.
func (s *Service) FindAttachment(ctx context.Context, link model.FileLink) (a *model.Attachment, lasts int64, err error) {
	err = s.store.View(ctx, link.Workspace, func(tx *store.Tx) error {
		w, err := tx.Workspaces.Find()
		if err != nil {
			return err
		}
		tx.Enter(w.Sandbox)
		lasts = link.Expires - tx.Now()
		if !link.Verify(w.Secret, tx.Now()) {
			return model.ResourceNotFound()
		}
		if a, err = tx.Attachments.Find(link.Attachment); err == nil && a.Key == "" {
			err = model.ResourceNotFound() // it is elsewhere
		}
		return err
	})
	return a, lasts, err
}

// OpenAttachment opens the file of an attachment and tells its length in bytes.
// The context must last as long as the file is read.
func (s *Service) OpenAttachment(ctx context.Context, a *model.Attachment) (io.ReadSeekCloser, int64, error) {
	return s.files.Open(ctx, a.Key)
}

// FetchAttachment gets the file of an attachment that is a link so far, and keeps
// it. A *model.Error of get says that there is no use in asking again: then the
// attachment stays a link. It has two transactions, since in neither may anything
// wait for a stranger's server.
func (s *Service) FetchAttachment(ctx context.Context, ws model.WorkspaceID, id model.AttachmentID, get func(ctx context.Context, url string) ([]byte, error)) error {
	var a *model.Attachment
	err := s.store.View(ctx, ws, func(tx *store.Tx) (err error) {
		a, err = tx.Attachments.Find(id)
		return err
	})
	if isNotFound(err) { // an earlier attempt may have come as far as the file
		return s.DeleteBlob(ctx, model.AttachmentKey(ws, id))
	}
	if err != nil || a.Key != "" {
		return err
	}
	data, err := get(ctx, a.URL)
	if _, never := model.AsError(err); never {
		return nil
	} else if err != nil {
		return err
	}
	a.Fill(ws, data)
	if err := s.files.Put(ctx, a.Key, bytes.NewReader(data), a.Size, a.ContentType); err != nil {
		return err
	}
	var there bool
	err = s.store.Update(ctx, ws, func(tx *store.Tx) (err error) {
		there, err = tx.Attachments.Update(a)
		return err
	})
	if err == nil && !there { // the message was redacted meanwhile
		err = s.DeleteBlob(ctx, a.Key)
	}
	return err
}

// DeleteBlob drops a file unless a row names it, be it one of a snapshot or of a workspace that was made of one. A file that is
// gone already is no failure.
func (s *Service) DeleteBlob(ctx context.Context, key string) error {
	return s.DropFiles(ctx, []string{key})
}

// DropFiles is DeleteBlob for some files. Where a row names one still, who takes that row away has it looked at again.
func (s *Service) DropFiles(ctx context.Context, keys []string) error {
	free, err := s.store.UnnamedFiles(ctx, keys)
	if err != nil || len(free) == 0 {
		return err
	}
	for _, key := range free {
		if err := s.files.Delete(ctx, key); err != nil {
			return err
		}
	}
	return s.store.ForgetFiles(ctx, free)
}
