// Package node keeps who serves a database: a row for each process, which lapses
// unless it is renewed, by the clock of the database.
// It must not know what a node does.
package node

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"parley/internal/db"
)

// A Node is a process that serves a database. Nodes are equal; none leads.
type Node struct {
	ID      string // random, for this run of the process
	Host    string // name of the machine
	Version string // of the program
	Schema  int64  // newest version of the schema that it knows
	Files   Files

	StartedAt int64 // Unix seconds, by the clock of the database
	Unseen    int64 // seconds since it was seen last
}

// Files are where a node keeps files.
type Files struct {
	Place string // a folder, or s3://bucket/prefix
	// FolderID is what is written in the folder; empty for a bucket. Two nodes that read
	// the same either see one folder, or one of them a copy.
	FolderID string
	// Shared is that somebody has said that the folder is one which several machines
	// see. It is not kept.
	Shared bool
}

const (
	// renewEvery is how often a node says that it is there.
	renewEvery = 5 * time.Second
	// lapse is after how many seconds without that it is not counted any more.
	lapse = 20
	// forget is after how many seconds its row is dropped. Until then it is of use to
	// who wants to know what has become of it.
	forget = 10 * 60
)

// Living reports whether the node has been seen lately.
func (n *Node) Living() bool { return n.Unseen < lapse }

// A Conflict is why a node cannot serve beside another: what one would keep, the other
// would not find.
type Conflict struct{ Own, Other *Node }

func (c *Conflict) Error() string {
	return fmt.Sprintf("the node %s on %s keeps files in %s, and this one in %s", c.Other.ID, c.Other.Host, c.Other.Files.Place, c.Own.Files.Place)
}

// agrees reports whether a node that begins finds what another keeps. A folder is the
// same on one machine, where it says the same; of two machines somebody must have said
// that they share it, since a copy says the same too.
func (n *Node) agrees(other *Node) bool {
	if n.Files.FolderID == "" || other.Files.FolderID == "" {
		return n.Files.Place == other.Files.Place
	}
	return n.Files.FolderID == other.Files.FolderID && (n.Files.Shared || n.Host == other.Host)
}

// Nodes are those of a database, whose migrations have made their table.
type Nodes struct{ db *db.DB }

// New makes the nodes of an open database.
func New(d *db.DB) *Nodes { return &Nodes{d} }

// Join adds a node, unless it is in conflict with one that lives: of two that begin at
// once, one is first. It may be called again for the same node.
func (s *Nodes) Join(ctx context.Context, n *Node) error {
	err := s.db.Update(ctx, func(tx *db.Tx) error { return join(tx, n) })
	if err != nil {
		return fmt.Errorf("node: join: %w", err)
	}
	return nil
}

func join(tx *db.Tx, n *Node) error {
	if err := tx.Lock("nodes"); err != nil {
		return err
	}
	others, err := list(tx)
	if err != nil {
		return err
	}
	for _, other := range others {
		if other.ID != n.ID && other.Living() && !n.agrees(other) {
			return &Conflict{n, other}
		}
	}
	clock := tx.Dialect().Clock()
	if err := tx.Write(`DELETE FROM nodes WHERE seen_at < `+clock+` - $1`, forget); err != nil {
		return err
	}
	return tx.QueryRow(`INSERT INTO nodes (id, host, version, schema_version, files, folder_id, started_at, seen_at)
		VALUES ($1, $2, $3, $4, $5, $6, `+clock+`, `+clock+`)
		ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at RETURNING started_at`,
		n.ID, n.Host, n.Version, n.Schema, n.Files.Place, orNull(n.Files.FolderID)).Scan(&n.StartedAt)
}

// Renew says that a node is there. One that has lapsed meanwhile joins again, and may
// find another in its place.
func (s *Nodes) Renew(ctx context.Context, n *Node) error {
	err := s.db.Update(ctx, func(tx *db.Tx) error {
		if err := tx.Passing(); err != nil {
			return err
		}
		clock := tx.Dialect().Clock()
		renewed, err := tx.Exec(`UPDATE nodes SET seen_at = `+clock+` WHERE id = $1 AND seen_at > `+clock+` - $2`, n.ID, lapse)
		if err != nil || renewed == 1 {
			return err
		}
		return join(tx, n)
	})
	if err != nil {
		return fmt.Errorf("node: renew: %w", err)
	}
	return nil
}

// Leave takes a node away.
func (s *Nodes) Leave(ctx context.Context, n *Node) error {
	err := s.db.Update(ctx, func(tx *db.Tx) error {
		return tx.Write(`DELETE FROM nodes WHERE id = $1`, n.ID)
	})
	if err != nil {
		return fmt.Errorf("node: leave: %w", err)
	}
	return nil
}

// List reads the nodes, those that have begun first before others, and for a while
// those that went without a word.
func (s *Nodes) List(ctx context.Context) (nodes []*Node, err error) {
	err = s.db.View(ctx, func(tx *db.Tx) (err error) {
		nodes, err = list(tx)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("node: list: %w", err)
	}
	return nodes, nil
}

func list(tx *db.Tx) ([]*Node, error) {
	rows, err := tx.Query(`SELECT id, host, version, schema_version, files, folder_id, started_at, ` + tx.Dialect().Clock() + ` - seen_at
		FROM nodes ORDER BY started_at, id`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var nodes []*Node
	for rows.Next() {
		n := new(Node)
		var folder sql.NullString
		if err := rows.Scan(&n.ID, &n.Host, &n.Version, &n.Schema, &n.Files.Place, &folder, &n.StartedAt, &n.Unseen); err != nil {
			return nil, err
		}
		n.Files.FolderID = folder.String
		nodes = append(nodes, n)
	}
	return nodes, rows.Err()
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}
