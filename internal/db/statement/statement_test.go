package statement_test

import (
	"testing"

	"parley/internal/db/statement"
)

func TestReachOf(t *testing.T) {
	t.Parallel()
	// Sorts are not told apart by a key, and homes take things along.
	watched := map[string]statement.Watch{"things": {Key: "id"}, "parts": {Key: "thing_id"}, "sorts": {}, "homes": {Deletions: true}}
	nothing, all := statement.Reach{}, statement.Reach{Touches: true}
	workspace := func(n int) statement.Reach { return statement.Reach{Touches: true, Workspace: n} }
	row := func(ws, key int) statement.Reach { return statement.Reach{Touches: true, Workspace: ws, Key: key} }
	rows := func(ws, key int) statement.Reach {
		return statement.Reach{Touches: true, Workspace: ws, Key: key, Keys: true}
	}
	for _, c := range []struct {
		name, text string
		want       statement.Reach
	}{
		{"a query", `SELECT * FROM things WHERE workspace_id = $1`, nothing},
		{"a query behind a comment", `/* by values */ SELECT id FROM things`, nothing},
		{"another table", `UPDATE others SET a = $3 WHERE workspace_id = $1 AND id = $2`, nothing},
		{"another table, of what is in a watched one", `INSERT INTO others (workspace_id, n) SELECT $1, count(*) FROM things`, nothing},
		{"no form that is known", `CREATE TABLE more (id BIGINT)`, all},

		{"a row", `INSERT INTO things (workspace_id, id, name) VALUES ($1, $2, $3)`, row(1, 2)},
		{"a row over lines", "INSERT INTO parts (workspace_id,\n id, thing_id)\n VALUES ($1, $2,\n\t$3)", row(1, 3)},
		{"a row that may be there", `INSERT INTO parts (thing_id, workspace_id) VALUES ($2, $1) ON CONFLICT DO NOTHING`, row(1, 2)},
		{"a row that is answered", `INSERT INTO things (workspace_id, id) VALUES ($1, $2) RETURNING id`, row(1, 2)},
		{"a row of a table without a key", `INSERT INTO sorts (workspace_id, id) VALUES ($1, $2)`, workspace(1)},
		{"a row whose key is made", `INSERT INTO things (workspace_id, id) VALUES ($1, 'x')`, workspace(1)},
		{"a row of some workspace", `INSERT INTO things (workspace_id, id) VALUES ('w', $1)`, all},
		{"a row without names", `INSERT INTO things VALUES ($1, $2)`, all},
		{"two rows", `INSERT INTO things (workspace_id, id) VALUES ($1, $2), ($1, $3)`, workspace(1)},
		{"two rows of one key", `INSERT INTO parts (workspace_id, id, thing_id) VALUES ($1, $2, $4), ($1, $3, $4)`, row(1, 4)},
		{"rows of two workspaces", `INSERT INTO things (workspace_id, id) VALUES ($1, $2), ($3, $2)`, all},
		{"two rows that are not alike", `INSERT INTO things (workspace_id, id) VALUES ($1, $2), ($1)`, all},
		{"a row that changes another", `INSERT INTO things (workspace_id, id, n) VALUES ($1, $2, $3) ON CONFLICT (workspace_id, n) DO UPDATE SET a = 1`, all},
		{"a row that takes another's place", `INSERT OR REPLACE INTO things (workspace_id, id) VALUES ($1, $2)`, all},
		{"another form of that", `REPLACE INTO things (workspace_id, id) VALUES ($1, $2)`, all},
		{"rows of rows", `INSERT INTO parts (workspace_id, thing_id) SELECT workspace_id, id FROM things WHERE workspace_id = $1 AND id IN ($2, $3) ON CONFLICT DO NOTHING RETURNING thing_id`, workspace(1)},
		{"rows of rows of another workspace", `INSERT INTO parts (workspace_id, thing_id) SELECT $2, id FROM things WHERE workspace_id = $1`, all},
		{"rows of rows of any", `INSERT INTO parts (workspace_id, thing_id) SELECT workspace_id, id FROM things WHERE workspace_id = $1 OR id = $2`, all},

		{"a change", `UPDATE things SET name = $3 WHERE workspace_id = $1 AND id = $2`, row(1, 2)},
		{"a change in small letters", `update things set name = $3 where workspace_id = $1 and id = $2`, row(1, 2)},
		{"a change under a condition", `UPDATE things SET at = $3 WHERE workspace_id = $1 AND id = $2 AND (at IS NULL OR at < $3)`, row(1, 2)},
		{"a change of some", `UPDATE things SET at = $3 WHERE workspace_id = $1 AND id IN (SELECT value FROM json_each($2)) AND (at IS NULL OR at < $3)`, rows(1, 2)},
		{"a change of the key", `UPDATE parts SET thing_id = $3 WHERE workspace_id = $1 AND thing_id = $2`, workspace(1)},
		{"a change of the key among others", `UPDATE parts SET (a, thing_id) = ($4, $3) WHERE workspace_id = $1 AND thing_id = $2`, workspace(1)},
		{"a change of the workspace", `UPDATE things SET workspace_id = $3 WHERE workspace_id = $1 AND id = $2`, all},
		{"a change of all", `UPDATE things SET at = $2 WHERE workspace_id = $1`, workspace(1)},
		{"a change of others", `UPDATE things SET at = $2 WHERE workspace_id = $1 AND id <> $2`, workspace(1)},
		{"a change of one and others", `UPDATE things SET at = $2 WHERE workspace_id = $1 AND id = $2 OR at = 0`, all},
		{"a change of what is between", `UPDATE things SET a = $2 WHERE workspace_id = $1 AND at BETWEEN 1 AND id = $2`, all},
		{"a change by a key of another table", `UPDATE parts SET a = $3 WHERE workspace_id = $1 AND id = $2`, workspace(1)},
		{"a change of any workspace", `UPDATE things SET at = $1 WHERE id = $2`, all},
		{"a change by what a query finds", `UPDATE things SET n = (SELECT count(*) FROM parts WHERE workspace_id = $1 AND thing_id = $2) WHERE at = $3`, all},
		{"a change by a text", `UPDATE things SET a = $3 WHERE workspace_id = $1 AND name = ' OR ' AND id = $2`, all},
		{"a removal", `DELETE FROM parts WHERE workspace_id = $1 AND thing_id = $2 AND id = $3`, row(1, 2)},
		{"a removal of some", `DELETE FROM parts WHERE workspace_id = $1 AND sort = $2 AND thing_id IN (SELECT value FROM json_each($3)) RETURNING thing_id`, rows(1, 3)},
		{"a removal of all", `DELETE FROM things`, all},
		{"a removal of a sort", `DELETE FROM sorts WHERE workspace_id = $1 AND id = $2`, workspace(1)},
		{"a home", `INSERT INTO homes (workspace_id, id) VALUES ($1, $2)`, nothing},
		{"a home that changes", `UPDATE homes SET n = 1 WHERE workspace_id = $1 AND id = $2`, nothing},
		{"a home that goes", `DELETE FROM homes WHERE workspace_id = $1 AND id = $2`, workspace(1)},
		{"a home in the place of another", `INSERT OR REPLACE INTO homes (workspace_id, id) VALUES ($1, $2)`, all},
		{"two statements", `DELETE FROM parts WHERE workspace_id = $1 AND thing_id = $2; DELETE FROM things`, all},
		{"a change behind a WITH", `WITH a AS (SELECT 1) UPDATE things SET n = 1 WHERE workspace_id = $1 AND id = $2`, all},
		{"by its name in quotes", `UPDATE main."Things" SET n = 1 WHERE workspace_id = $1 AND id = $2`, all},
	} {
		if got := statement.ReachOf(c.text, watched); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}

// TestNumbered holds that SQLite gives each parameter the number that its name says.
func TestNumbered(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, want string }{
		{"SELECT 1", "SELECT 1"},
		{"SELECT $1, $2, $3", "SELECT ?, ?, ?"},
		{"SELECT $1, $2, $1, $3, $2", "SELECT ?, ?, ?1, ?, ?2"},
		{"SELECT $2, $1, $3", "SELECT ?2, ?1, ?"},
		{"SELECT $1, $3, $4", "SELECT ?, ?3, ?"},
		{"SELECT $10,$1", "SELECT ?10,?1"},
		{"SELECT '$1', $1, 'a''$1', \"b$1\", $2 -- $3\n, /* $3 '*/ $3", "SELECT '$1', ?, 'a''$1', \"b$1\", ? -- $3\n, /* $3 '*/ ?"},
		{"SELECT x->'$.a', $1, '$", "SELECT x->'$.a', ?, '$"},
		{"SELECT $1, $2; SELECT $3, $1", "SELECT ?, ?; SELECT ?3, ?1"},
		{"SELECT $a, $, $99999999999999999999", "SELECT $a, $, $99999999999999999999"},
	} {
		if got := statement.Numbered(c.in); got != c.want {
			t.Errorf("%q becomes %q, want %q", c.in, got, c.want)
		}
	}
}
