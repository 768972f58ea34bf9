-- +goose Up

-- Copies of a workspace are rows of another, whose id begins with ~, so that it is behind all that can be named. The name is empty for
-- what a reset goes back to.
CREATE TABLE snapshots (
	workspace_id TEXT COLLATE "C" NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	name         TEXT COLLATE "C" NOT NULL,
	copy         TEXT COLLATE "C" NOT NULL,
	created_at   BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, name)
);

-- What a copy, the workspace here, is there for. The last use takes it along. The holder is empty for one of a seed.
CREATE TABLE snapshot_uses (
	workspace_id TEXT COLLATE "C" NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	holder       TEXT COLLATE "C" NOT NULL,
	name         TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (workspace_id, holder, name)
);

-- Jobs of a copy, which nobody runs.
CREATE TABLE snapshot_jobs (
	workspace_id TEXT COLLATE "C" NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	id           TEXT COLLATE "C" NOT NULL,
	kind         TEXT COLLATE "C" NOT NULL,
	unique_key   TEXT COLLATE "C",
	payload      JSONB NOT NULL,
	run_at       BIGINT NOT NULL,
	due_at       BIGINT,
	attempt      BIGINT NOT NULL,
	last_error   TEXT COLLATE "C",
	failed_at    BIGINT,
	created_at   BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, id)
);

-- The index of words of a copy, which nobody searches.
CREATE TABLE snapshot_words (
	workspace_id TEXT COLLATE "C" NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	article_id   BIGINT NOT NULL,
	locale       TEXT COLLATE "C" NOT NULL,
	keys         TEXT COLLATE "C" NOT NULL,
	title        TEXT COLLATE "C" NOT NULL,
	summary      TEXT COLLATE "C" NOT NULL,
	body         TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (workspace_id, article_id, locale)
);

-- Files that a copy names, under the workspace that they were made in, which may be gone. They stay.
CREATE TABLE snapshot_files (
	workspace_id TEXT COLLATE "C" NOT NULL,
	blob_key     TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (workspace_id, blob_key)
);

-- What the planner is told of every table: see 0024.
ALTER TABLE snapshots ALTER COLUMN workspace_id SET STATISTICS 1, ALTER COLUMN workspace_id SET (n_distinct = 6);
ALTER TABLE snapshot_uses ALTER COLUMN workspace_id SET STATISTICS 1, ALTER COLUMN workspace_id SET (n_distinct = 6);
ALTER TABLE snapshot_jobs ALTER COLUMN workspace_id SET STATISTICS 1, ALTER COLUMN workspace_id SET (n_distinct = 6);
ALTER TABLE snapshot_words ALTER COLUMN workspace_id SET STATISTICS 1, ALTER COLUMN workspace_id SET (n_distinct = 6);
ALTER TABLE snapshot_files ALTER COLUMN workspace_id SET STATISTICS 1, ALTER COLUMN workspace_id SET (n_distinct = 6);
