package content

import (
	"fmt"

	"parley/internal/db"
	"parley/internal/model"
	"parley/internal/model/content"
	"parley/internal/store/query"
	"parley/internal/store/record"
)

// Collections are the collections of a workspace's help centers, and the sections
// within them.
type Collections struct{ *record.Scope }

// Whether something is published in a collection is asked level by level: there
// are three at most.
const collectionColumns = `c.id, c.help_center_id, c.parent_id, c.position, c.icon, c.created_at, c.updated_at,
	(EXISTS (SELECT 1 FROM articles a WHERE a.workspace_id = c.workspace_id AND a.parent_id = c.id AND a.published)
	OR EXISTS (SELECT 1 FROM collections s JOIN articles a ON a.workspace_id = s.workspace_id AND a.parent_id = s.id AND a.published
		WHERE s.workspace_id = c.workspace_id AND s.parent_id = c.id)
	OR EXISTS (SELECT 1 FROM collections s JOIN collections t ON t.workspace_id = s.workspace_id AND t.parent_id = s.id
		JOIN articles a ON a.workspace_id = t.workspace_id AND a.parent_id = t.id AND a.published
		WHERE s.workspace_id = c.workspace_id AND s.parent_id = c.id))`

func scanCollection(row record.Scanner) (*content.Collection, error) {
	c := content.Collection{HelpCenter: &content.HelpCenter{}, Contents: map[content.Locale]content.CollectionContent{}}
	err := row.Scan(&c.ID, &c.HelpCenter.ID, record.OrZero(&c.Parent), &c.Order, &c.Icon, &c.CreatedAt, &c.UpdatedAt, &c.Published)
	return &c, err
}

// Lock keeps others from changing how collections are within each other until the
// transaction ends.
func (s Collections) Lock() error { return s.Scope.Lock("collections " + string(s.Workspace)) }

// Insert writes a new collection, gives it its id, and puts it behind its siblings.
func (s Collections) Insert(c *content.Collection) error {
	id, err := s.NextID("collection")
	if err != nil {
		return err
	}
	c.ID = content.CollectionID(id)
	if err := s.place(c); err != nil {
		return err
	}
	err = s.Write(`INSERT INTO collections (workspace_id, id, help_center_id, parent_id, position, icon, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		s.Workspace, c.ID, c.HelpCenter.ID, record.Number(c.Parent), c.Order, c.Icon, c.CreatedAt, c.UpdatedAt)
	if err != nil {
		return fmt.Errorf("store: insert collection: %w", err)
	}
	return s.writeContents(c)
}

// place gives a collection the place behind all its siblings.
func (s Collections) place(c *content.Collection) error {
	siblings, of := `parent_id = $2`, any(c.Parent)
	if !c.Section() {
		siblings, of = `help_center_id = $2 AND parent_id IS NULL`, c.HelpCenter.ID
	}
	err := s.QueryRow(`SELECT COALESCE(max(position), 0) + 1 FROM collections WHERE workspace_id = $1 AND `+siblings,
		s.Workspace, of).Scan(&c.Order)
	if err != nil {
		return fmt.Errorf("store: place collection: %w", err)
	}
	return nil
}

// Update writes a collection back. One that was moved goes behind its new siblings.
func (s Collections) Update(c *content.Collection, moved bool) error {
	if moved {
		if err := s.place(c); err != nil {
			return err
		}
	}
	err := s.Write(`UPDATE collections SET parent_id = $3, position = $4, icon = $5, updated_at = $6
		WHERE workspace_id = $1 AND id = $2`, s.Workspace, c.ID, record.Number(c.Parent), c.Order, c.Icon, c.UpdatedAt)
	if err != nil {
		return fmt.Errorf("store: update collection: %w", err)
	}
	if err = s.Write(`DELETE FROM collection_contents WHERE workspace_id = $1 AND collection_id = $2`, s.Workspace, c.ID); err != nil {
		return fmt.Errorf("store: update collection: %w", err)
	}
	return s.writeContents(c)
}

func (s Collections) writeContents(c *content.Collection) error {
	var rows [][]any
	for l, t := range c.Contents {
		rows = append(rows, []any{c.ID, l, t.Name, t.Description})
	}
	return s.InsertAll("collection_contents", "collection_id, locale, name, description", rows)
}

// Find reads a collection or a section.
func (s Collections) Find(id content.CollectionID) (*content.Collection, error) {
	c, err := scanCollection(s.QueryRow(`SELECT `+collectionColumns+` FROM collections c WHERE c.workspace_id = $1 AND c.id = $2`,
		s.Workspace, id))
	if err != nil {
		return nil, record.OrNotFound(err, model.ResourceNotFound())
	}
	return c, s.load(c)
}

// List reads a page of the collections or, if sections, of the sections.
func (s Collections) List(sections bool, sort model.Sort, page model.PageRequest) (*model.Page[*content.Collection], error) {
	where := &query.Builder{}
	where.Text("c.workspace_id = ", where.Arg(s.Workspace), " AND c.parent_id IS ")
	if sections {
		where.Text("NOT ")
	}
	where.Text("NULL")
	found, err := record.ReadPage(s.Scope, record.Listing[*content.Collection]{
		Columns: collectionColumns, From: "collections c", Where: where, ID: "c.id",
		Column: record.SortedBy("c.updated_at"), Scan: scanCollection,
		Key: func(c *content.Collection) string { return c.ID.String() },
	}, sort, page)
	if err != nil {
		return nil, err
	}
	return found, s.load(found.Items...)
}

// load reads the contents and the help centers of collections.
func (s Collections) load(all ...*content.Collection) error {
	if len(all) == 0 {
		return nil
	}
	byID := make(map[content.CollectionID]*content.Collection, len(all))
	ids := make([]content.CollectionID, len(all))
	centers := make([]**content.HelpCenter, len(all))
	for i, c := range all {
		byID[c.ID], ids[i], centers[i] = c, c.ID, &c.HelpCenter
	}
	err := s.Rows(`SELECT collection_id, locale, name, description FROM collection_contents
		WHERE workspace_id = $1 AND collection_id `+s.Dialect().InInts("$2"), []any{s.Workspace, record.ToJSON(ids)},
		func(r *db.Rows) error {
			var id content.CollectionID
			var l content.Locale
			var t content.CollectionContent
			err := r.Scan(&id, &l, &t.Name, &t.Description)
			byID[id].Contents[l] = t
			return err
		})
	if err != nil {
		return fmt.Errorf("store: load collections: %w", err)
	}
	return HelpCenters(s).load(centers...)
}

// Count counts all collections and sections.
func (s Collections) Count() (int, error) {
	var n int
	if err := s.QueryRow(`SELECT count(*) FROM collections WHERE workspace_id = $1`, s.Workspace).Scan(&n); err != nil {
		return 0, fmt.Errorf("store: count collections: %w", err)
	}
	return n, nil
}

// Above lists what a collection is within, the nearest first.
func (s Collections) Above(id content.CollectionID) ([]content.CollectionID, error) {
	above, _, err := s.walk(`SELECT parent_id, 1 FROM collections WHERE workspace_id = $1 AND id = $2 AND parent_id IS NOT NULL
		UNION ALL SELECT c.parent_id, level + 1 FROM walk JOIN collections c ON c.workspace_id = $1 AND c.id = walk.id
		WHERE c.parent_id IS NOT NULL AND level < $3`, id)
	return above, err
}

// Below lists a collection and what is within it, and tells on how many levels
// that is.
func (s Collections) Below(id content.CollectionID) (ids []content.CollectionID, levels int, err error) {
	return s.walk(`SELECT id, 1 FROM collections WHERE workspace_id = $1 AND id = $2
		UNION ALL SELECT c.id, level + 1 FROM walk JOIN collections c ON c.workspace_id = $1 AND c.parent_id = walk.id
		WHERE level < $3`, id)
}

// walk follows parents from a collection, which steps says how.
func (s Collections) walk(steps string, from content.CollectionID) (ids []content.CollectionID, levels int, err error) {
	err = s.Rows(`WITH RECURSIVE walk (id, level) AS (`+steps+`) SELECT id, level FROM walk ORDER BY level, id`,
		[]any{s.Workspace, from, content.MaxLevels}, func(r *db.Rows) error {
			var id content.CollectionID
			err := r.Scan(&id, &levels)
			ids = append(ids, id)
			return err
		})
	if err != nil {
		return nil, 0, fmt.Errorf("store: walk collections: %w", err)
	}
	return ids, levels, nil
}

// Delete removes a collection and the sections within it. Their articles stand
// alone from then on.
func (s Collections) Delete(id content.CollectionID) error {
	ids, _, err := s.Below(id)
	if err != nil {
		return err
	}
	err = s.Write(`UPDATE articles SET parent_id = NULL, updated_at = $3 WHERE workspace_id = $1 AND parent_id `+s.Dialect().InInts("$2"), s.Workspace, record.ToJSON(ids), s.Now())
	if err == nil {
		err = s.Write(`DELETE FROM collections WHERE workspace_id = $1 AND id = $2`, s.Workspace, id)
	}
	if err != nil {
		return fmt.Errorf("store: delete collection: %w", err)
	}
	return nil
}
