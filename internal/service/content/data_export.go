package content

import (
	"context"
	"io"

	"parley/internal/model"
	"parley/internal/model/content"
	"parley/internal/model/event"
	"parley/internal/store"
)

// CreateDataExport begins an export of what was sent from one time to another, in
// Unix seconds, both included. A workspace has one at a time.
func (s *Service) CreateDataExport(ctx context.Context, by *model.Actor, after, before int64) (*content.DataExport, error) {
	var e *content.DataExport
	err := s.store.Update(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		if e, err = content.NewDataExport(after, before, tx.Now()); err != nil {
			return err
		}
		if err := tx.Retake("export", (*string)(&e.ID)); err != nil {
			return err
		}
		if alone, err := tx.DataExports.Insert(e); err != nil {
			return err
		} else if !alone {
			return content.OneExportAtATime()
		}
		if err := tx.Jobs.Enqueue(nextPart(e)); err != nil {
			return err
		}
		tx.Notify(event.Changed, event.Other("data_export", string(e.ID)))
		return tx.ActivityLogs.Append(model.DataExportCreated(by, string(e.ID), after, before))
	})
	return e, err
}

// FindDataExport reads an export that has not expired.
func (s *Service) FindDataExport(ctx context.Context, by *model.Actor, id content.DataExportID) (*content.DataExport, error) {
	var e *content.DataExport
	err := s.store.View(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		e, err = unexpired(tx, id, tx.DataExports.Find)
		return err
	})
	return e, err
}

// CancelDataExport ends an export that is not over. One that is stays as it is.
func (s *Service) CancelDataExport(ctx context.Context, by *model.Actor, id content.DataExportID) (*content.DataExport, error) {
	var e *content.DataExport
	err := s.store.Update(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		if e, err = unexpired(tx, id, tx.DataExports.FindForUpdate); err != nil || e.IsOver() {
			return err
		}
		e.Finish(content.ExportCanceled, tx.Now())
		return finish(tx, e)
	})
	return e, err
}

// OpenDataExport opens the file of an export that is completed: a gzip stream,
// whose length in bytes is the export's Size. The context must last as long as the
// file is read.
func (s *Service) OpenDataExport(ctx context.Context, by *model.Actor, id content.DataExportID) (*content.DataExport, io.ReadCloser, error) {
	var e *content.DataExport
	file := &exportFile{ctx: ctx, files: s.files}
	err := s.store.View(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		if e, err = unexpired(tx, id, tx.DataExports.Find); err != nil {
			return err
		}
		if !e.CanBeDownloaded(tx.Now()) {
			return content.ExportHasNoFile(e)
		}
		file.parts, err = tx.DataExports.Parts(id)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	file.key = func(n int64) string { return e.Key(by.Workspace.ID, n) }
	// A file that is not there shows while it can still be said.
	if err := file.next(); err != nil {
		return nil, nil, err
	}
	return e, file, nil
}

// unexpired reads an export that is still to be found.
func unexpired(tx *store.Tx, id content.DataExportID, find func(content.DataExportID) (*content.DataExport, error)) (*content.DataExport, error) {
	e, err := find(id)
	if err == nil && e.HasExpired(tx.Now()) {
		err = content.ExportNotFound(id)
	}
	return e, err
}

// finish writes an export that is over now. It is forgotten when it expires; where
// it cannot be downloaded, what there is of its file goes at once.
func finish(tx *store.Tx, e *content.DataExport) error {
	tx.Notify(event.Changed, event.Other("data_export", string(e.ID)))
	if err := tx.DataExports.Update(e); err != nil {
		return err
	}
	if e.Files > 0 && !e.CanBeDownloaded(tx.Now()) {
		if err := tx.Jobs.Enqueue(sweep(e, 0, 0)); err != nil {
			return err
		}
	}
	return tx.Jobs.Enqueue(sweep(e, 0, e.ExpiresAt()))
}

func nextPart(e *content.DataExport) model.Job {
	return model.Job{Kind: model.ExportReceipts, Payload: model.ExportReceiptsPayload{Export: string(e.ID), Part: e.Parts}}
}

func sweep(e *content.DataExport, file, at int64) model.Job {
	return model.Job{Kind: model.SweepDataExport, At: at, Payload: model.SweepDataExportPayload{Export: string(e.ID), File: file}}
}

// sweepStep is how many files one run of SweepDataExport drops: in a bucket, each
// is a request.
const sweepStep = 200

// SweepDataExport drops the files of an export that is over and cannot be
// downloaded, those of attempts that failed too, and the export with them once it
// has expired. It begins behind the file whose number is given, drops some and asks
// to be run again for those that follow.
func (s *Service) SweepDataExport(ctx context.Context, ws model.WorkspaceID, id content.DataExportID, file int64) error {
	var e *content.DataExport
	idle := false
	err := s.store.View(ctx, ws, func(tx *store.Tx) (err error) {
		if e, err = tx.DataExports.Find(id); err == nil {
			idle = !e.IsOver() || e.CanBeDownloaded(tx.Now())
		}
		return err
	})
	if isNotFound(err) || idle {
		return nil
	} else if err != nil {
		return err
	}
	// The row names the files, and so goes after them.
	last := min(e.Files, file+sweepStep)
	for ; file < last; file++ {
		if err := s.files.Delete(ctx, e.Key(ws, file+1)); err != nil {
			return err
		}
	}
	return s.store.Update(ctx, ws, func(tx *store.Tx) error {
		switch {
		case last < e.Files:
			return tx.Jobs.Enqueue(sweep(e, last, 0))
		case e.HasExpired(tx.Now()):
			return tx.DataExports.Delete(id)
		}
		return nil
	})
}
