package content

import (
	"fmt"

	"parley/internal/db"
	"parley/internal/model/content"
	"parley/internal/store/record"
)

// DataExports are the exports of what was sent, and the receipts that they are
// made of.
type DataExports struct{ *record.Scope }

const exportColumns = `id, sent_after, sent_before, status, last_sent_at, last_message_id, receipts, parts, size, checksum,
	text_length, files, attempts, created_at, finished_at`

func scanExport(row record.Scanner) (*content.DataExport, error) {
	var e content.DataExport
	err := row.Scan(&e.ID, &e.After, &e.Before, &e.Status, &e.LastSentAt, &e.LastMessage, &e.Receipts, &e.Parts, &e.Size, &e.Checksum,
		&e.TextLength, &e.Files, &e.Attempts, &e.CreatedAt, record.OrZero(&e.FinishedAt))
	return &e, err
}

func (s DataExports) values(e *content.DataExport) []any {
	return []any{s.Workspace, e.ID, e.After, e.Before, e.Status, e.LastSentAt, e.LastMessage, e.Receipts, e.Parts, e.Size, e.Checksum,
		e.TextLength, e.Files, e.Attempts, e.CreatedAt, record.Number(e.FinishedAt)}
}

// Insert writes a new export, unless the workspace has another that is not over.
// It reports whether it did.
func (s DataExports) Insert(e *content.DataExport) (bool, error) {
	n, err := s.Exec(`INSERT INTO data_exports (workspace_id, `+exportColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
		ON CONFLICT (workspace_id) WHERE finished_at IS NULL DO NOTHING`, s.values(e)...)
	if err != nil {
		return false, fmt.Errorf("store: insert export: %w", err)
	}
	return n == 1, nil
}

// Update writes an export back.
func (s DataExports) Update(e *content.DataExport) error {
	err := s.Write(`UPDATE data_exports SET sent_after = $3, sent_before = $4, status = $5, last_sent_at = $6,
			last_message_id = $7, receipts = $8, parts = $9, size = $10, checksum = $11, text_length = $12, files = $13,
			attempts = $14, created_at = $15, finished_at = $16
		WHERE workspace_id = $1 AND id = $2`, s.values(e)...)
	if err != nil {
		return fmt.Errorf("store: update export: %w", err)
	}
	return nil
}

// Find reads an export, be it one that has expired.
func (s DataExports) Find(id content.DataExportID) (*content.DataExport, error) { return s.one(id, "") }

// FindForUpdate is Find and holds the export until the transaction ends, where the
// database can.
func (s DataExports) FindForUpdate(id content.DataExportID) (*content.DataExport, error) {
	return s.one(id, s.Dialect().ForUpdate())
}

func (s DataExports) one(id content.DataExportID, lock string) (*content.DataExport, error) {
	e, err := scanExport(s.QueryRow(`SELECT `+exportColumns+` FROM data_exports WHERE workspace_id = $1 AND id = $2`+lock,
		s.Workspace, id))
	return e, record.OrNotFound(err, content.ExportNotFound(id))
}

// Delete removes an export and what is known of its parts.
func (s DataExports) Delete(id content.DataExportID) error {
	if err := s.Write(`DELETE FROM data_exports WHERE workspace_id = $1 AND id = $2`, s.Workspace, id); err != nil {
		return fmt.Errorf("store: delete export: %w", err)
	}
	return nil
}

// AddPart writes where the part of that number is.
func (s DataExports) AddPart(id content.DataExportID, number int64, p *content.ExportPart) error {
	err := s.Write(`INSERT INTO data_export_parts (workspace_id, export_id, number, file, size) VALUES ($1, $2, $3, $4, $5)`,
		s.Workspace, id, number, p.File, p.Size)
	if err != nil {
		return fmt.Errorf("store: add part of export: %w", err)
	}
	return nil
}

// Parts reads where the parts of an export are, in their order.
func (s DataExports) Parts(id content.DataExportID) ([]content.ExportPart, error) {
	var parts []content.ExportPart
	err := s.Rows(`SELECT file, size FROM data_export_parts WHERE workspace_id = $1 AND export_id = $2 ORDER BY number`,
		[]any{s.Workspace, id}, func(r *db.Rows) error {
			var p content.ExportPart
			err := r.Scan(&p.File, &p.Size)
			parts = append(parts, p)
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("store: read parts of export: %w", err)
	}
	return parts, nil
}

// maxTitleSource is how many characters of a body are read to show its beginning.
const maxTitleSource = "4000"

// EachReceipt reads the next receipts of an export, in the order in which the
// messages were sent: the most that are asked for, in one statement. Each is given
// to fn and not kept.
func (s DataExports) EachReceipt(e *content.DataExport, most int, fn func(*content.Receipt) error) error {
	err := s.Rows(`SELECT m.id, m.type, m.subject, CASE WHEN m.type = 'email' THEN '' ELSE substr(m.body, 1, `+maxTitleSource+`) END,
			m.created_at, m.contact_id, c.external_id, c.email, c.name,
			(SELECT a.company_id FROM contact_companies a WHERE a.workspace_id = m.workspace_id AND a.contact_id = m.contact_id
				ORDER BY a.created_at DESC, a.company_id DESC LIMIT 1),
			m.first_reply_at, m.first_open_at, m.first_click_at, m.first_dismissal_at, m.first_unsubscribe_at, m.first_hard_bounce_at
		FROM messages m JOIN contacts c ON c.workspace_id = m.workspace_id AND c.id = m.contact_id
		WHERE m.workspace_id = $1 AND m.sent AND (m.created_at, m.id) > ($2, $3) AND m.created_at <= $4
		ORDER BY m.created_at, m.id LIMIT $5`,
		[]any{s.Workspace, e.LastSentAt, e.LastMessage, e.Until(), most}, func(row *db.Rows) error {
			var r content.Receipt
			f := &r.First
			err := row.Scan(&r.Message, &r.Type, &r.Subject, &r.Body, &r.SentAt, &r.Contact, record.OrEmpty(&r.ExternalID),
				record.OrEmpty(&r.Email), record.OrEmpty(&r.Name), record.OrEmpty((*string)(&r.Company)), record.OrZero(&f.Reply),
				record.OrZero(&f.Open), record.OrZero(&f.Click), record.OrZero(&f.Dismissal), record.OrZero(&f.Unsubscribe),
				record.OrZero(&f.HardBounce))
			if err != nil {
				return err
			}
			return fn(&r)
		})
	if err != nil {
		return fmt.Errorf("store: read receipts: %w", err)
	}
	return nil
}
