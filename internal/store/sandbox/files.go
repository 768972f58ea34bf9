package sandbox

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"parley/internal/db"
	"parley/internal/jobs"
	"parley/internal/model"
	"parley/internal/model/sandbox"
	"parley/internal/store/record"
)

// naming are the tables whose rows name files, with the columns that say which.
var naming = map[string]string{
	"attachments":  "id, blob_key",
	"data_exports": "id, files",
}

// take runs a statement that takes away rows of a workspace or copy in a table, $1, and has the files go that they named. It returns how many
// rows that were.
func (c Copies) take(t table, statement, of string, args ...any) (n int64, err error) {
	args = append([]any{of}, args...)
	columns := naming[t.Name]
	if columns == "" {
		return c.Exec(statement, args...)
	}
	of = sandbox.Origin(of)
	var keys []string
	err = c.Rows(statement+" RETURNING "+columns, args, func(r *db.Rows) error {
		n++
		var id, key string
		if t.Name == "attachments" {
			err := r.Scan(&id, record.OrEmpty(&key))
			if key == "" && of != "" { // it may be on its way
				key = model.AttachmentKey(model.WorkspaceID(of), model.AttachmentID(id))
			}
			if key != "" {
				keys = append(keys, key)
			}
			return err
		}
		var files int64
		err := r.Scan(&id, &files)
		for i := range files {
			keys = append(keys, exportKey(of, id, i+1))
		}
		return err
	})
	if err != nil {
		return 0, err
	}
	return n, c.dropFiles(keys)
}

// exportKey spells the key of a file of an export as the noun does.
func exportKey(ws, id string, file int64) string {
	return ws + exports + id + "." + strconv.FormatInt(file, 10)
}

// exports stands between the workspace and the export in the key of a file.
const exports = "/exports/"

// dropAll takes away what names files in the workspace, and has the files go. It is for a workspace that is about to go, and the jobs by
// which it was to delete others go on without it.
func (c Copies) dropAll() error {
	tables, err := c.filled(string(c.Workspace))
	if err != nil {
		return err
	}
	for _, t := range tables {
		if naming[t.Name] == "" {
			continue
		}
		for n := int64(1); n > 0; {
			if n, err = c.take(t, t.some, string(c.Workspace), sandbox.MaxDropped); err != nil {
				return fmt.Errorf("store: drop files of %s: %w", t.Name, err)
			}
		}
	}
	if !has(tables, "jobs") {
		return nil
	}
	if err := c.holdFiles(); err != nil {
		return err
	}
	return c.all("keep jobs that delete files", []any{c.Workspace, sandbox.FilesHolder, c.Queue.Now().Unix()}, // by the machine's clock from now on
		`UPDATE jobs SET workspace_id = $2, run_at = $3, due_at = NULL WHERE workspace_id = $1 AND kind = '`+string(model.DeleteBlob)+`'`)
}

// dropFiles asks for jobs that look at each of the files in a while, and delete it unless a row names it then. To look at once would not do: of
// two transactions that take away the last two rows, neither sees the other.
func (c Copies) dropFiles(keys []string) error {
	if len(keys) == 0 {
		return nil
	}
	if err := c.holdFiles(); err != nil {
		return err
	}
	at := c.Queue.Now().Add(sandbox.FilesRest).Unix()
	for some := range slices.Chunk(keys, sandbox.MaxDropped) {
		err := c.Queue.Enqueue(c.Tx, jobs.Request{Workspace: sandbox.FilesHolder, Kind: sandbox.DropFiles, RunAt: at,
			Payload: sandbox.DropFilesPayload{Keys: some}})
		if err != nil {
			return err
		}
	}
	return nil
}

// holdFiles sees to it that there is the workspace of those jobs.
func (c Copies) holdFiles() error {
	return c.all("hold files", []any{sandbox.FilesHolder, c.Queue.Now().Unix()}, `INSERT INTO workspaces (id, name, timezone, region, secret, created_at)
		VALUES ($1, 'Files to be deleted', 'UTC', '', '', $2) ON CONFLICT (id) DO NOTHING`)
}

// A set of files, by the workspaces that they were made in.
type byWorkspace map[string][]string

func (b byWorkspace) add(ws, one string) { b[ws] = append(b[ws], one) }

// Unnamed returns those of some files that no row names, of whatever workspace. None will again: rows that name a file are copied from others, and what
// may be fetched once more is of a row that is there.
func Unnamed(t *db.Tx, keys []string) ([]string, error) {
	attached, exported := byWorkspace{}, byWorkspace{} // the ids of what they are of
	for _, key := range keys {
		if ws, id, is := strings.Cut(key, exports); is {
			exported.add(ws, id[:max(0, strings.LastIndexByte(id, '.'))])
		} else if ws, id, is := strings.Cut(key, "/"); is {
			attached.add(ws, id)
		}
	}
	named := map[string]bool{}
	for _, ws := range slices.Sorted(maps.Keys(exported)) {
		err := each(t, `SELECT id, files FROM data_exports WHERE workspace_id = $1 AND id `+t.Dialect().In("$2"), func(r *db.Rows) error {
			var id string
			var files int64
			err := r.Scan(&id, &files)
			for i := range files { // one of the same id may have come after the one that is gone
				named[exportKey(ws, id, i+1)] = true
			}
			return err
		}, ws, record.ToJSON(exported[ws]))
		if err != nil {
			return nil, err
		}
	}
	for _, ws := range slices.Sorted(maps.Keys(attached)) {
		if err := nameAttachments(t, ws, attached[ws], named); err != nil {
			return nil, err
		}
	}
	return slices.DeleteFunc(slices.Clone(keys), func(key string) bool { return named[key] }), nil
}

// nameAttachments adds the keys of the files of a workspace that rows name, or may come to name. Workspaces beside it and its copies have such rows only
// where they were made of a copy that named the file.
func nameAttachments(t *db.Tx, ws string, ids []string, named map[string]bool) error {
	d := t.Dialect()
	mark := func(r *db.Rows) error {
		var key string
		err := r.Scan(&key)
		named[key] = true
		return err
	}
	in := ` FROM workspaces w` + d.JoinEach("attachments", "a", "a.workspace_id = w.id AND a.id "+d.In("$1"))
	err := each(t, `SELECT COALESCE(a.blob_key, CAST($2 AS TEXT) || '/' || a.id)`+in+` WHERE w.id = $2 OR w.id > $3 AND w.id < $4`, mark,
		record.ToJSON(ids), ws, sandbox.CopyMark+ws+"-", sandbox.CopyMark+ws+".")
	if err != nil {
		return err
	}
	for _, where := range []string{">=", "<"} { // copies first: they are few, and many others may have what one of them has
		var keys []string
		for _, id := range ids {
			if key := model.AttachmentKey(model.WorkspaceID(ws), model.AttachmentID(id)); !named[key] {
				keys = append(keys, key)
			}
		}
		var elsewhere []string
		err := each(t, `SELECT blob_key FROM snapshot_files WHERE workspace_id = $1 AND blob_key `+d.In("$2"), func(r *db.Rows) error {
			var key string
			err := r.Scan(&key)
			elsewhere = append(elsewhere, key[len(ws)+1:])
			return err
		}, ws, record.ToJSON(keys))
		if err != nil || len(elsewhere) == 0 {
			return err
		}
		err = each(t, `SELECT DISTINCT a.blob_key`+in+` WHERE w.id `+where+` '`+sandbox.CopyMark+`' AND a.blob_key IS NOT NULL`, mark, record.ToJSON(elsewhere))
		if err != nil {
			return err
		}
	}
	return nil
}

// Forget is for files that are deleted: no copy has named them since Unnamed said so.
func Forget(t *db.Tx, keys []string) error {
	files := byWorkspace{}
	for _, key := range keys {
		ws, _, _ := strings.Cut(key, "/")
		files.add(ws, key)
	}
	for _, ws := range slices.Sorted(maps.Keys(files)) {
		err := t.Write(`DELETE FROM snapshot_files WHERE workspace_id = $1 AND blob_key `+t.Dialect().In("$2"), ws, record.ToJSON(files[ws]))
		if err != nil {
			return fmt.Errorf("store: forget files: %w", err)
		}
	}
	return nil
}

func each(t *db.Tx, statement string, scan func(*db.Rows) error, args ...any) error {
	rows, err := t.Query(statement, args...)
	if err != nil {
		return fmt.Errorf("store: look for files: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return fmt.Errorf("store: look for files: %w", err)
		}
	}
	return rows.Err()
}
