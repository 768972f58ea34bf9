package db

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"

	"parley/internal/db/revision"
	"parley/internal/db/statement"
)

// limits are settings of a session, with their usual values: a statement that hangs, or a process that stops inside a
// transaction, must not hold its locks for ever. Every statement has an index that begins with its workspace: a planner
// that knows too little of a table, or takes it for small, would rather read all of it, and compile what it thinks will
// take long.
var limits = []limit{
	{"statement_timeout", "30s"},
	{"idle_in_transaction_session_timeout", "60s"},
	{"enable_seqscan", "off"},
	{"jit", "off"},
}

// besideLimits are those of the sessions of Beside beyond that. Whoever holds the row that one waits for may wait, by way
// of the process, for the transaction beside which the statement runs, and the database would not notice. Nobody waits for
// the disk there: whoever uses what was read commits after it, and the log is written in order.
var besideLimits = []limit{
	{"lock_timeout", "5s"},
	{"synchronous_commit", "off"},
}

// A limit is a setting of a session.
type limit struct{ name, usual string }

// planMode says how statements that are kept are planned: once, and not for the values of each time, which takes PostgreSQL longer than to run most. By itself
// it does so only where it guesses the plan for any values to be as good, which it does not where it is wrong about the number of rows.
const planMode = "plan_cache_mode"

// connectTime is how long it may take to open a connection, unless the URL gives a connect_timeout.
const connectTime = 5 * time.Second

// graceOfAnswers is how much longer than a statement may take its answer is waited for.
const graceOfAnswers = 15 * time.Second

func openPostgres(ctx context.Context, d *Dialect, o Options) (*postgresEngine, error) {
	config, err := pgxpool.ParseConfig(o.URL)
	if err != nil {
		return nil, fmt.Errorf("reading the database URL: %w", err)
	}
	e, err := newPostgres(ctx, d, config, o)
	if err != nil {
		return nil, fmt.Errorf("opening the PostgreSQL database %s on %s: %w", config.ConnConfig.Database, config.ConnConfig.Host, err)
	}
	return e, nil
}

func newPostgres(ctx context.Context, d *Dialect, config *pgxpool.Config, o Options) (*postgresEngine, error) {
	conn := config.ConnConfig
	preset(conn, "application_name", "parley")
	for _, l := range limits {
		preset(conn, l.name, l.usual)
	}
	if conn.ConnectTimeout == 0 {
		conn.ConnectTimeout = connectTime
	}
	// A connection whose other end is gone without a word is found out while nobody waits for it.
	dialer := net.Dialer{KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 15 * time.Second, Interval: 5 * time.Second, Count: 3}}
	conn.DialFunc = dialer.DialContext

	pooler, current, err := look(ctx, d, conn, o)
	if err != nil {
		return nil, err
	}
	if !current {
		if err := migratePostgres(ctx, d, conn.Copy(), pooler, o); err != nil {
			return nil, err
		}
	}
	if pooler {
		o.Logger.Info("the database is behind a pooler: statements are not prepared")
	}
	return openPools(ctx, d, config, pooler, o)
}

// openPools makes the engine and that of Beside, at the same time: PostgreSQL starts a process for each connection.
func openPools(ctx context.Context, d *Dialect, config *pgxpool.Config, pooler bool, o Options) (*postgresEngine, error) {
	revisions := revision.NewServer()
	if o.ReadOnly {
		return openPool(ctx, d, config, pooler, revisions, o)
	}
	beside := config.Copy()
	for _, l := range besideLimits {
		preset(beside.ConnConfig, l.name, l.usual)
	}
	aside := o
	aside.MaxConns = besideConns
	var e, b *postgresEngine
	var err, failure error
	var both sync.WaitGroup
	both.Go(func() { b, failure = openPool(ctx, d, beside, pooler, revisions, aside) })
	both.Go(func() { e, err = openPool(ctx, d, config, pooler, revisions, o) })
	both.Wait()
	if err == nil && failure == nil {
		e.beside = b
		return e, nil
	}
	for _, opened := range []*postgresEngine{e, b} {
		if opened != nil {
			opened.close()
		}
	}
	return nil, cmp.Or(err, failure)
}

// openPool makes an engine with connections of its own.
func openPool(ctx context.Context, d *Dialect, config *pgxpool.Config, pooler bool, revisions *revision.Server, o Options) (*postgresEngine, error) {
	e := &postgresEngine{
		dialect: d, revisions: revisions, reading: simple(beginReading), writing: simple(beginWriting),
		readOnly: o.ReadOnly, connections: o.MaxConns, patience: o.ConnWait, slots: make(chan struct{}, o.MaxConns),
	}
	e.moments = e.shareMoments()
	conn := config.ConnConfig
	e.opening = conn.ConnectTimeout * time.Duration(1+len(conn.Fallbacks))
	patience := patienceWith(conn.RuntimeParams["statement_timeout"])
	if o.ReadOnly {
		patience = 0 // whoever only reads may read everything, and takes as long as that does
	}
	if pooler {
		for _, text := range sessionless(conn) {
			e.reading, e.writing = append(e.reading, text), append(e.writing, text)
		}
	} else {
		e.plansOnce = true
		preset(conn, planMode, "force_generic_plan")
	}
	config.MaxConns = int32(o.MaxConns)
	config.MinConns, config.MinIdleConns = 0, 0
	config.MaxConnIdleTime = 5 * time.Minute
	config.MaxConnLifetimeJitter = config.MaxConnLifetime / 10
	// A connection that was lost while it was idle shows when a transaction begins, which then takes another.
	config.ShouldPing = func(context.Context, pgxpool.ShouldPingParams) bool { return false }
	config.AfterConnect = func(_ context.Context, c *pgx.Conn) error {
		c.PgConn().CustomData()[linkKey] = &link{conn: c.PgConn(), types: c.TypeMap(), prepared: statement.NewRecent[*prepared](), names: !pooler, patience: patience}
		return nil
	}
	var err error
	if e.pool, err = pgxpool.NewWithConfig(ctx, config); err != nil {
		return nil, err
	}
	e.tidier = time.AfterFunc(warmTime, e.tidy)
	if err := e.ping(ctx); err != nil {
		e.close()
		return nil, err
	}
	return e, nil
}

// preset gives a session parameter a value unless the URL gives one.
func preset(config *pgx.ConnConfig, name, value string) {
	if _, ok := config.RuntimeParams[name]; ok || strings.Contains(config.RuntimeParams["options"], name) {
		return
	}
	config.RuntimeParams[name] = value
}

// look reports whether another program than PostgreSQL answers, which may have each transaction run on another
// session, and whether the schema is known to be current. Such a program refuses parameters of a session that it does not know; or else the number by which it would be
// asked to cancel a statement is not that of the process that runs it.
func look(ctx context.Context, d *Dialect, config *pgx.ConnConfig, o Options) (pooler, current bool, err error) {
	conn, err := pgx.ConnectConfig(ctx, config)
	var refusal *pgconn.PgError
	if errors.As(err, &refusal) && refusal.Code == "08P01" {
		for _, l := range limits {
			if strings.Contains(refusal.Message, l.name) {
				return true, false, nil
			}
		}
	}
	if err != nil {
		return false, false, err
	}
	defer conn.Close(ctx)
	var process uint32
	if err := conn.QueryRow(ctx, "SELECT pg_backend_pid()", pgx.QueryExecModeSimpleProtocol).Scan(&process); err != nil {
		return false, false, err
	}
	return process != conn.PgConn().PID(), isCurrent(d, o.Migrations, func() (have string, err error) {
		err = conn.QueryRow(ctx, appliedOnPostgres, pgx.QueryExecModeSimpleProtocol).Scan(&have)
		return have, err
	}), nil
}

// appliedOnPostgres asks for the versions of the migrations that are applied. It has no row where one was left out, and fails where none was ever applied.
const appliedOnPostgres = `SELECT string_agg(version_id::text, ',' ORDER BY version_id) FROM (
		SELECT DISTINCT version_id FROM goose_db_version WHERE is_applied AND version_id > 0) applied
	HAVING to_regclass('schema_left_out') IS NULL`

// sessionless takes the limits out of the parameters of a session and returns statements that set them for a transaction.
func sessionless(config *pgx.ConnConfig) []asked {
	var statements []asked
	for _, l := range slices.Concat(limits, besideLimits) {
		if value, ok := config.RuntimeParams[l.name]; ok {
			delete(config.RuntimeParams, l.name)
			statements = append(statements, simple("SET LOCAL "+l.name+" = '"+strings.ReplaceAll(value, "'", "''")+"'")...)
		}
	}
	return statements
}

// migratePostgres brings the schema up to date on connections of its own, since a migration may take its time.
func migratePostgres(ctx context.Context, d *Dialect, config *pgx.ConnConfig, pooler bool, o Options) error {
	if pooler {
		sessionless(config)
		config.DefaultQueryExecMode = pgx.QueryExecModeExec
	} else {
		config.RuntimeParams["statement_timeout"] = "0"
		delete(config.RuntimeParams, "idle_in_transaction_session_timeout")
	}
	handle := stdlib.OpenDB(*config)
	defer handle.Close()
	return migrate(ctx, d, handle, o)
}

// patienceWith is how long an answer is waited for where a statement may take a time, as PostgreSQL spells it; 0 if there
// is no telling.
func patienceWith(timeout string) time.Duration {
	timeout = strings.ReplaceAll(timeout, "min", "m")
	d, err := time.ParseDuration(timeout)
	if ms, notNumber := strconv.Atoi(timeout); notNumber == nil {
		d, err = time.Duration(ms)*time.Millisecond, nil
	}
	if err != nil || d <= 0 {
		return 0
	}
	return d + graceOfAnswers
}

// linkKey is where a connection has its link.
const linkKey = "parley"

func linkOf(conn *pgxpool.Conn) *link { return conn.Conn().PgConn().CustomData()[linkKey].(*link) }
