-- +goose Up

-- Work to be done later, found by when it is due whatever the workspace. A job is
-- due at run_at, or when the lease of whoever took it has ended; one that was
-- given up has failed_at and is kept to be looked at.
CREATE TABLE jobs (
	id           TEXT PRIMARY KEY,
	workspace_id TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	kind         TEXT NOT NULL,
	unique_key   TEXT,
	payload      JSONB NOT NULL,
	run_at       BIGINT NOT NULL,
	attempt      BIGINT NOT NULL,
	leased_until BIGINT,
	last_error   TEXT,
	failed_at    BIGINT,
	created_at   BIGINT NOT NULL
);
CREATE UNIQUE INDEX jobs_by_key ON jobs (workspace_id, kind, unique_key);
-- The order that each kind is worked off in.
CREATE INDEX jobs_by_due ON jobs (kind, COALESCE(leased_until, run_at), id) WHERE failed_at IS NULL;
CREATE INDEX jobs_by_failure ON jobs (kind, failed_at, id) WHERE failed_at IS NOT NULL;
