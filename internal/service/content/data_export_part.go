package content

import (
	"bytes"
	"context"
	"encoding/csv"
	"strings"

	"parley/internal/model"
	"parley/internal/model/content"
	"parley/internal/richtext"
	"parley/internal/store"
)

// defaultExportStep is how many receipts a part has: little to hold in memory, and
// little to do again after a crash.
const defaultExportStep = 5_000

// ExportReceipts writes the next part of an export, if that is the part of the
// given number, and asks for the one that follows. It has two short transactions
// around the work, which is done on a snapshot. The first gives the attempt a file
// of its own; by the second the file becomes a part, unless the export is over by
// then or another attempt has begun. So what was written twice is never read twice.
func (s *Service) ExportReceipts(ctx context.Context, ws model.WorkspaceID, id content.DataExportID, part int64) error {
	e, err := s.beginPart(ctx, ws, id, part)
	if e == nil || err != nil {
		return err
	}
	p, file, err := s.readPart(ctx, ws, e)
	if err == nil && p.Size > 0 {
		err = s.files.Put(ctx, e.Key(ws, p.File), bytes.NewReader(file), p.Size, "application/octet-stream")
	}
	if err == nil {
		err = s.endPart(ctx, ws, e, p)
	}
	// One that was cut off may have been stopped with the server. It is run again,
	// and then beginPart sees that there were too many.
	if err != nil && e.Attempts == content.MaxExportAttempts && ctx.Err() == nil {
		if err := s.failExport(ctx, ws, e); err != nil {
			return err
		}
	}
	return err
}

// beginPart begins an attempt at a part. Where there is nothing to do there is no
// export.
func (s *Service) beginPart(ctx context.Context, ws model.WorkspaceID, id content.DataExportID, part int64) (e *content.DataExport, err error) {
	err = s.store.Update(ctx, ws, func(tx *store.Tx) error {
		e = nil
		found, err := tx.DataExports.FindForUpdate(id)
		if isNotFound(err) || err == nil && !found.Awaits(part) {
			return nil
		} else if err != nil {
			return err
		}
		if !found.Attempt(tx.Now()) { // the last attempt did not even come to its end
			return finish(tx, found)
		}
		e = found
		return tx.DataExports.Update(e)
	})
	return e, err
}

// readPart makes the next part and the bytes of it.
func (s *Service) readPart(ctx context.Context, ws model.WorkspaceID, e *content.DataExport) (*content.ExportPart, []byte, error) {
	p := &content.ExportPart{File: e.Files, LastSentAt: e.LastSentAt, LastMessage: e.LastMessage}
	out, err := newGzipPart(e)
	if err != nil {
		return nil, nil, err
	}
	lines := csv.NewWriter(out)
	err = s.store.View(ctx, ws, func(tx *store.Tx) error {
		var values []string
		return tx.DataExports.EachReceipt(e, s.exportStep, func(r *content.Receipt) error {
			if e.Receipts+p.Receipts == 0 {
				lines.Write(content.ReceiptColumns()) // what goes wrong with a line is told by Error
			}
			p.Receipts++
			p.LastSentAt, p.LastMessage = r.SentAt, r.Message
			values = r.AppendRecord(values[:0], title(r), e.Before)
			return lines.Write(values)
		})
	})
	lines.Flush()
	if err == nil {
		err = lines.Error()
	}
	if err != nil || e.Receipts+p.Receipts == 0 {
		return p, nil, err
	}
	file, err := out.end(isLast(p, s.exportStep))
	p.Size, p.Checksum, p.TextLength = int64(len(file)), out.checksum, out.length
	return p, file, err
}

// isLast reports whether no receipts follow a part.
func isLast(p *content.ExportPart, step int) bool { return p.Receipts < int64(step) }

// title is what a message is called: the subject of an e-mail, else the beginning
// of the text.
func title(r *content.Receipt) string {
	if r.Type == model.Email {
		return r.Subject
	}
	text := []rune(strings.Join(strings.Fields(model.OneLine(richtext.Text(r.Body))), " "))
	return string(text[:min(len(text), model.MaxText)])
}

// endPart puts a part that is written behind the others. Where it is no longer
// wanted, its file goes.
func (s *Service) endPart(ctx context.Context, ws model.WorkspaceID, begun *content.DataExport, p *content.ExportPart) error {
	var taken bool
	err := s.store.Update(ctx, ws, func(tx *store.Tx) error {
		e, err := tx.DataExports.FindForUpdate(begun.ID)
		taken = err == nil && !e.IsOver() && e.Files == begun.Files
		if isNotFound(err) || err == nil && !taken {
			return nil
		} else if err != nil {
			return err
		}
		last := isLast(p, s.exportStep)
		if p.Size > 0 {
			if err := tx.DataExports.AddPart(e.ID, e.Parts, p); err != nil {
				return err
			}
			e.Advance(p)
		}
		switch {
		case !last:
			if err := tx.DataExports.Update(e); err != nil {
				return err
			}
			return tx.Jobs.Enqueue(nextPart(e))
		case e.Receipts == 0:
			e.Finish(content.ExportNoData, tx.Now())
		default:
			e.Finish(content.ExportCompleted, tx.Now())
		}
		return finish(tx, e)
	})
	// After a failure the part may be there nevertheless, if the database was lost as
	// it committed. The file is swept with the export.
	if err == nil && !taken && p.Size > 0 {
		err = s.files.Delete(ctx, begun.Key(ws, p.File))
	}
	return err
}

// failExport ends an export whose last attempt at a part has failed.
func (s *Service) failExport(ctx context.Context, ws model.WorkspaceID, begun *content.DataExport) error {
	return s.store.Update(ctx, ws, func(tx *store.Tx) error {
		e, err := tx.DataExports.FindForUpdate(begun.ID)
		if isNotFound(err) || err == nil && (e.IsOver() || e.Files != begun.Files) {
			return nil
		} else if err != nil {
			return err
		}
		e.Finish(content.ExportFailed, tx.Now())
		return finish(tx, e)
	})
}
