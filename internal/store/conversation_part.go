package store

import (
	"fmt"
	"slices"

	"parley/internal/db"
	"parley/internal/model"
	"parley/internal/store/record"
)

const partColumns = `id, type, body, author_type, contact_id, admin_id, assigned_type, assigned_id, created_at, updated_at,
	external_id, redacted, details`

// partDetails is what few parts have.
type partDetails struct {
	Options []model.ReplyOption `json:"options,omitzero"`
	State   model.TicketState   `json:"state,omitzero"`
	Before  model.TicketState   `json:"before,omitzero"`
}

func scanPart(row record.Scanner) (*model.Part, error) {
	var p model.Part
	var d partDetails
	err := row.Scan(&p.ID, &p.Type, record.OrEmpty(&p.Body), &p.Author.Type, record.OrEmpty((*string)(&p.Author.Contact)),
		record.OrZero(&p.Author.Admin), record.OrEmpty((*string)(&p.AssignedTo.Type)), record.OrZero(&p.AssignedTo.ID), &p.CreatedAt, &p.UpdatedAt,
		record.OrEmpty(&p.ExternalID), &p.Redacted, record.JSONColumn(&d))
	p.NotifiedAt, p.Options, p.State, p.Before = p.CreatedAt, d.Options, d.State, d.Before
	return &p, err
}

// AddPart writes a new part of a conversation or ticket, and gives it its id. Who
// wrote it has taken part from now on. The conversation itself is written after
// it, with Update: the part may have moved its median.
func (s Conversations) AddPart(c *model.Conversation, p *model.Part) error {
	var before record.Median
	if p.Waited.Has() { // read before anything is written, for who has said of it
		var err error
		if before, err = s.median(c.ID); err != nil {
			return err
		}
	}
	id, err := s.NextIDOfMany("part")
	if err != nil {
		return err
	}
	p.ID, p.Conversation = model.PartID(id), c.ID
	err = s.Write(`INSERT INTO conversation_parts (workspace_id, conversation_id, `+partColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
		s.Workspace, c.ID, p.ID, p.Type, record.Text(p.Body), p.Author.Type, record.Text(string(p.Author.Contact)), record.Number(p.Author.Admin),
		record.Text(string(p.AssignedTo.Type)), record.Number(p.AssignedTo.ID), p.CreatedAt, p.UpdatedAt, record.Text(p.ExternalID), p.Redacted,
		record.ToJSON(partDetails{p.Options, p.State, p.Before}))
	if err != nil {
		return fmt.Errorf("store: add part: %w", err)
	}
	if p.Author.Type == model.AuthorAdmin && !(c.Whole && slices.Contains(c.Teammates, p.Author.Admin)) {
		err = s.Write(`INSERT INTO conversation_teammates (workspace_id, conversation_id, admin_id) VALUES ($1, $2, $3)
			ON CONFLICT DO NOTHING`, s.Workspace, c.ID, p.Author.Admin)
		if err != nil {
			return fmt.Errorf("store: add teammate: %w", err)
		}
	}
	if len(p.Attachments) > 0 {
		if err := Attachments(s).Insert(c.ID, p.ID, p.Attachments); err != nil {
			return err
		}
	}
	if p.Waited.Has() {
		return s.addReplyTime(c, p, before)
	}
	return nil
}

const (
	readMedian = `SELECT replies, 0, seconds, part_id FROM conversation_medians WHERE workspace_id = $1 AND conversation_id = $2` +
		besideMedian + `-1, seconds, part_id FROM conversation_reply_times WHERE workspace_id = $1 AND conversation_id = $2
			AND (seconds, part_id) < ` + ofMedian + ` ORDER BY seconds DESC, part_id DESC LIMIT 1) AS below` +
		besideMedian + `1, seconds, part_id FROM conversation_reply_times WHERE workspace_id = $1 AND conversation_id = $2
			AND (seconds, part_id) > ` + ofMedian + ` ORDER BY seconds, part_id LIMIT 1) AS above`
	besideMedian = ` UNION ALL SELECT * FROM (SELECT 0, `
	ofMedian     = `(SELECT seconds, part_id FROM conversation_medians WHERE workspace_id = $1 AND conversation_id = $2)`
)

// ExpectAnswer says that after the next statement an admin's message may be added to a conversation: see record.Scope.Expect.
func (s Conversations) ExpectAnswer(id model.ConversationID) { s.Ahead(readMedian, s.Workspace, id) }

// median reads the median of the reply times of a conversation.
func (s Conversations) median(id model.ConversationID) (record.Median, error) {
	var m record.Median
	err := s.Read(record.Reading{Of: "median", Statement: readMedian, Args: []any{s.Workspace, id}, Scan: func(r *db.Rows) error {
		var replies, side int64
		var v record.Value
		err := r.Scan(&replies, &side, &v.Number, &v.ID)
		m.Values += replies
		*[]*record.Value{&m.Below, &m.Middle, &m.Above}[side+1] = v
		return err
	}})
	return m, err
}

// addReplyTime keeps the median of the reply times exact, as it was before, without reading them.
func (s Conversations) addReplyTime(c *model.Conversation, p *model.Part, m record.Median) error {
	err := s.Write(`INSERT INTO conversation_reply_times (workspace_id, conversation_id, seconds, part_id)
		VALUES ($1, $2, $3, $4)`, s.Workspace, c.ID, p.Waited.Value, p.ID)
	if err != nil {
		return fmt.Errorf("store: add reply time: %w", err)
	}
	c.Statistics.MedianTimeToReply = model.Some(m.Add(record.Value{Number: p.Waited.Value, ID: int64(p.ID)}))
	err = s.Write(`INSERT INTO conversation_medians (workspace_id, conversation_id, replies, seconds, part_id)
		VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (workspace_id, conversation_id) DO UPDATE SET replies = $3, seconds = $4, part_id = $5`,
		s.Workspace, c.ID, m.Values, m.Middle.Number, m.Middle.ID)
	if err != nil {
		return fmt.Errorf("store: write median: %w", err)
	}
	return nil
}

// FindPart reads one part, with its attachments.
func (s Conversations) FindPart(id model.ConversationID, part model.PartID) (*model.Part, error) {
	p, err := scanPart(s.QueryRow(`SELECT `+partColumns+` FROM conversation_parts
		WHERE workspace_id = $1 AND conversation_id = $2 AND id = $3`, s.Workspace, id, part))
	if err != nil {
		return nil, record.OrNotFound(err, model.PartOrMessageNotFound())
	}
	p.Conversation = id
	return p, s.Read(Attachments(s).ofParts(`part_id = $3`, id, part, func(_ model.PartID, a *model.Attachment) { p.Attachments = append(p.Attachments, a) }))
}

// UpdatePart writes back a part whose text has been taken out.
func (s Conversations) UpdatePart(p *model.Part) error {
	err := s.Write(`UPDATE conversation_parts SET body = $4, redacted = $5, updated_at = $6, details = $7
		WHERE workspace_id = $1 AND conversation_id = $2 AND id = $3`,
		s.Workspace, p.Conversation, p.ID, record.Text(p.Body), p.Redacted, p.UpdatedAt,
		record.ToJSON(partDetails{p.Options, p.State, p.Before}))
	if err != nil {
		return fmt.Errorf("store: update part: %w", err)
	}
	return nil
}

// partsOf reads the newest parts of a conversation or ticket, so many at most, the newest first, and their attachments and those of its source. byID has it when
// they are read.
func (s *scope) partsOf(byID map[model.ConversationID]*model.Conversation, id model.ConversationID, most int) []record.Reading {
	parts := map[model.PartID]*model.Part{}
	return []record.Reading{
		{Of: "parts", Statement: `SELECT ` + partColumns + ` FROM conversation_parts WHERE workspace_id = $1 AND conversation_id = $2
			ORDER BY id DESC LIMIT $3`, Args: []any{s.Workspace, id, most}, Scan: func(r *db.Rows) error {
			p, err := scanPart(r)
			p.Conversation = id
			byID[id].Parts, parts[p.ID] = append(byID[id].Parts, p), p
			return err
		}},
		Attachments{s}.ofParts(`(part_id = 0 OR part_id > COALESCE((SELECT id FROM conversation_parts WHERE workspace_id = $1 AND conversation_id = $2
			ORDER BY id DESC LIMIT 1 OFFSET $3), 0))`, id, most, func(of model.PartID, a *model.Attachment) {
			if p := parts[of]; p != nil {
				p.Attachments = append(p.Attachments, a)
			} else if of == 0 {
				byID[id].Source.Attachments = append(byID[id].Source.Attachments, a)
			}
		}),
	}
}
