package store

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"parley/internal/db"
	"parley/internal/model"
	"parley/internal/store/record"
	copies "parley/internal/store/sandbox"
)

// Attachments are the files of messages. A message is a part of a conversation
// or, as part 0, its source.
type Attachments struct{ *scope }

const attachmentColumns = `id, name, content_type, size, width, height, blob_key, url`

func scanAttachment(row record.Scanner) (*model.Attachment, error) {
	var a model.Attachment
	err := row.Scan(&a.ID, &a.Name, &a.ContentType, &a.Size, record.OrZero(&a.Width), record.OrZero(&a.Height), record.OrEmpty(&a.Key), record.OrEmpty(&a.URL))
	return &a, err
}

// Insert writes the attachments of a new message, in their order.
func (s Attachments) Insert(conversation model.ConversationID, part model.PartID, attachments []*model.Attachment) error {
	if len(attachments) == 0 {
		return nil
	}
	args := []any{s.Workspace, conversation, part, s.Now()}
	var rows []string
	for i, a := range attachments {
		row := []string{"$1", "$2", "$3", "$4"}
		for _, v := range []any{i, a.ID, a.Name, a.ContentType, a.Size, record.Number(a.Width), record.Number(a.Height), record.Text(a.Key), record.Text(a.URL)} {
			args = append(args, v)
			row = append(row, "$"+strconv.Itoa(len(args)))
		}
		rows = append(rows, "("+strings.Join(row, ", ")+")")
	}
	err := s.Write(`INSERT INTO attachments (workspace_id, conversation_id, part_id, created_at, position, `+attachmentColumns+`)
		VALUES `+strings.Join(rows, ", "), args...)
	if err != nil {
		return fmt.Errorf("store: insert attachments: %w", err)
	}
	return nil
}

// Find reads an attachment.
func (s Attachments) Find(id model.AttachmentID) (*model.Attachment, error) {
	a, err := scanAttachment(s.QueryRow(`SELECT `+attachmentColumns+` FROM attachments WHERE workspace_id = $1 AND id = $2`,
		s.Workspace, id))
	return a, record.OrNotFound(err, model.ResourceNotFound())
}

// ofParts reads the attachments of those parts of a conversation that a condition on $3 names.
func (s Attachments) ofParts(condition string, id model.ConversationID, arg any, found func(model.PartID, *model.Attachment)) record.Reading {
	return attachmentsOf(`SELECT part_id, `+attachmentColumns+` FROM attachments
		WHERE workspace_id = $1 AND conversation_id = $2 AND `+condition+` ORDER BY part_id, position`, []any{s.Workspace, id, arg}, found)
}

// ofSources reads the attachments of the sources of conversations and tickets. byID has them when it is read.
func (s Attachments) ofSources(byID map[model.ConversationID]*model.Conversation, ids []model.ConversationID) record.Reading {
	these, of := oneOf(s.Dialect().InInts, ids)
	return attachmentsOf(`SELECT conversation_id, `+attachmentColumns+` FROM attachments
		WHERE workspace_id = $1 AND conversation_id `+these+` AND part_id = 0
		ORDER BY conversation_id, position`, []any{s.Workspace, of}, func(id model.ConversationID, a *model.Attachment) {
		byID[id].Source.Attachments = append(byID[id].Source.Attachments, a)
	})
}

// attachmentsOf reads attachments whose first column says what they are of.
func attachmentsOf[ID ~int64](statement string, args []any, found func(ID, *model.Attachment)) record.Reading {
	return record.Reading{Of: "attachments", Statement: statement, Args: args, Scan: func(r *db.Rows) error {
		var of ID
		a, err := scanAttachment(record.Behind(r, &of))
		found(of, a)
		return err
	}}
}

// Update writes what is known of a file now that it has been fetched, and reports
// whether its message still has it.
func (s Attachments) Update(a *model.Attachment) (bool, error) {
	n, err := s.Exec(`UPDATE attachments SET content_type = $3, size = $4, width = $5, height = $6, blob_key = $7
		WHERE workspace_id = $1 AND id = $2`,
		s.Workspace, a.ID, a.ContentType, a.Size, record.Number(a.Width), record.Number(a.Height), record.Text(a.Key))
	if err != nil {
		return false, fmt.Errorf("store: update attachment: %w", err)
	}
	return n == 1, nil
}

// DeleteOfPart removes the attachments of a message, and returns the keys of the
// blobs that nothing names any more.
func (s Attachments) DeleteOfPart(conversation model.ConversationID, part model.PartID) ([]string, error) {
	return s.delete(`conversation_id = $2 AND part_id = $3`, conversation, part)
}

// DeleteOfConversations removes the attachments of conversations and tickets, and
// returns the keys of the blobs that nothing names any more.
func (s Attachments) DeleteOfConversations(ids ...model.ConversationID) ([]string, error) {
	return s.delete(`conversation_id `+s.Dialect().InInts("$2"), record.ToJSON(ids))
}

// DeleteOfContact removes the attachments of all that a contact wrote in
// conversations, and returns the keys of the blobs that nothing names any more.
func (s Attachments) DeleteOfContact(id model.ContactID) ([]string, error) {
	return s.delete(`(conversation_id, part_id) IN (
		SELECT conversation_id, id FROM conversation_parts WHERE workspace_id = $1 AND contact_id = $2
		UNION ALL SELECT conversation_id, 0 FROM conversation_sources WHERE workspace_id = $1 AND contact_id = $2)`, id)
}

func (s Attachments) delete(condition string, args ...any) ([]string, error) {
	var keys []string
	err := s.Rows(`DELETE FROM attachments WHERE workspace_id = $1 AND `+condition+` RETURNING blob_key`,
		append([]any{s.Workspace}, args...), func(r *db.Rows) error {
			var key string
			err := r.Scan(record.OrEmpty(&key))
			if key != "" {
				keys = append(keys, key)
			}
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("store: delete attachments: %w", err)
	}
	return keys, nil
}

// UnnamedFiles returns those of some files that no row names, of whatever workspace.
func (s *Store) UnnamedFiles(ctx context.Context, keys []string) (free []string, err error) {
	return free, s.view(ctx, func(t *db.Tx) (err error) { free, err = copies.Unnamed(t, keys); return err })
}

// ForgetFiles is for files that UnnamedFiles returned and that are deleted.
func (s *Store) ForgetFiles(ctx context.Context, keys []string) error {
	return s.update(ctx, func(t *db.Tx) error { return copies.Forget(t, keys) })
}
