// Package parts keeps SQLite's index of the parts of contacts' names and addresses, behind those who write them.
// It must not be relied on: who is not in the index yet is in a table that triggers write, and is found by that.
package parts

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"parley/internal/db"
	"parley/internal/model"
	"parley/internal/store/query"
)

const (
	// batch is how many contacts are put into the index in one transaction. Whoever writes meanwhile waits for that, as for any other: on
	// SQLite there is one writer.
	batch = 250
	// few is how many contacts are worth a transaction, and a segment of the index with it. Fewer may wait for as long as they like: a search
	// that looks at them takes no longer than one that asks the index.
	few = 64
	// look is how often it is looked for what there is to do.
	look = time.Second
	// rest is how long at least nothing is put into the index between two transactions, and patience how often it is waited again because
	// others have written in that time.
	rest     = 2 * time.Millisecond
	patience = 10
)

// An Index is that of one database, which has none if it is PostgreSQL. Start it once, stop it once.
type Index struct {
	db     *db.DB
	logger *slog.Logger
	stop   context.CancelFunc
	ended  chan struct{}
}

// New makes the one that keeps the index of an open, migrated database.
func New(d *db.DB, logger *slog.Logger) *Index { return &Index{db: d, logger: logger} }

// Start puts into the index what others write, after a while and until Stop.
func (x *Index) Start(after time.Duration) {
	if !x.db.Dialect().Keeps() {
		return
	}
	var ctx context.Context
	ctx, x.stop = context.WithCancel(context.Background())
	x.ended = make(chan struct{})
	go func() {
		defer close(x.ended)
		x.tend(ctx, after)
	}()
}

// Stop ends what Start began. What is not in the index then, the next one puts there.
func (x *Index) Stop() {
	if x.stop != nil {
		x.stop()
		<-x.ended
	}
}

func (x *Index) tend(ctx context.Context, after time.Duration) {
	for next := time.NewTimer(after); ; next.Reset(look) {
		select {
		case <-ctx.Done():
			next.Stop()
			return
		case <-next.C:
		}
		if err := x.all(ctx); err != nil && ctx.Err() == nil {
			x.logger.Warn("parts of names and addresses could not be put into the index: searches find them nevertheless, more slowly", "error", err)
		}
	}
}

// all puts what there is into the index until few are left.
func (x *Index) all(ctx context.Context) error {
	for {
		began := time.Now()
		left, err := x.Step(ctx, few)
		if err != nil || !left {
			return err
		}
		if err := x.rest(ctx, time.Since(began)); err != nil {
			return err
		}
	}
}

// rest lets others write, for as long at least as they were kept from it.
func (x *Index) rest(ctx context.Context, took time.Duration) error {
	written := func() int64 {
		s := x.db.Stats()
		return s.Updates + s.Rollbacks + s.Waiting
	}
	for range patience {
		before := written()
		select {
		case <-time.After(max(rest, took)):
		case <-ctx.Done():
			return ctx.Err()
		}
		if written() == before {
			return nil
		}
	}
	return nil
}

// Step puts contacts into the index that are not there as they are, some hundred of a workspace at most and in one transaction, if there are at
// least so many in all. It reports whether there were.
func (x *Index) Step(ctx context.Context, least int) (done bool, err error) {
	err = x.db.View(ctx, func(t *db.Tx) (err error) {
		done, err = due(t, least)
		return err
	})
	if err != nil || !done {
		return false, err
	}
	if err := x.db.Update(ctx, step); err != nil {
		return false, fmt.Errorf("store: index parts of contacts: %w", err)
	}
	return true, nil
}

func due(t *db.Tx, least int) (bool, error) {
	var n int
	err := t.QueryRow(`SELECT count(*) FROM (SELECT 1 FROM kept_contact_changes LIMIT $1) some`, least).Scan(&n)
	return n >= least, err
}

// step takes the next contacts out of those that are not in the index. What the index has of them goes, since it keeps no texts to compare with.
func step(t *db.Tx) error {
	var ws model.WorkspaceID
	var last string
	err := t.QueryRow(`SELECT workspace_id, max(contact_id) FROM (
			SELECT workspace_id, contact_id FROM kept_contact_changes
			WHERE workspace_id = (SELECT workspace_id FROM kept_contact_changes ORDER BY workspace_id LIMIT 1)
			ORDER BY contact_id LIMIT $1) some GROUP BY workspace_id`, batch).Scan(&ws, &last)
	if db.IsNoRows(err) {
		return nil
	}
	if err != nil {
		return err
	}
	// The numbers of a workspace are in one piece, which no other has: that of those it has already, or the next. Those of leads begin behind those
	// that users may have.
	const changed = ` WHERE n.workspace_id = $1 AND n.contact_id <= $2`
	const had = ` FROM kept_contact_changes n JOIN kept_contact_documents d ON d.workspace_id = n.workspace_id AND d.contact_id = n.contact_id`
	var begin, users, leads int64
	var left string // of whose numbers some may be nobody's now
	err = t.QueryRow(`SELECT s.begin, COALESCE((SELECT max(document) FROM kept_contact_documents WHERE document BETWEEN s.begin AND s.begin + $4 - 1), s.begin),
			COALESCE((SELECT max(document) FROM kept_contact_documents WHERE document BETWEEN s.begin + $4 AND s.begin + 2 * $4 - 1), s.begin + $4),
			(SELECT json_group_array(DISTINCT d.document / $5 * $5)`+had+changed+`)
		FROM (SELECT $3 * COALESCE((SELECT document / $3 FROM kept_contact_documents WHERE workspace_id = $1 LIMIT 1),
			(SELECT max(document) / $3 + 1 FROM kept_contact_documents), 1) AS begin) s`,
		ws, last, query.Numbers, query.LeadAfterUser, query.AgesOf).Scan(&begin, &users, &leads, &left)
	if err != nil {
		return err
	}
	const added = ` FROM kept_contact_documents WHERE (document BETWEEN $1 + 1 AND $2 - 1 OR document BETWEEN $3 + 1 AND $4 - 1)`
	these := []any{users, begin + query.LeadAfterUser, leads, begin + query.AddressAfterName}
	for _, s := range []struct {
		text string
		args []any
	}{
		{`DELETE FROM kept_contact_parts WHERE rowid IN (SELECT d.document + a.after` + had + `
			CROSS JOIN (SELECT 0 AS after UNION ALL SELECT $3) a` + changed + `)`, []any{ws, last, query.AddressAfterName}},
		{`DELETE FROM kept_contact_documents WHERE workspace_id = $1 AND contact_id IN (SELECT n.contact_id FROM kept_contact_changes n` + changed + `)`, []any{ws, last}},
		{`DELETE FROM kept_contact_ages WHERE document IN (SELECT value FROM json_each($1)) AND NOT EXISTS (
			SELECT 1 FROM kept_contact_documents d WHERE d.document BETWEEN kept_contact_ages.document AND kept_contact_ages.document + $2 - 1)`,
			[]any{left, query.AgesOf}},
		{`INSERT INTO kept_contact_documents (document, workspace_id, contact_id, contact_created_at, contact_role, name, email)
			SELECT CASE c.role WHEN 'lead' THEN $4 ELSE $3 END + row_number() OVER (PARTITION BY c.role ORDER BY c.created_at, c.id),
				c.workspace_id, c.id, c.created_at, c.role, c.name_fold, c.email_fold FROM kept_contact_changes n
			JOIN contacts c ON c.workspace_id = n.workspace_id AND c.id = n.contact_id` + changed + `
				AND (length(c.name_fold) > 2 OR length(c.email_fold) > 2) AND c.role <> 'visitor' AND c.archived_at IS NULL`,
			[]any{ws, last, users, leads}},
		{`INSERT INTO kept_contact_ages (document, oldest, newest)
			SELECT document / $5 * $5, min(contact_created_at), max(contact_created_at)` + added + ` GROUP BY 1
			ON CONFLICT (document) DO UPDATE SET oldest = min(oldest, excluded.oldest), newest = max(newest, excluded.newest)`,
			append(these[:4:4], query.AgesOf)},
		// At once and in the order of the numbers: for one that is less than the last, and with each statement, the index ends a segment, and
		// whoever asks looks in all of them.
		{`INSERT INTO kept_contact_parts (rowid, text) SELECT document AS number, name AS text` + added + ` AND length(name) > 2
			UNION ALL SELECT document + $5, email` + added + ` AND length(email) > 2 ORDER BY number`, append(these[:4:4], query.AddressAfterName)},
		{`DELETE FROM kept_contact_changes WHERE workspace_id = $1 AND contact_id <= $2`, []any{ws, last}},
	} {
		if err := t.Write(s.text, s.args...); err != nil {
			return err
		}
	}
	return nil
}
