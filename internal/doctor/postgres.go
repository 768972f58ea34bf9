package doctor

import (
	"cmp"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"parley/internal/db"
)

// The oldest server of PostgreSQL that Parley is tried on.
const oldestServer = 15

// server looks at what PostgreSQL is. Parley needs no extension, and orders texts by their bytes whatever the collation
// of the database is.
func (e *examination) server() error {
	var number int
	var version, encoding, timeout string
	err := e.view(func(tx *db.Tx) error {
		return tx.QueryRow(`SELECT current_setting('server_version_num')::int, current_setting('server_version'),
			current_setting('server_encoding'), current_setting('statement_timeout')`).Scan(&number, &version, &encoding, &timeout)
	})
	if err != nil {
		return err
	}
	if number/10000 < oldestServer {
		e.problem("the server is PostgreSQL "+version, fmt.Sprintf("use PostgreSQL %d or newer", oldestServer))
	}
	if encoding != "UTF8" {
		e.problem("the database keeps texts as "+encoding+": not every message can be written", "make a database with ENCODING 'UTF8', and move there with parley backup and parley restore")
	}
	if d, err := time.ParseDuration(strings.Replace(timeout, "min", "m", 1)); err == nil && d > 0 && d < 5*time.Second && !e.Full {
		e.warning("statement_timeout is "+timeout+": what takes longer fails", "take it out of the URL of the database, so that it is 30 seconds")
	}
	if !e.found() {
		e.ok("PostgreSQL %s, %s", version, encoding)
	}
	return nil
}

// clock compares this machine's clock with the database's.
func (e *examination) clock() error {
	var there float64
	var here time.Time
	var took time.Duration
	err := e.view(func(tx *db.Tx) error {
		before := e.App.Clock()
		err := tx.QueryRow("SELECT extract(epoch FROM clock_timestamp())::float8").Scan(&there)
		here = e.App.Clock()
		took = here.Sub(before)
		here = before.Add(took / 2)
		return err
	})
	if err != nil {
		return err
	}
	ahead := time.Duration((float64(here.UnixMicro())/1e6 - there) * float64(time.Second)).Round(time.Millisecond)
	text := fmt.Sprintf("this machine's clock is %v ahead of the database's", ahead)
	const some, much = time.Second, 10 * time.Second // a window of the rate limits
	switch gap := ahead.Abs() - took/2; {
	case gap > much:
		e.problem(text, "have both machines set their clocks by NTP: rate limits, jobs and links go by them")
	case gap > some:
		e.warning(text, "have both machines set their clocks by NTP: rate limits, jobs and links go by them")
	default:
		e.ok("%s, which is near enough", text)
	}
	return nil
}

// pool is how many connections a server opens at most.
const pool = 16

// connections looks whether the database has enough of them.
func (e *examination) connections() error {
	var most, reserved, used int
	err := e.view(func(tx *db.Tx) error {
		return tx.QueryRow(`SELECT current_setting('max_connections')::int, current_setting('superuser_reserved_connections')::int,
			(SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend')`).Scan(&most, &reserved, &used)
	})
	if err != nil {
		return err
	}
	left := most - reserved - used
	if left < pool {
		e.warning(fmt.Sprintf("%d of %d connections are in use; a server opens up to %d", used, most, pool),
			"raise max_connections of PostgreSQL, or run fewer servers")
		return nil
	}
	e.ok("%d of %d are in use; a server opens up to %d", used, most, pool)
	return nil
}

// transactions looks for those that hold others up: as long as one that writes is open, the live stream tells nothing that
// came later, and no old version of a row is cleared away.
func (e *examination) transactions() error {
	old := fmt.Sprint(int64(cmp.Or(e.OldTransaction, time.Minute).Milliseconds()))
	err := e.rows(`SELECT gid, extract(epoch FROM clock_timestamp() - prepared)::bigint FROM pg_prepared_xacts
		WHERE prepared < clock_timestamp() - interval '`+old+` milliseconds' ORDER BY prepared LIMIT 20`, func(name string, seconds int64) {
		e.problem(fmt.Sprintf("the prepared transaction %s is open since %v: the live stream tells nothing of what came later", name, time.Duration(seconds)*time.Second),
			"COMMIT PREPARED or ROLLBACK PREPARED it, in its database")
	})
	if err != nil {
		return err
	}
	err = e.rows(`SELECT 'pid ' || pid || ', ' || COALESCE(NULLIF(application_name, ''), 'no name') || ' in ' || datname || ', ' || COALESCE(state, ''),
		extract(epoch FROM clock_timestamp() - xact_start)::bigint FROM pg_stat_activity
		WHERE xact_start < clock_timestamp() - interval '`+old+` milliseconds' AND backend_xid IS NOT NULL ORDER BY xact_start LIMIT 20`, func(name string, seconds int64) {
		e.problem(fmt.Sprintf("a transaction that writes is open since %v (%s): the live stream tells nothing of what came later", time.Duration(seconds)*time.Second, name),
			"end it, with pg_terminate_backend if it hangs")
	})
	if err != nil {
		return err
	}
	err = e.rows(`SELECT 'pid ' || pid || ', ' || COALESCE(NULLIF(application_name, ''), 'no name') || ', ' || COALESCE(state, ''),
		extract(epoch FROM clock_timestamp() - xact_start)::bigint FROM pg_stat_activity
		WHERE datname = current_database() AND xact_start < clock_timestamp() - interval '15 minutes' AND backend_xid IS NULL AND backend_xmin IS NOT NULL
		ORDER BY xact_start LIMIT 20`, func(name string, seconds int64) {
		e.warning(fmt.Sprintf("a transaction that reads is open since %v (%s): no old version of a row is cleared away meanwhile", time.Duration(seconds)*time.Second, name),
			"let it end, if it is a backup; else end it")
	})
	if err == nil && !e.found() {
		e.ok("none holds others up")
	}
	return err
}

// indexes looks for those that were not made to the end.
func (e *examination) indexes() error {
	err := e.rows(`SELECT indexrelid::regclass::text || ' of ' || indrelid::regclass::text, 0 FROM pg_index JOIN pg_class c ON c.oid = indexrelid
		WHERE NOT indisvalid AND c.relnamespace = current_schema()::regnamespace ORDER BY 1 LIMIT 20`, func(name string, _ int64) {
		e.problem("the index "+name+" is not valid: it costs with each write and serves nobody", "REINDEX INDEX CONCURRENTLY, or drop it if it is not Parley's")
	})
	if err == nil && !e.found() {
		e.ok("all are valid")
	}
	return err
}

// vacuum looks whether PostgreSQL cleans up by itself.
func (e *examination) vacuum() error {
	err := e.rows(`SELECT name || ' is off', 0 FROM pg_settings WHERE name IN ('autovacuum', 'track_counts') AND setting = 'off'
		UNION ALL SELECT 'autovacuum_enabled of ' || relname || ' is off', 0 FROM pg_class, unnest(reloptions) AS option
		WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p') AND option IN ('autovacuum_enabled=false', 'autovacuum_enabled=off', 'autovacuum_enabled=0')`,
		func(text string, _ int64) {
			e.problem(text+": tables grow without end, and plans go by what they once were", "turn it on")
		})
	if err == nil && !e.found() {
		e.ok("autovacuum is on")
	}
	return err
}

// rows reads rows of a text and a number.
func (e *examination) rows(query string, fn func(text string, number int64)) error {
	return e.view(func(tx *db.Tx) error {
		rows, err := tx.Query(query)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var text sql.NullString
			var number sql.NullInt64
			if err := rows.Scan(&text, &number); err != nil {
				return err
			}
			fn(text.String, number.Int64)
		}
		return rows.Err()
	})
}
