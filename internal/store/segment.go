package store

import (
	"fmt"
	"strconv"

	"parley/internal/db"
	"parley/internal/model"
	"parley/internal/store/query"
	"parley/internal/store/record"
)

// Segments are the stored filters of a workspace.
type Segments struct{ *scope }

const segmentColumns = `id, name, person_type, filter, created_at, updated_at`

func scanSegment(row record.Scanner) (*model.Segment, error) {
	var g model.Segment
	err := row.Scan(&g.ID, &g.Name, &g.PersonType, record.FilterColumn(&g.Filter), &g.CreatedAt, &g.UpdatedAt)
	return &g, err
}

// NewID makes an id for a segment that is about to be inserted.
func (s Segments) NewID() (model.SegmentID, error) {
	return record.NewObjectID[model.SegmentID](s.Scope, "segment")
}

// Lock keeps others from making segments, and from removing what one may ask for,
// until the transaction ends.
func (s Segments) Lock() error { return s.Scope.Lock("segments " + string(s.Workspace)) }

// Insert writes a new segment. Its name must be free among those of its person
// type.
func (s Segments) Insert(g *model.Segment) error {
	err := s.Write(`INSERT INTO segments (workspace_id, `+segmentColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		s.Workspace, g.ID, g.Name, g.PersonType, record.Filter(g.Filter), g.CreatedAt, g.UpdatedAt)
	if err != nil {
		return fmt.Errorf("store: insert segment: %w", err)
	}
	return nil
}

// Find reads a segment, of contacts or of companies.
func (s Segments) Find(id model.SegmentID) (*model.Segment, error) {
	return s.one(`id = $2`, id)
}

// FindByName reads the segment of that name and person type.
func (s Segments) FindByName(of model.PersonType, name string) (*model.Segment, error) {
	return s.one(`person_type = $2 AND name = $3`, of, name)
}

func (s Segments) one(condition string, args ...any) (*model.Segment, error) {
	g, err := scanSegment(s.QueryRow(`SELECT `+segmentColumns+` FROM segments WHERE workspace_id = $1 AND `+condition,
		append([]any{s.Workspace}, args...)...))
	return g, record.OrNotFound(err, model.ResourceNotFound())
}

const segmentsOf = `SELECT ` + segmentColumns + ` FROM segments WHERE workspace_id = $1`

// List reads all segments, contacts' and companies', oldest first and then by
// name.
func (s Segments) List() ([]*model.Segment, error) {
	return s.list(segmentsOf + ` ORDER BY created_at, name, person_type`)
}

func (s Segments) list(statement string) ([]*model.Segment, error) {
	var segments []*model.Segment
	err := s.Rows(statement, []any{s.Workspace}, func(r *db.Rows) error {
		g, err := scanSegment(r)
		segments = append(segments, g)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("store: list segments: %w", err)
	}
	return segments, nil
}

// Count counts all segments.
func (s Segments) Count() (int, error) {
	var n int
	err := s.QueryRow(`SELECT count(*) FROM segments WHERE workspace_id = $1`, s.Workspace).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("store: count segments: %w", err)
	}
	return n, nil
}

// Update writes a segment's filter back.
func (s Segments) Update(g *model.Segment) error {
	err := s.Write(`UPDATE segments SET filter = $3, updated_at = $4 WHERE workspace_id = $1 AND id = $2`,
		s.Workspace, g.ID, record.Filter(g.Filter), g.UpdatedAt)
	if err != nil {
		return fmt.Errorf("store: update segment: %w", err)
	}
	return nil
}

// CountMembers counts who is in each of the segments, in one statement for all:
// what lists of contacts and of companies show and the segment's filter matches.
func (s Segments) CountMembers(env query.Env, segments []*model.Segment) error {
	b := &query.Builder{}
	b.Text(db.ByValues)
	err := s.each(b, segments, func(g *model.Segment) error {
		if g.OfCompanies() {
			b.Text("count(*) FROM companies WHERE workspace_id = ", b.Arg(s.Workspace), " AND ", query.PeopledCompanies, " AND ")
			return query.Segment(b, env, g)
		}
		plan, err := query.PlanSegment(env, g)
		if err != nil {
			return err
		}
		return plan.Count(b)
	}, func(g *model.Segment, n int) { g.Count = n })
	if err != nil {
		return fmt.Errorf("store: count members of segments: %w", err)
	}
	return nil
}

// OfContact reads which of the segments a contact is in, in one statement. One
// that lists do not show is in none.
func (s Segments) OfContact(id model.ContactID, env query.Env, segments []*model.Segment) ([]*model.Segment, error) {
	var in []*model.Segment
	b := &query.Builder{}
	ws, contact := b.Arg(s.Workspace), b.Arg(id)
	err := s.each(b, segments, func(g *model.Segment) error {
		b.Text("1 FROM contacts WHERE workspace_id = ", ws, " AND id = ", contact, " AND ", query.ListedContacts, " AND ")
		return query.Segment(b, env, g)
	}, func(g *model.Segment, _ int) { in = append(in, g) })
	if err != nil {
		return nil, fmt.Errorf("store: list segments of a contact: %w", err)
	}
	return in, nil
}

// each asks one question of every segment's members in one statement: ask writes
// what is selected, from where and of which rows; found gets the answers, in the
// order of the segments.
func (s Segments) each(b *query.Builder, segments []*model.Segment,
	ask func(*model.Segment) error, found func(*model.Segment, int)) error {
	if len(segments) == 0 {
		return nil
	}
	for i, g := range segments {
		if i > 0 {
			b.Text(" UNION ALL ")
		}
		b.Text("SELECT ", strconv.Itoa(i), ", ")
		if err := ask(g); err != nil {
			return err
		}
	}
	b.Text(" ORDER BY 1")
	return s.Rows(b.SQL(), b.Args(), func(r *db.Rows) error {
		var place, n int
		if err := r.Scan(&place, &n); err != nil {
			return err
		}
		found(segments[place], n)
		return nil
	})
}
