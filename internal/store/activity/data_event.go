// Package activity keeps what contacts did, one by one and in sum, what admins noted about them, and what admins did to the workspace.
// It must not decide who may be told of it.
package activity

import (
	"fmt"

	"parley/internal/model"
	"parley/internal/store/query"
	"parley/internal/store/record"
)

// DataEvents are what contacts did, and how often.
type DataEvents struct{ *record.Scope }

const dataEventColumns = `contact_id, created_at, name, id, metadata`

func scanDataEvent(row record.Scanner) (*model.DataEvent, error) {
	var e model.DataEvent
	err := row.Scan(&e.Contact, &e.CreatedAt, &e.Name, &e.ID, metadataColumn{&e.Metadata})
	return &e, err
}

// Insert writes an event and counts it, unless it is there already. The caller
// holds the contact, so that it is not merged away meanwhile.
func (s DataEvents) Insert(e *model.DataEvent) (isNew bool, err error) {
	if err := s.Retake("event", &e.ID); err != nil {
		return false, err
	}
	n, err := s.Exec(`INSERT INTO data_events (workspace_id, `+dataEventColumns+`) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT DO NOTHING`, s.Workspace, e.Contact, e.CreatedAt, e.Name, e.ID, record.ToJSON(toMetadataRow(e.Metadata)))
	if err != nil {
		return false, fmt.Errorf("store: insert data event: %w", err)
	}
	if n == 0 {
		return false, nil
	}
	return true, s.Count(e.Contact, &model.EventSummary{Name: e.Name, Count: 1, First: e.CreatedAt, Last: e.CreatedAt})
}

// Count adds to what has been counted of a contact's events of that name. The
// caller holds the contact.
func (s DataEvents) Count(id model.ContactID, more *model.EventSummary) error {
	n, err := s.Exec(`INSERT INTO data_event_summaries (workspace_id, contact_id, name, count, first_at, last_at)
		VALUES ($1, $2, $3, $4, $5, $6) `+addSummary+` WHERE data_event_summaries.count <= $7 - excluded.count`,
		s.Workspace, id, more.Name, more.Count, more.First, more.Last, model.MaxNumber)
	if err != nil {
		return fmt.Errorf("store: count data events: %w", err)
	}
	if n == 0 {
		return model.EventCountTooLarge()
	}
	return nil
}

const addSummary = `ON CONFLICT (workspace_id, contact_id, name) DO UPDATE SET
		count = data_event_summaries.count + excluded.count,
		first_at = CASE WHEN excluded.first_at < data_event_summaries.first_at
			THEN excluded.first_at ELSE data_event_summaries.first_at END,
		last_at = CASE WHEN excluded.last_at > data_event_summaries.last_at
			THEN excluded.last_at ELSE data_event_summaries.last_at END`

// List reads a page of a contact's events that can still be listed, newest first;
// only those after since, if it is given. The name tells events of one second
// apart. They are not counted.
func (s DataEvents) List(id model.ContactID, since *model.Position, page model.PageRequest) (*model.Page[*model.DataEvent], error) {
	where := &query.Builder{}
	where.Text("workspace_id = ", where.Arg(s.Workspace), " AND contact_id = ", where.Arg(id),
		" AND created_at > ", where.Arg(s.Now()-model.ListedFor))
	if since != nil {
		where.Text(" AND (created_at, name) > (", where.Arg(since.Value), ", ", where.Arg(since.ID), ")")
	}
	return record.ReadRows(s.Scope, record.Listing[*model.DataEvent]{
		Columns: dataEventColumns, From: "data_events", Where: where, ID: "name",
		Column: record.SortedBy("created_at"), Scan: scanDataEvent,
		Key: func(e *model.DataEvent) string { return e.Name },
	}, model.NewestFirst(), page)
}

// Summarize reads a page of what has been counted of a contact's events, by name:
// the name that was first heard of last comes first. In that order no name is
// missed by a reader of several pages while events are added.
func (s DataEvents) Summarize(id model.ContactID, page model.PageRequest) (*model.Page[*model.EventSummary], error) {
	where := &query.Builder{}
	where.Text("workspace_id = ", where.Arg(s.Workspace), " AND contact_id = ", where.Arg(id))
	return record.ReadRows(s.Scope, record.Listing[*model.EventSummary]{
		Columns: "name, count, first_at, last_at", From: "data_event_summaries", Where: where, ID: "name",
		Column: record.SortedBy("first_at"), Scan: scanEventSummary,
		Key: func(e *model.EventSummary) string { return e.Name },
	}, model.NewestFirst(), page)
}

func scanEventSummary(row record.Scanner) (*model.EventSummary, error) {
	var e model.EventSummary
	err := row.Scan(&e.Name, &e.Count, &e.First, &e.Last)
	return &e, err
}

// Move gives all events of one contact to another, as a merge does. What both
// did is counted once. The caller holds both contacts, and removes the first one
// with what is left of its events.
func (s DataEvents) Move(from, into model.ContactID) error {
	for _, statement := range []string{
		`INSERT INTO data_event_summaries (workspace_id, contact_id, name, count, first_at, last_at)
			SELECT m.workspace_id, $3, m.name, m.count - (
					SELECT count(*) FROM data_events a JOIN data_events b ON b.workspace_id = a.workspace_id
						AND b.contact_id = $3 AND b.created_at = a.created_at AND b.name = a.name
					WHERE a.workspace_id = m.workspace_id AND a.contact_id = m.contact_id AND a.name = m.name),
				m.first_at, m.last_at
			FROM data_event_summaries m WHERE m.workspace_id = $1 AND m.contact_id = $2 ` + addSummary,
		`UPDATE data_events SET contact_id = $3 WHERE workspace_id = $1 AND contact_id = $2
			AND NOT EXISTS (SELECT 1 FROM data_events b WHERE b.workspace_id = data_events.workspace_id
				AND b.contact_id = $3 AND b.created_at = data_events.created_at AND b.name = data_events.name)`,
	} {
		if err := s.Write(statement, s.Workspace, from, into); err != nil {
			return fmt.Errorf("store: move data events: %w", err)
		}
	}
	return nil
}
