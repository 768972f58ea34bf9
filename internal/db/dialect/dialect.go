// Package dialect is the few words that differ between SQLite and PostgreSQL.
// It must not know a table, nor ask a database anything.
package dialect

import "strings"

// Dialect holds the few words that differ between SQLite and PostgreSQL. All other SQL is written once, with $1
// placeholders, one statement per call.
//
// Columns that mean the same to both are TEXT, BIGINT, BOOLEAN, DOUBLE PRECISION and JSONB. A JSONB value is passed as
// a string or as bytes, scanned as either, and is an object or a list. A BOOLEAN is passed and scanned as bool.
type Dialect struct {
	name      string
	forUpdate string
	forShare  string
	free      string
	together  bool
	binary    string
	unsorted  func(expr string) string
	settled   string
	clock     string
	putOff    [2]string

	boundLock     string
	hasContracted string
	catalog       string
	references    string
	bookkeeping   string

	joinEach func(table, alias, on string) string
	list     func(param string) string
	in       func(param string) string
	inInts   func(param string) string
	like     string
	holds    func(column, param string) string
	keeps    bool
	mentions func(column, param string) string
	jsonText func(column, param string) string
	matches  func(table, param string) string
	rank     func(table, param string) string
	search   func(key string, words []string, prefix bool) string
}

// SQLite is the dialect of SQLite.
func SQLite() *Dialect {
	return &Dialect{
		name:          "sqlite",
		clock:         "unixepoch()",
		putOff:        [2]string{"PRAGMA defer_foreign_keys = ON", "PRAGMA defer_foreign_keys = OFF"},
		hasContracted: "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'schema_contractions')",
		bookkeeping:   "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'goose_db_version')",
		catalog: `SELECT l.name, c.name, c.type, c.pk FROM pragma_table_list l JOIN pragma_table_xinfo(l.name) c
			WHERE l.schema = 'main' AND l.type IN ('table', 'virtual') AND c.hidden = 0 ORDER BY l.name, c.cid`,
		joinEach:   func(table, alias, on string) string { return " JOIN " + table + " " + alias + " ON " + on },
		references: `SELECT DISTINCT l.name, f."table", f.on_delete = 'NO ACTION' FROM pragma_table_list l JOIN pragma_foreign_key_list(l.name) f WHERE l.schema = 'main' ORDER BY 1, 2`,
		list: func(param string) string {
			return "(SELECT value FROM json_each(" + param + "))"
		},
		in: func(param string) string {
			return "IN (SELECT value FROM json_each(" + param + "))"
		},
		inInts: func(param string) string {
			return "IN (SELECT CAST(value AS INTEGER) FROM json_each(" + param + "))"
		},
		like:     ` ESCAPE '\'`,
		keeps:    true,
		mentions: func(column, param string) string { return "instr(" + column + ", " + param + ") > 0" },
		jsonText: func(column, param string) string {
			// json_quote makes any key one label of the path. The operator -> keeps a number's and a boolean's own
			// spelling, where json_extract turns true into 1.
			path := "'$.' || json_quote(" + param + ")"
			return "(CASE json_type(" + column + ", " + path + ")" +
				" WHEN 'text' THEN json_extract(" + column + ", " + path + ")" +
				" WHEN 'null' THEN NULL" +
				" ELSE " + column + " -> (" + path + ") END)"
		},
		matches: func(table, param string) string { return table + " MATCH " + param },
		// The less, the better; a weight for each column.
		rank: func(table, _ string) string { return "bm25(" + table + ", 0, 0, 0, 0, 10, 4, 1)" },
		search: func(key string, words []string, prefix bool) string {
			query := `{keys} : "` + key + `"`
			if len(words) > 0 {
				query += ` AND {title summary body} : ("` + strings.Join(words, `" AND "`) + `"`
				if prefix {
					query += " *"
				}
				query += ")"
			}
			return query
		},
	}
}

// Postgres is the dialect of PostgreSQL.
func Postgres() *Dialect {
	return &Dialect{
		name:          "postgres",
		forUpdate:     " FOR UPDATE",
		forShare:      " FOR SHARE",
		free:          " FOR UPDATE SKIP LOCKED",
		together:      true,
		binary:        ` COLLATE "C"`,
		boundLock:     "SET LOCAL lock_timeout = '1s'",
		hasContracted: "SELECT to_regclass('schema_contractions') IS NOT NULL",
		clock:         "extract(epoch FROM clock_timestamp())::bigint",
		bookkeeping:   "SELECT to_regclass('goose_db_version') IS NOT NULL",
		putOff:        [2]string{"SET CONSTRAINTS ALL DEFERRED", "SET CONSTRAINTS ALL IMMEDIATE"},
		catalog: `SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), COALESCE(array_position(i.indkey::int2[], a.attnum) + 1, 0)
			FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
			WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
				AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY c.relname, a.attnum`,
		references: `SELECT DISTINCT c.relname, o.relname, f.confdeltype = 'a' FROM pg_constraint f JOIN pg_class c ON c.oid = f.conrelid JOIN pg_class o ON o.oid = f.confrelid
			WHERE f.contype = 'f' AND c.relnamespace = current_schema()::regnamespace ORDER BY 1, 2`,
		settled:  " < pg_snapshot_xmin(pg_current_snapshot())::text::bigint",
		unsorted: func(expr string) string { return "COALESCE(" + expr + ", " + expr + ")" },
		joinEach: func(table, alias, on string) string {
			return " JOIN LATERAL (SELECT * FROM " + table + " " + alias + " WHERE " + on + " OFFSET 0) " + alias + " ON TRUE"
		},
		list: func(param string) string {
			return "(SELECT jsonb_array_elements_text(" + param + "::jsonb))"
		},
		// An array is made once and looked up by an index. A sub-select in its place is joined: with a table that the planner
		// takes for small that is reading it through.
		in: func(param string) string {
			return "= ANY (ARRAY(SELECT jsonb_array_elements_text(" + param + "::jsonb)))"
		},
		inInts: func(param string) string {
			return "= ANY (ARRAY(SELECT jsonb_array_elements_text(" + param + "::jsonb)::bigint))"
		},
		holds: func(column, param string) string { return column + " @> " + param + "::jsonb" },
		jsonText: func(column, param string) string {
			return "(" + column + " ->> " + param + "::text)"
		},
		matches: func(table, param string) string {
			return table + ".document @@ to_tsquery('simple', " + param + ")"
		},
		rank: func(table, param string) string {
			// The key, which comes first, is no measure of how well the words match. Asked for by "or", how near they are
			// to each other is none either: that takes time in the square of their number, and all long texts are equal.
			words := "to_tsquery('simple', replace(substr(" + param + ", strpos(" + param + ", ' & ') + 3), ' & ', ' | '))"
			column := func(weight string) string {
				return "ts_rank(ts_filter(" + table + ".document, '{" + weight + "}'), " + words + ", 1)"
			}
			return "-(" + column("a") + " + " + column("b") + " + " + column("d") + ")"
		},
		search: func(key string, words []string, prefix bool) string {
			query := "'" + key + "':C"
			for i, word := range words {
				query += " & '" + word + "':"
				if prefix && i == len(words)-1 {
					query += "*"
				}
				query += "ABD"
			}
			return query
		},
	}
}

// Catalog asks for the columns of all tables: table, column, type, place in the key.
func (d *Dialect) Catalog() string { return d.catalog }

// References asks which tables refer to which: table, other, whether that holds the other's rows.
func (d *Dialect) References() string { return d.references }

// Bookkeeping asks whether there are the books of the migrations, and HasContracted whether any of these contracted the schema.
func (d *Dialect) Bookkeeping() string   { return d.bookkeeping }
func (d *Dialect) HasContracted() string { return d.hasContracted }

// BoundLock is a statement after which a transaction waits for each lock for a short time at most; empty where there are no such locks.
func (d *Dialect) BoundLock() string { return d.boundLock }

// Name returns "sqlite" or "postgres".
func (d *Dialect) Name() string { return d.name }

// Shared reports whether several servers may work on one database.
func (d *Dialect) Shared() bool { return d.name == "postgres" }

// ForUpdate is appended to a SELECT whose rows the transaction is about to change, so that no other transaction
// changes them first. SQLite has one writer and needs no word.
func (d *Dialect) ForUpdate() string { return d.forUpdate }

// ForShare is appended to a SELECT whose rows must not change before the transaction ends. Others may read them in the
// same way.
func (d *Dialect) ForShare() string { return d.forShare }

// ForUpdateOfFree is ForUpdate for a SELECT that is content with the rows that no other transaction holds: it leaves the
// others out rather than wait for them.
func (d *Dialect) ForUpdateOfFree() string { return d.free }

// InsertsTogether reports whether a statement may begin with another that inserts: WITH x AS (INSERT …) INSERT ….
func (d *Dialect) InsertsTogether() bool { return d.together }

// Binary is appended to a text expression in ORDER BY and in comparisons by < and >, so that text is ordered by its
// bytes. Columns need no such word: a migration for both databases that declares one TEXT declares it in byte order.
// Expressions, a member of a JSON object say, are in the order of the PostgreSQL database without it.
func (d *Dialect) Binary() string { return d.binary }

// Unsorted returns an expression of the same value that no index has the order of: what matches is found first and
// sorted then, as is best where little does. PostgreSQL may guess otherwise, and read all there is in the order of the
// list to find it. SQLite is told what its tables are like, and the expression stays as it is.
func (d *Dialect) Unsorted(expr string) string {
	if d.unsorted == nil {
		return expr
	}
	return d.unsorted(expr)
}

// PlansOnce reports whether a statement that is asked often is planned once for all values of its arguments, where that is expected to be as good.
func (d *Dialect) PlansOnce() bool { return d.name == "postgres" }

// Settled returns a condition, with an AND before it, that a column which keeps the number of the transaction that wrote
// the row is below those of all transactions that are still running: no row of a lower number will be seen later.
// On SQLite transactions run one after another, and it is empty.
func (d *Dialect) Settled(column string) string {
	if d.settled == "" {
		return ""
	}
	return " AND " + column + d.settled
}

// Clock returns an expression for what the clock of the database shows, in Unix seconds. All servers see the same one; what
// happens has the time that its rule was handed.
func (d *Dialect) Clock() string { return d.clock }

// JoinEach joins the one row of a table that a condition names to each row that a SELECT finds, after it was found. A
// planner that may join it first looks for it, where its statistics know little of a workspace, among rows of which the
// SELECT finds few: PostgreSQL is left no such choice.
func (d *Dialect) JoinEach(table, alias, on string) string { return d.joinEach(table, alias, on) }

// PutOffReferences returns a statement after which a row may refer, for a while, to one that is not there, and the statement that ends
// the while. PostgreSQL allows that of references that a migration declared DEFERRABLE.
func (d *Dialect) PutOffReferences() (begin, end string) { return d.putOff[0], d.putOff[1] }

// Numbered returns a condition that a row is one of those whose numbers are in a JSON list, as Tx.Written tells them; param is the
// placeholder of the list. Only SQLite numbers rows.
func (d *Dialect) Numbered(param string) string { return "rowid " + d.inInts(param) }

// List returns a sub-select of the members of a JSON list of strings; param is the placeholder of the list.
func (d *Dialect) List(param string) string { return d.list(param) }

// In returns the rest of a condition that what stands before it is a member of a JSON list of strings; param is the
// placeholder of the list.
func (d *Dialect) In(param string) string { return d.in(param) }

// InInts is In for a list of whole numbers and a BIGINT.
func (d *Dialect) InInts(param string) string { return d.inInts(param) }

// Like is appended to a LIKE whose pattern escapes by a backslash.
func (d *Dialect) Like() string { return d.like }

// Holds returns a condition that a JSONB object has a member of the value that it has in another, which has that one
// alone; param is the placeholder of the other. An index of the object's members serves it. The condition is empty
// where there is no such index: JSONText asks the same.
func (d *Dialect) Holds(column, param string) string {
	if d.holds == nil {
		return ""
	}
	return d.holds(column, param)
}

// Keeps reports whether triggers of the schema keep tables of the values and parts of texts by which contacts are found, the names of which
// begin with kept_. Where they do not, indexes serve. How many contacts have a value is kept on both.
func (d *Dialect) Keeps() bool { return d.keeps }

// Mentions returns a condition that a text, or a JSONB object in what it is written as, has another anywhere; param is the placeholder of the other.
// It takes less time than LIKE, or to read the object, and is empty where there is better.
func (d *Dialect) Mentions(column, param string) string {
	if d.mentions == nil {
		return ""
	}
	return d.mentions(column, param)
}

// JSONText returns an expression for one member of a JSON object as TEXT; param is the placeholder of the member's
// name, which may hold any characters. A string is itself, a number and a boolean are as JSON spells them, and a member
// that is absent or null is NULL. column must be a column or another expression without placeholders.
func (d *Dialect) JSONText(column, param string) string { return d.jsonText(column, param) }

// Matches returns a condition on a table of documents that are searched by their words: that one matches a query, a
// value of Search. The table has the columns workspace_id, two more and then keys, title, summary and body, each of them
// words with a space between; a migration for each database makes it. On SQLite the table must not go by another name
// in the statement.
func (d *Dialect) Matches(table, param string) string { return d.matches(table, param) }

// Rank returns an expression for how well a document matches a query; the less, the better. It must stand in the
// statement of the Matches.
func (d *Dialect) Rank(table, param string) string { return d.rank(table, param) }

// Search returns the query for the documents that have a key among their keys, and all the words elsewhere, the last
// one perhaps as the beginning of a longer one. Keys and words are letters, digits and marks.
func (d *Dialect) Search(key string, words []string, prefix bool) string {
	return d.search(key, words, prefix)
}
