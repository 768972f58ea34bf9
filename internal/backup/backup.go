// Package backup writes a database and the files that its rows name into one archive, and fills an empty database of
// either kind from one.
// It must not know a table: it reads the catalog, and is told what is special about some of them.
//
// An archive is a tar, compressed by Zstandard, with these members in this order:
//
//	parley.json                  the Head
//	tables/NAME/000001.jsonl     rows of a table, a list of values each, in the order of the columns; as many members as
//	                             it takes, and tables in the order of the head
//	files/KEY                    a file
//	absent                       keys of files that rows name and that were not there, a line each; if there are any
//	SHA256SUMS                   of all members before, as sha256sum writes and checks them
//	manifest.json                the Manifest
//
// Rows are the same for both databases: a text, a JSON value as it is spelled, a number and a boolean are what they are
// in JSON, a text that is not UTF-8 is {"base64": "…"}.
package backup

import (
	"fmt"

	"parley/internal/db"
)

// Format is the number of the form of archives that this package writes, and the only one that it reads.
const Format = 1

// The names of members.
const (
	headName     = "parley.json"
	tablesFolder = "tables/"
	filesFolder  = "files/"
	absentName   = "absent"
	sumsName     = "SHA256SUMS"
	manifestName = "manifest.json"
)

// The bounds of what is read. Parley writes no file that is larger than a hundredth of this, and rows of a few megabytes
// at most.
const (
	maxMember      = 256 << 20 // bytes of a file, and of a member with rows
	maxDescription = 16 << 20  // bytes of the head and the manifest
)

// partSize is how many bytes of rows make a member, give or take one row: they are in memory together.
const partSize = 1 << 20

// A Head says what an archive is, before anything else.
type Head struct {
	Format     int         `json:"format"`
	Program    string      `json:"program"`    // version of the Parley that wrote it
	Schema     int64       `json:"schema"`     // version of the schema that the rows are for
	Database   string      `json:"database"`   // they are from: sqlite or postgres
	CreatedAt  int64       `json:"created_at"` // Unix seconds: all is as it was then
	Files      bool        `json:"files"`      // files are in it too
	Workspaces []Workspace `json:"workspaces"` // the first thousand
	Tables     []Table     `json:"tables"`     // in the order of their rows
}

// A Workspace is whose the rows are.
type Workspace struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// A Table is a table of the database that an archive is of.
type Table struct {
	Name    string   `json:"name"`
	Columns []Column `json:"columns"`
}

// A Column is a column of a Table.
type Column struct {
	Name string        `json:"name"`
	Type db.ColumnType `json:"type"`
}

// A Manifest says what an archive holds, behind everything else.
type Manifest struct {
	Tables    []Rows `json:"tables"` // in the order of the head
	Files     int64  `json:"files"`
	FileBytes int64  `json:"file_bytes"`
	Absent    int64  `json:"absent"`      // files that rows name and that were not there
	Members   int64  `json:"members"`     // that SHA256SUMS names
	SumsHash  string `json:"sums_sha256"` // of the member SHA256SUMS, in hexadecimal
}

// Rows says how many there are of a table.
type Rows struct {
	Table string `json:"table"`
	Rows  int64  `json:"rows"`
}

// Rows returns how many rows there are of all tables.
func (m *Manifest) Rows() int64 {
	var n int64
	for _, t := range m.Tables {
		n += t.Rows
	}
	return n
}

// Facts are what is special about tables, which the catalog does not tell.
type Facts struct {
	// Passing names tables whose rows mean nothing to another database, or at another time. They are left out.
	Passing []string
	// Told names tables whose rows are told in the order of their keys by a position: the columns transaction_id and
	// number. A position is good on one database only, so that each row gets a new one, which never was another's.
	Told []string
	// Files are where rows name files.
	Files []FileNames
	// Workspaces is a statement that returns the id and the name of workspaces.
	Workspaces string
}

// FileNames are where rows name files.
type FileNames struct {
	Table string // which an earlier schema may lack
	Keys  string // a statement that returns keys, each once
}

// part names a member with rows of a table, the first of which is 1.
func part(table string, number int) string {
	return fmt.Sprintf("%s%s/%06d.jsonl", tablesFolder, table, number)
}
