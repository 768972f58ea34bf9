-- +goose Up

-- Copies of a workspace are rows of another, whose id begins with ~, so that it is behind all that can be named. The name is empty for
-- what a reset goes back to.
CREATE TABLE snapshots (
	workspace_id TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	name         TEXT NOT NULL,
	copy         TEXT NOT NULL,
	created_at   BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, name)
);

-- What a copy, the workspace here, is there for. The last use takes it along. The holder is empty for one of a seed.
CREATE TABLE snapshot_uses (
	workspace_id TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	holder       TEXT NOT NULL,
	name         TEXT NOT NULL,
	PRIMARY KEY (workspace_id, holder, name)
);

-- Jobs of a copy, which nobody runs.
CREATE TABLE snapshot_jobs (
	workspace_id TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	id           TEXT NOT NULL,
	kind         TEXT NOT NULL,
	unique_key   TEXT,
	payload      JSONB NOT NULL,
	run_at       BIGINT NOT NULL,
	due_at       BIGINT,
	attempt      BIGINT NOT NULL,
	last_error   TEXT,
	failed_at    BIGINT,
	created_at   BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, id)
);

-- The index of words of a copy, which nobody searches.
CREATE TABLE snapshot_words (
	workspace_id TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	article_id   BIGINT NOT NULL,
	locale       TEXT NOT NULL,
	keys         TEXT NOT NULL,
	title        TEXT NOT NULL,
	summary      TEXT NOT NULL,
	body         TEXT NOT NULL,
	PRIMARY KEY (workspace_id, article_id, locale)
);

-- Files that a copy names, under the workspace that they were made in, which may be gone. They stay.
CREATE TABLE snapshot_files (
	workspace_id TEXT NOT NULL,
	blob_key     TEXT NOT NULL,
	PRIMARY KEY (workspace_id, blob_key)
);
