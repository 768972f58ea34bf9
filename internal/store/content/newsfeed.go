package content

import (
	"fmt"

	"parley/internal/db"
	"parley/internal/model"
	"parley/internal/model/content"
	"parley/internal/store/query"
	"parley/internal/store/record"
)

// Newsfeeds are where a workspace shows its news.
type Newsfeeds struct{ *record.Scope }

const newsfeedColumns = `id, name, created_at, updated_at`

func scanNewsfeed(row record.Scanner) (*content.Newsfeed, error) {
	var f content.Newsfeed
	err := row.Scan(&f.ID, &f.Name, &f.CreatedAt, &f.UpdatedAt)
	return &f, err
}

// NewID gives out an id for a newsfeed that is about to be inserted.
func (s Newsfeeds) NewID() (content.NewsfeedID, error) {
	id, err := s.NextID("newsfeed")
	return content.NewsfeedID(id), err
}

// Lock keeps others from making newsfeeds until the transaction ends.
func (s Newsfeeds) Lock() error { return s.Scope.Lock("newsfeeds " + string(s.Workspace)) }

// Insert writes a new newsfeed with its segments.
func (s Newsfeeds) Insert(f *content.Newsfeed) error {
	err := s.Write(`INSERT INTO newsfeeds (workspace_id, `+newsfeedColumns+`) VALUES ($1, $2, $3, $4, $5)`,
		s.Workspace, f.ID, f.Name, f.CreatedAt, f.UpdatedAt)
	if err != nil {
		return fmt.Errorf("store: insert newsfeed: %w", err)
	}
	return s.insertSegments(f)
}

// Find reads a newsfeed with its segments.
func (s Newsfeeds) Find(id content.NewsfeedID) (*content.Newsfeed, error) { return s.one(id, "") }

// FindForUpdate is Find and holds the newsfeed, and so its segments, until the
// transaction ends.
func (s Newsfeeds) FindForUpdate(id content.NewsfeedID) (*content.Newsfeed, error) {
	return s.one(id, s.Dialect().ForUpdate())
}

func (s Newsfeeds) one(id content.NewsfeedID, forUpdate string) (*content.Newsfeed, error) {
	f, err := scanNewsfeed(s.QueryRow(`SELECT `+newsfeedColumns+` FROM newsfeeds
		WHERE workspace_id = $1 AND id = $2`+forUpdate, s.Workspace, id))
	if err != nil {
		return nil, record.OrNotFound(err, model.ResourceNotFound())
	}
	return f, s.loadSegments(f)
}

// MustExist fails unless the workspace has the newsfeed.
func (s Newsfeeds) MustExist(id content.NewsfeedID) error {
	var n int
	err := s.QueryRow(`SELECT 1 FROM newsfeeds WHERE workspace_id = $1 AND id = $2`, s.Workspace, id).Scan(&n)
	return record.OrNotFound(err, model.ResourceNotFound())
}

// Among reads which of the ids are those of newsfeeds of the workspace.
func (s Newsfeeds) Among(ids []content.NewsfeedID) (map[content.NewsfeedID]bool, error) {
	known := map[content.NewsfeedID]bool{}
	err := s.Rows(`SELECT id FROM newsfeeds WHERE workspace_id = $1 AND id `+s.Dialect().InInts("$2"),
		[]any{s.Workspace, record.ToJSON(ids)}, func(r *db.Rows) error {
			var id content.NewsfeedID
			err := r.Scan(&id)
			known[id] = true
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("store: look for newsfeeds: %w", err)
	}
	return known, nil
}

// List reads a page of the newsfeeds with their segments, by when they were
// changed.
func (s Newsfeeds) List(sort model.Sort, page model.PageRequest) (*model.Page[*content.Newsfeed], error) {
	where := &query.Builder{}
	where.Text("workspace_id = ", where.Arg(s.Workspace))
	feeds, err := record.ReadPage(s.Scope, record.Listing[*content.Newsfeed]{
		Columns: newsfeedColumns, From: "newsfeeds", Where: where, ID: "id", Column: record.SortedBy("updated_at"),
		Scan: scanNewsfeed, Key: func(f *content.Newsfeed) string { return f.ID.String() },
	}, sort, page)
	if err != nil {
		return nil, err
	}
	return feeds, s.loadSegments(feeds.Items...)
}

// Count counts all newsfeeds.
func (s Newsfeeds) Count() (int, error) {
	var n int
	if err := s.QueryRow(`SELECT count(*) FROM newsfeeds WHERE workspace_id = $1`, s.Workspace).Scan(&n); err != nil {
		return 0, fmt.Errorf("store: count newsfeeds: %w", err)
	}
	return n, nil
}

// Update writes a newsfeed back with its segments.
func (s Newsfeeds) Update(f *content.Newsfeed) error {
	err := s.Write(`UPDATE newsfeeds SET name = $3, updated_at = $4 WHERE workspace_id = $1 AND id = $2`,
		s.Workspace, f.ID, f.Name, f.UpdatedAt)
	if err != nil {
		return fmt.Errorf("store: update newsfeed: %w", err)
	}
	err = s.Write(`DELETE FROM newsfeed_segments WHERE workspace_id = $1 AND newsfeed_id = $2`, s.Workspace, f.ID)
	if err != nil {
		return fmt.Errorf("store: remove segments of a newsfeed: %w", err)
	}
	return s.insertSegments(f)
}

// insertSegments writes who sees a newsfeed.
func (s Newsfeeds) insertSegments(f *content.Newsfeed) error {
	rows := make([][]any, len(f.Segments))
	for i, id := range f.Segments {
		rows[i] = []any{f.ID, id}
	}
	return s.InsertAll("newsfeed_segments", "newsfeed_id, segment_id", rows)
}

// loadSegments reads who sees the newsfeeds, in one statement for all.
func (s Newsfeeds) loadSegments(feeds ...*content.Newsfeed) error {
	if len(feeds) == 0 {
		return nil
	}
	byID := make(map[content.NewsfeedID]*content.Newsfeed, len(feeds))
	ids := make([]content.NewsfeedID, len(feeds))
	for i, f := range feeds {
		byID[f.ID], ids[i] = f, f.ID
	}
	err := s.Rows(`SELECT newsfeed_id, segment_id FROM newsfeed_segments
		WHERE workspace_id = $1 AND newsfeed_id `+s.Dialect().InInts("$2")+` ORDER BY newsfeed_id, segment_id`,
		[]any{s.Workspace, record.ToJSON(ids)}, func(r *db.Rows) error {
			var feed content.NewsfeedID
			var segment model.SegmentID
			if err := r.Scan(&feed, &segment); err != nil {
				return err
			}
			byID[feed].Segments = append(byID[feed].Segments, segment)
			return nil
		})
	if err != nil {
		return fmt.Errorf("store: read segments of newsfeeds: %w", err)
	}
	return nil
}
