package db

// Dialect holds the few words that differ between SQLite and PostgreSQL. All other SQL is written once, with $1
// placeholders, one statement per call.
//
// Columns that mean the same to both are TEXT, BIGINT, BOOLEAN, DOUBLE PRECISION and JSONB. A JSONB value is passed as
// a string or as bytes, scanned as either, and is an object or a list. A BOOLEAN is passed and scanned as bool.
type Dialect struct {
	name      string
	forUpdate string
	free      string
	binary    string
	list      func(param string) string
	intList   func(param string) string
	jsonText  func(column, param string) string
}

func sqliteDialect() *Dialect {
	return &Dialect{
		name: "sqlite",
		list: func(param string) string {
			return "(SELECT value FROM json_each(" + param + "))"
		},
		intList: func(param string) string {
			return "(SELECT CAST(value AS INTEGER) FROM json_each(" + param + "))"
		},
		jsonText: func(column, param string) string {
			// json_quote makes any key one label of the path. The operator -> keeps a number's and a boolean's own
			// spelling, where json_extract turns true into 1.
			path := "'$.' || json_quote(" + param + ")"
			return "(CASE json_type(" + column + ", " + path + ")" +
				" WHEN 'text' THEN json_extract(" + column + ", " + path + ")" +
				" WHEN 'null' THEN NULL" +
				" ELSE " + column + " -> (" + path + ") END)"
		},
	}
}

func postgresDialect() *Dialect {
	return &Dialect{
		name:      "postgres",
		forUpdate: " FOR UPDATE",
		free:      " FOR UPDATE SKIP LOCKED",
		binary:    ` COLLATE "C"`,
		list: func(param string) string {
			return "(SELECT jsonb_array_elements_text(" + param + "::jsonb))"
		},
		intList: func(param string) string {
			return "(SELECT jsonb_array_elements_text(" + param + "::jsonb)::bigint)"
		},
		jsonText: func(column, param string) string {
			return "(" + column + " ->> " + param + "::text)"
		},
	}
}

// Name returns "sqlite" or "postgres".
func (d *Dialect) Name() string { return d.name }

// ForUpdate is appended to a SELECT whose rows the transaction is about to change, so that no other transaction
// changes them first. SQLite has one writer and needs no word.
func (d *Dialect) ForUpdate() string { return d.forUpdate }

// ForUpdateOfFree is ForUpdate for a SELECT that is content with the rows that no other transaction holds: it leaves the
// others out rather than wait for them.
func (d *Dialect) ForUpdateOfFree() string { return d.free }

// Binary is appended to a text expression in ORDER BY and in comparisons by < and >, so that text is ordered by its
// bytes. Columns need no such word: a migration for both databases that declares one TEXT declares it in byte order.
// Expressions, a member of a JSON object say, are in the order of the PostgreSQL database without it.
func (d *Dialect) Binary() string { return d.binary }

// List returns a sub-select of the members of a JSON list of strings; param is the placeholder of the list. It reads
// well after IN.
func (d *Dialect) List(param string) string { return d.list(param) }

// IntList returns a sub-select of the members of a JSON list of whole numbers, as BIGINT.
func (d *Dialect) IntList(param string) string { return d.intList(param) }

// JSONText returns an expression for one member of a JSON object as TEXT; param is the placeholder of the member's
// name, which may hold any characters. A string is itself, a number and a boolean are as JSON spells them, and a member
// that is absent or null is NULL. column must be a column or another expression without placeholders.
func (d *Dialect) JSONText(column, param string) string { return d.jsonText(column, param) }
