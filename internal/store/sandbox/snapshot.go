package sandbox

import (
	"fmt"

	"parley/internal/db"
	"parley/internal/model"
	"parley/internal/model/sandbox"
	"parley/internal/store/record"
)

// base is the name of the snapshot that a reset goes back to.
const base = ""

// NotFound is the answer to the name of a snapshot that is not there.
func NotFound() *model.Error {
	return &model.Error{Kind: model.NotFound, Code: "snapshot_not_found", Message: "Snapshot not found"}
}

// List reads the named snapshots of the workspace, in the order of their names.
func (c Copies) List() ([]*sandbox.Snapshot, error) {
	var list []*sandbox.Snapshot
	err := c.Rows(`SELECT name, copy, created_at FROM snapshots WHERE workspace_id = $1 AND name <> '' ORDER BY name`, []any{c.Workspace},
		func(r *db.Rows) error {
			var s sandbox.Snapshot
			list = append(list, &s)
			return r.Scan(&s.Name, &s.Copy, &s.CreatedAt)
		})
	if err != nil {
		return nil, fmt.Errorf("store: list snapshots: %w", err)
	}
	return list, nil
}

// Named reads the snapshot of that name.
func (c Copies) Named(name string) (*sandbox.Snapshot, error) {
	if !sandbox.IsSnapshotName(name) {
		return nil, NotFound()
	}
	return c.find(name)
}

func (c Copies) find(name string) (*sandbox.Snapshot, error) {
	s := &sandbox.Snapshot{Name: name}
	err := c.QueryRow(`SELECT copy, created_at FROM snapshots WHERE workspace_id = $1 AND name = $2`, c.Workspace, name).Scan(&s.Copy, &s.CreatedAt)
	return s, record.OrNotFound(err, NotFound())
}

// Base reads what a reset goes back to.
func (c Copies) Base() (*sandbox.Snapshot, error) { return c.find(base) }

// Hold reports whether there is a copy, which stays until the transaction ends.
func (c Copies) Hold(copied string) (bool, error) {
	if err := c.LockShared(use(copied)); err != nil {
		return false, err
	}
	return c.Exists(copied)
}

// Exists reports whether there is a copy, or any other workspace, of that id: one that cannot be named too.
func (c Copies) Exists(copied string) (bool, error) {
	var n int
	err := c.QueryRow(`SELECT count(*) FROM workspaces WHERE id = $1`, copied).Scan(&n)
	if err != nil {
		return false, fmt.Errorf("store: look for copy: %w", err)
	}
	return n > 0, nil
}

func use(copied string) string { return "copy " + copied }

// Insert says under which name the workspace has a copy.
func (c Copies) Insert(s *sandbox.Snapshot) error {
	err := c.all("insert snapshot", []any{c.Workspace, s.Name, s.Copy, s.CreatedAt},
		`INSERT INTO snapshots (workspace_id, name, copy, created_at) VALUES ($1, $2, $3, $4)`)
	if err != nil {
		return err
	}
	return c.all("insert snapshot", []any{s.Copy, c.Workspace, s.Name}, insertUse)
}

const insertUse = `INSERT INTO snapshot_uses (workspace_id, holder, name) VALUES ($1, $2, $3)`

// SetBase says which copy a reset goes back to. The workspace has the rows of it, and none other, at that moment.
func (c Copies) SetBase(copied string) error {
	if err := c.Mark(string(c.Workspace), copied); err != nil {
		return err
	}
	return c.Insert(&sandbox.Snapshot{Name: base, Copy: copied, CreatedAt: c.Now()})
}

// SetTemplate says that a copy is what became of a seed, and drops the oldest of those where there are too many.
func (c Copies) SetTemplate(copied string, most int) error {
	if err := c.all("keep template", []any{copied, "", ""}, insertUse); err != nil {
		return err
	}
	var old []string
	err := c.Rows(`SELECT u.workspace_id FROM snapshot_uses u JOIN workspaces w ON w.id = u.workspace_id
		WHERE u.workspace_id >= $1 AND u.workspace_id < $2 AND u.holder = '' ORDER BY u.workspace_id = $3, w.created_at, u.workspace_id`,
		[]any{sandbox.TemplateMark, sandbox.TemplateMark + sandbox.CopyMark, copied}, func(r *db.Rows) error {
			var id string
			old = append(old, id)
			return r.Scan(&old[len(old)-1])
		})
	if err != nil {
		return fmt.Errorf("store: list templates: %w", err)
	}
	for _, id := range old[:max(0, len(old)-most)] {
		if err := c.release(id, "", ""); err != nil {
			return err
		}
	}
	return nil
}

// Delete drops the snapshot of that name, and its copy where nothing else is made of it.
func (c Copies) Delete(s *sandbox.Snapshot) error {
	err := c.all("delete snapshot", []any{c.Workspace, s.Name}, `DELETE FROM snapshots WHERE workspace_id = $1 AND name = $2`)
	if err != nil {
		return err
	}
	return c.release(s.Copy, string(c.Workspace), s.Name)
}

// DeleteAll drops all snapshots of the workspace, what it would go back to, and the files that only these or the workspace, which is about to go, name.
func (c Copies) DeleteAll() error {
	if err := c.Mark(string(c.Workspace), ""); err != nil {
		return err
	}
	list, err := c.List()
	if err != nil {
		return err
	}
	if s, err := c.Base(); err == nil {
		list = append(list, s)
	} else if e, ok := model.AsError(err); !ok || e.Kind != model.NotFound {
		return err
	}
	for _, s := range list {
		if err := c.Delete(s); err != nil {
			return err
		}
	}
	return c.dropAll()
}

// release takes back one use of a copy, and the copy if that was the last.
func (c Copies) release(copied, holder, name string) error {
	if err := c.Lock(use(copied)); err != nil {
		return err
	}
	err := c.all("release copy", []any{copied, holder, name}, `DELETE FROM snapshot_uses WHERE workspace_id = $1 AND holder = $2 AND name = $3`)
	if err != nil {
		return err
	}
	var used bool
	if err := c.QueryRow(`SELECT EXISTS (SELECT 1 FROM snapshot_uses WHERE workspace_id = $1 AND name <> $2)`, copied, spareUse).Scan(&used); err != nil || used {
		if err != nil {
			err = fmt.Errorf("store: release copy: %w", err)
		}
		return err
	}
	if err := c.wipeCopy(copied); err != nil {
		return err
	}
	return c.all("delete copy", []any{copied}, `DELETE FROM workspaces WHERE id = $1`)
}

// wipeCopy wipes a copy, which has no words in the index.
func (c Copies) wipeCopy(copied string) error {
	tables, err := c.filled(copied)
	if err != nil {
		return err
	}
	for i := len(tables) - 1; i >= 0; i-- {
		if _, err := c.take(tables[i], tables[i].wipe, copied); err != nil {
			return fmt.Errorf("store: wipe %s: %w", tables[i].Name, err)
		}
	}
	return nil
}

// Settings reads what a workspace that is made of a copy is like, where nobody says otherwise.
func (c Copies) Settings(copied string) (w model.Workspace, err error) {
	err = c.QueryRow(`SELECT timezone, region FROM workspaces WHERE id = $1`, copied).Scan(&w.Timezone, &w.Region)
	return w, record.OrNotFound(err, NotFound())
}
