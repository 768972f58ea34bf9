package sandbox

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"parley/internal/db"
	"parley/internal/model"
	"parley/internal/model/sandbox"
	"parley/internal/store/record"
)

// A spare is a workspace that is made of a copy before somebody asks for it, under the id that it will have. Until then the copy's id is in
// the place of its secret, by which everybody leaves it out (Named), and the copy has it among its uses, under this name and as
// one that does not hold the copy. Both are of the transaction that has it begin and of the one that has it end; and a use goes with its copy.
const spareUse = sandbox.CopyMark

// Named is the condition that a row of workspaces is that of one that can be named: it is neither a copy nor a spare.
const Named = `id < '` + sandbox.CopyMark + `' AND secret < '` + sandbox.CopyMark + `'`

// late are tables of which a spare has no rows: those who look for what is due, in whatever workspace, would find them.
var late = []string{"webhooks"}

// A Place is how far a spare is filled. The zero value is at the beginning.
type Place struct {
	tables []table // of the copy that have rows; nil: nobody has looked yet
	done   int     // so many of them
	rows   int     // so many of the next one, or of the index of words behind the last
}

// wordsWeigh is how many rows take as long as one in the index of words.
const wordsWeigh = 20

// offered reports whether workspaces can be made of a copy: it is a snapshot, or what became of a seed, and not only what others go back to.
func (c Copies) offered(from string) (is bool, err error) {
	if strings.HasPrefix(from, sandbox.TemplateMark) {
		return true, nil
	}
	err = c.QueryRow(`SELECT EXISTS (SELECT 1 FROM snapshot_uses WHERE workspace_id = $1 AND name <> '' AND name <> $2)`, from, spareUse).Scan(&is)
	if err != nil {
		err = fmt.Errorf("store: look for snapshot: %w", err)
	}
	return is, err
}

// BeginSpare makes the transaction's workspace a spare of a copy, of which it has no rows yet. It reports whether there is such a copy, for workspaces
// to be made of.
func (c Copies) BeginSpare(from string) (bool, error) {
	there, err := c.Hold(from)
	if err == nil && there {
		there, err = c.offered(from)
	}
	if err != nil || !there {
		return false, err
	}
	err = c.all("begin spare", []any{from, c.Workspace, c.Now()}, `INSERT INTO workspaces (id, name, timezone, region, office_hours, secret, created_at)
		SELECT CAST($2 AS TEXT), name, timezone, region, office_hours, id, $3 FROM workspaces WHERE id = $1`)
	if err != nil {
		return false, err
	}
	return true, c.all("begin spare", []any{from, c.Workspace, spareUse}, insertUse)
}

// FillSpare writes some more of the rows of a copy, about so many, into a spare of it. It returns how far that is then, and whether it is
// all. Without that copy there is no such spare, and the error is one of NotFound.
func (c Copies) FillSpare(from string, at Place, most int) (next Place, all bool, err error) {
	if there, err := c.Hold(from); err != nil || !there {
		return at, false, cmp.Or(err, error(NotFound()))
	}
	if good, err := c.isSpare(from); err != nil || !good {
		return at, false, cmp.Or(err, error(NotFound()))
	}
	if at.tables == nil {
		tables, err := c.filled(from)
		if err != nil {
			return at, false, err
		}
		at.tables = slices.DeleteFunc(tables, func(t table) bool { return t.copy == "" || slices.Contains(late, t.Name) })
	}
	for most > 0 && at.done < len(at.tables) {
		t := at.tables[at.done]
		statement, args := t.copy, []any{from, c.Workspace}
		if t.order != "" {
			statement, args = statement+t.order+" LIMIT $3 OFFSET $4", append(args, most, at.rows)
		}
		n, err := c.Exec(statement, args...)
		if err != nil {
			return at, false, fmt.Errorf("store: fill spare with %s: %w", t.Name, err)
		}
		if at.rows += int(n); n < int64(most) || t.order == "" {
			at.done, at.rows = at.done+1, 0
		}
		most -= int(n)
	}
	if most <= 0 {
		return at, false, nil
	}
	words := max(1, most/wordsWeigh)
	n, err := c.Exec(copyWords+" LIMIT $3 OFFSET $4", from, c.Workspace, words, at.rows)
	if err != nil {
		return at, false, fmt.Errorf("store: fill spare with words: %w", err)
	}
	at.rows += int(n)
	return at, n < int64(words), nil
}

// isSpare reports whether the transaction's workspace is a spare of a copy.
func (c Copies) isSpare(from string) (is bool, err error) {
	err = c.QueryRow(`SELECT EXISTS (SELECT 1 FROM snapshot_uses WHERE workspace_id = $1 AND holder = $2 AND name = $3)`, from, c.Workspace, spareUse).Scan(&is)
	if err != nil {
		err = fmt.Errorf("store: look for spare: %w", err)
	}
	return is, err
}

// UseSpare makes a spare that is filled the workspace w, as Fill makes one of a workspace that is empty. It reports whether there was that
// spare of the copy still, and whether there is the copy.
func (c Copies) UseSpare(from string, w *model.Workspace) (used, there bool, err error) {
	if there, err = c.Hold(from); err != nil || !there {
		return false, false, err
	}
	n, err := c.Exec(`DELETE FROM snapshot_uses WHERE workspace_id = $1 AND holder = $2 AND name = $3`, from, c.Workspace, spareUse)
	if err != nil || n == 0 {
		return false, true, err
	}
	err = c.all("use spare", []any{c.Workspace, w.Name, w.Timezone, w.Region, w.Secret, w.CreatedAt, record.Number(w.RateLimits.App), record.Number(w.RateLimits.Workspace)},
		`UPDATE workspaces SET name = $2, timezone = $3, region = $4, secret = $5, created_at = $6, app_rate_limit = $7, rate_limit = $8 WHERE id = $1`)
	if err != nil {
		return false, true, err
	}
	tables, err := c.Plan.of(c.Tx)
	if err != nil {
		return false, true, err
	}
	for _, t := range tables {
		if slices.Contains(late, t.Name) {
			if err := c.Write(t.copy, from, c.Workspace); err != nil {
				return false, true, fmt.Errorf("store: copy %s: %w", t.Name, err)
			}
		}
	}
	return true, true, c.follow(from)
}

// WipeSpare takes away some rows of the transaction's workspace, about so many, if that is a spare, which nobody can use from then on. It reports whether
// there is nothing more to be taken away.
func (c Copies) WipeSpare(most int) (all bool, err error) {
	if err := c.all("end spare", []any{c.Workspace, spareUse}, `DELETE FROM snapshot_uses
		WHERE workspace_id = (SELECT secret FROM workspaces WHERE id = $1) AND holder = $1 AND name = $2`); err != nil {
		return false, err
	}
	var is bool // or it has just been used
	err = c.QueryRow(`SELECT EXISTS (SELECT 1 FROM workspaces WHERE id = $1 AND NOT (`+Named+`))`, c.Workspace).Scan(&is)
	if err != nil || !is {
		return err == nil, err
	}
	tables, err := c.filled(string(c.Workspace))
	if err != nil {
		return false, err
	}
	for _, t := range slices.Backward(tables) {
		n, err := c.take(t, t.some, string(c.Workspace), most)
		if err != nil {
			return false, fmt.Errorf("store: wipe %s of spare: %w", t.Name, err)
		}
		if most -= int(n); most <= 0 {
			return false, nil
		}
	}
	d := c.Dialect()
	err = c.all("wipe words of spare", []any{d.Search("w"+string(c.Workspace), nil, false), c.Workspace},
		`DELETE FROM article_search WHERE `+d.Matches("article_search", "$1")+` AND workspace_id = $2`)
	if err != nil {
		return false, err
	}
	return true, c.all("end spare", []any{c.Workspace}, `DELETE FROM workspaces WHERE id = $1`)
}

// Spares lists the spares that were begun before a time, of whatever copy.
func (c Copies) Spares(before int64) (list []model.WorkspaceID, err error) {
	err = c.Rows(`SELECT id FROM workspaces WHERE id < '`+sandbox.CopyMark+`' AND secret >= '`+sandbox.CopyMark+`' AND created_at < $1 ORDER BY id`, []any{before},
		func(r *db.Rows) error {
			var id model.WorkspaceID
			err := r.Scan(&id)
			list = append(list, id)
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("store: list spares: %w", err)
	}
	return list, nil
}

// SparesOf lists the spares of a copy, those that are not filled yet included; none where no workspace can be made of it any more.
func (c Copies) SparesOf(from string) (list []model.WorkspaceID, err error) {
	if is, err := c.offered(from); err != nil || !is {
		return nil, err
	}
	err = c.Rows(`SELECT holder FROM snapshot_uses WHERE workspace_id = $1 AND name = $2 ORDER BY holder`, []any{from, spareUse}, func(r *db.Rows) error {
		var id model.WorkspaceID
		err := r.Scan(&id)
		list = append(list, id)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("store: list spares of copy: %w", err)
	}
	return list, nil
}
