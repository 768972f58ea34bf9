-- +goose Up

-- How many requests may be made in ten seconds: by each app of the workspace, and by
-- all of them. NULL: as many as the settings of the server say.
ALTER TABLE workspaces ADD COLUMN app_rate_limit BIGINT;
ALTER TABLE workspaces ADD COLUMN rate_limit BIGINT;

-- What has been granted to servers of a window's limit: of an app or, where that is
-- empty, of the workspace. granted is what the latest question got, for its answer.
-- No reference: a row that others hold must not hold up a request.
CREATE TABLE rate_windows (
	workspace_id TEXT NOT NULL,
	starts_at    BIGINT NOT NULL,
	app          TEXT NOT NULL,
	taken        BIGINT NOT NULL,
	granted      BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, starts_at, app)
);
