package content

import (
	"fmt"

	"parley/internal/db"
	"parley/internal/model"
	"parley/internal/model/content"
	"parley/internal/store/query"
	"parley/internal/store/record"
)

// NewsItems are the announcements of a workspace.
type NewsItems struct{ *record.Scope }

const newsItemColumns = `i.id, i.title, i.body, i.sender_id, i.state, i.labels, i.cover_image_url, i.reactions, i.deliver_silently,
	i.created_at, i.updated_at`

func scanNewsItem(row record.Scanner) (*content.NewsItem, error) {
	var n content.NewsItem
	err := row.Scan(&n.ID, &n.Title, &n.Body, &n.Sender, &n.State, record.JSONColumn(&n.Labels), record.OrEmpty(&n.CoverImageURL),
		record.JSONColumn(&n.Reactions), &n.DeliverSilently, &n.CreatedAt, &n.UpdatedAt)
	return &n, err
}

// NewID gives out an id for a news item that is about to be inserted.
func (s NewsItems) NewID() (content.NewsItemID, error) {
	id, err := s.NextID("news item")
	return content.NewsItemID(id), err
}

// Insert writes a new item with its assignments.
func (s NewsItems) Insert(n *content.NewsItem) error {
	err := s.Write(`INSERT INTO news_items (workspace_id, id, title, body, sender_id, state, labels, cover_image_url, reactions,
			deliver_silently, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`, s.Workspace, n.ID, n.Title, n.Body, n.Sender, n.State,
		record.ToJSON(n.Labels), record.Text(n.CoverImageURL), record.ToJSON(n.Reactions), n.DeliverSilently, n.CreatedAt, n.UpdatedAt)
	if err != nil {
		return fmt.Errorf("store: insert news item: %w", err)
	}
	return s.insertAssignments(n)
}

// Find reads an item with its assignments.
func (s NewsItems) Find(id content.NewsItemID) (*content.NewsItem, error) {
	return s.one(`i.id = $2`, id)
}

// FindForUpdate is Find and holds the item, and so its assignments, until the
// transaction ends.
func (s NewsItems) FindForUpdate(id content.NewsItemID) (*content.NewsItem, error) {
	return s.one(`i.id = $2`+s.Dialect().ForUpdate(), id)
}

// FindByTitle reads the item of that title, the first of several.
func (s NewsItems) FindByTitle(title string) (*content.NewsItem, error) {
	return s.one(`i.title = $2 ORDER BY i.id LIMIT 1`, title)
}

func (s NewsItems) one(condition string, arg any) (*content.NewsItem, error) {
	n, err := scanNewsItem(s.QueryRow(`SELECT `+newsItemColumns+` FROM news_items i WHERE i.workspace_id = $1 AND `+condition,
		s.Workspace, arg))
	if err != nil {
		return nil, record.OrNotFound(err, model.ResourceNotFound())
	}
	return n, s.loadAssignments(n)
}

// List reads a page of the items with their assignments, by when they were
// changed.
func (s NewsItems) List(sort model.Sort, page model.PageRequest) (*model.Page[*content.NewsItem], error) {
	where := &query.Builder{}
	where.Text("i.workspace_id = ", where.Arg(s.Workspace))
	return s.page(record.Listing[*content.NewsItem]{From: "news_items i", Where: where,
		ID: "i.id", Column: record.SortedBy("i.updated_at")}, sort, page)
}

// InNewsfeed reads a page of the items that a newsfeed shows at the transaction's
// time, with all their assignments, by when they were published in it.
func (s NewsItems) InNewsfeed(id content.NewsfeedID, sort model.Sort, page model.PageRequest) (*model.Page[*content.NewsItem], error) {
	where := &query.Builder{}
	where.Text("a.workspace_id = ", where.Arg(s.Workspace), " AND a.newsfeed_id = ", where.Arg(id),
		" AND a.published_at <= ", where.Arg(s.Now())) // which a draft's, being NULL, is not
	return s.page(record.Listing[*content.NewsItem]{
		From:    `newsfeed_assignments a JOIN news_items i ON i.workspace_id = a.workspace_id AND i.id = a.news_item_id`,
		Counted: `newsfeed_assignments a`, Where: where, ID: "a.news_item_id", Column: record.SortedBy("a.published_at")}, sort, page)
}

func (s NewsItems) page(l record.Listing[*content.NewsItem], sort model.Sort, page model.PageRequest) (*model.Page[*content.NewsItem], error) {
	l.Columns, l.Scan, l.Key = newsItemColumns, scanNewsItem, func(n *content.NewsItem) string { return n.ID.String() }
	items, err := record.ReadPage(s.Scope, l, sort, page)
	if err != nil {
		return nil, err
	}
	return items, s.loadAssignments(items.Items...)
}

// Update writes an item back, without its assignments.
func (s NewsItems) Update(n *content.NewsItem) error {
	err := s.Write(`UPDATE news_items SET title = $3, body = $4, sender_id = $5, state = $6, labels = $7, cover_image_url = $8,
			reactions = $9, deliver_silently = $10, updated_at = $11
		WHERE workspace_id = $1 AND id = $2`, s.Workspace, n.ID, n.Title, n.Body, n.Sender, n.State, record.ToJSON(n.Labels),
		record.Text(n.CoverImageURL), record.ToJSON(n.Reactions), n.DeliverSilently, n.UpdatedAt)
	if err != nil {
		return fmt.Errorf("store: update news item: %w", err)
	}
	return nil
}

// UpdateAssignments writes the assignments of an item back.
func (s NewsItems) UpdateAssignments(n *content.NewsItem) error {
	err := s.Write(`DELETE FROM newsfeed_assignments WHERE workspace_id = $1 AND news_item_id = $2`, s.Workspace, n.ID)
	if err != nil {
		return fmt.Errorf("store: remove assignments of a news item: %w", err)
	}
	return s.insertAssignments(n)
}

// Delete removes an item and its assignments.
func (s NewsItems) Delete(id content.NewsItemID) error {
	if err := s.Write(`DELETE FROM news_items WHERE workspace_id = $1 AND id = $2`, s.Workspace, id); err != nil {
		return fmt.Errorf("store: delete news item: %w", err)
	}
	return nil
}

// insertAssignments writes which newsfeeds an item is in.
func (s NewsItems) insertAssignments(n *content.NewsItem) error {
	rows := make([][]any, len(n.Assignments))
	for i, a := range n.Assignments {
		rows[i] = []any{n.ID, a.Newsfeed, record.Number(a.PublishedAt)}
	}
	return s.InsertAll("newsfeed_assignments", "news_item_id, newsfeed_id, published_at", rows)
}

// loadAssignments reads which newsfeeds the items are in, in one statement for all.
func (s NewsItems) loadAssignments(items ...*content.NewsItem) error {
	if len(items) == 0 {
		return nil
	}
	byID := make(map[content.NewsItemID]*content.NewsItem, len(items))
	ids := make([]content.NewsItemID, len(items))
	for i, n := range items {
		byID[n.ID], ids[i] = n, n.ID
	}
	err := s.Rows(`SELECT news_item_id, newsfeed_id, published_at FROM newsfeed_assignments
		WHERE workspace_id = $1 AND news_item_id `+s.Dialect().InInts("$2")+` ORDER BY news_item_id, newsfeed_id`,
		[]any{s.Workspace, record.ToJSON(ids)}, func(r *db.Rows) error {
			var item content.NewsItemID
			var a content.NewsfeedAssignment
			if err := r.Scan(&item, &a.Newsfeed, record.OrZero(&a.PublishedAt)); err != nil {
				return err
			}
			byID[item].Assignments = append(byID[item].Assignments, a)
			return nil
		})
	if err != nil {
		return fmt.Errorf("store: read assignments of news items: %w", err)
	}
	return nil
}
