package store

import (
	"fmt"

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
	if p.Author.Type == model.AuthorAdmin {
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
		return s.addReplyTime(c, p)
	}
	return nil
}

// addReplyTime keeps the median of the reply times exact without reading them:
// each new one moves the middle by one place at most.
func (s Conversations) addReplyTime(c *model.Conversation, p *model.Part) error {
	seconds := p.Waited.Value
	err := s.Write(`INSERT INTO conversation_reply_times (workspace_id, conversation_id, seconds, part_id)
		VALUES ($1, $2, $3, $4)`, s.Workspace, c.ID, seconds, p.ID)
	if err != nil {
		return fmt.Errorf("store: add reply time: %w", err)
	}
	middle := replyTime{seconds, p.ID}
	var replies int64
	err = s.QueryRow(`SELECT replies, seconds, part_id FROM conversation_medians WHERE workspace_id = $1 AND conversation_id = $2`,
		s.Workspace, c.ID).Scan(&replies, &middle.seconds, &middle.part)
	if err != nil && !db.IsNoRows(err) {
		return fmt.Errorf("store: read median: %w", err)
	}
	// A part's id is greater than all before it, so that of equal times the new
	// one comes last.
	err = nil
	switch below := seconds < middle.seconds; {
	case replies == 0:
	case replies%2 == 1 && below: // the middle was the only one; the lower of two is the one before
		middle, err = s.neighbour(c.ID, middle, "<", "DESC")
	case replies%2 == 0 && !below: // the middle was the lower of two; now the upper is the only one
		middle, err = s.neighbour(c.ID, middle, ">", "ASC")
	}
	if err != nil {
		return err
	}
	replies++
	median := middle.seconds
	if replies%2 == 0 {
		upper, err := s.neighbour(c.ID, middle, ">", "ASC")
		if err != nil {
			return err
		}
		median = (middle.seconds + upper.seconds) / 2
	}
	c.Statistics.MedianTimeToReply = model.Some(median)
	err = s.Write(`INSERT INTO conversation_medians (workspace_id, conversation_id, replies, seconds, part_id)
		VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (workspace_id, conversation_id) DO UPDATE SET replies = $3, seconds = $4, part_id = $5`,
		s.Workspace, c.ID, replies, middle.seconds, middle.part)
	if err != nil {
		return fmt.Errorf("store: write median: %w", err)
	}
	return nil
}

// A replyTime is how long one answer was waited for.
type replyTime struct {
	seconds int64
	part    model.PartID
}

func (s Conversations) neighbour(id model.ConversationID, of replyTime, side, order string) (replyTime, error) {
	var next replyTime
	err := s.QueryRow(`SELECT seconds, part_id FROM conversation_reply_times
		WHERE workspace_id = $1 AND conversation_id = $2 AND (seconds, part_id) `+side+` ($3, $4)
		ORDER BY seconds `+order+`, part_id `+order+` LIMIT 1`, s.Workspace, id, of.seconds, of.part).Scan(&next.seconds, &next.part)
	if err != nil {
		return next, fmt.Errorf("store: read reply time: %w", err)
	}
	return next, nil
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

// partsOf reads the newest parts of a conversation or ticket, the newest first, and their attachments. byID has it when they are read.
func (s *scope) partsOf(byID map[model.ConversationID]*model.Conversation, id model.ConversationID) []record.Reading {
	parts := map[model.PartID]*model.Part{}
	return []record.Reading{
		{Of: "parts", Statement: `SELECT ` + partColumns + ` FROM conversation_parts WHERE workspace_id = $1 AND conversation_id = $2
			ORDER BY id DESC LIMIT $3`, Args: []any{s.Workspace, id, model.MaxParts}, Scan: func(r *db.Rows) error {
			p, err := scanPart(r)
			p.Conversation = id
			byID[id].Parts, parts[p.ID] = append(byID[id].Parts, p), p
			return err
		}},
		Attachments{s}.ofParts(`part_id > COALESCE((SELECT id FROM conversation_parts WHERE workspace_id = $1 AND conversation_id = $2
			ORDER BY id DESC LIMIT 1 OFFSET $3), 0)`, id, model.MaxParts, func(of model.PartID, a *model.Attachment) {
			if p := parts[of]; p != nil {
				p.Attachments = append(p.Attachments, a)
			}
		}),
	}
}
