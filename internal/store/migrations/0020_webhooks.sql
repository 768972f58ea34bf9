-- +goose Up

-- URLs that are told what happens, in the name of an app. One that was removed stays until what was on its way to it is gone.
CREATE TABLE webhooks (
	workspace_id   TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	id             BIGINT NOT NULL,
	app_id         BIGINT NOT NULL,
	url            TEXT NOT NULL,
	topics         JSONB NOT NULL,
	state          TEXT NOT NULL, -- live, paused, suspended, removed
	reason         TEXT NOT NULL,
	created_at     BIGINT NOT NULL,
	failures       BIGINT NOT NULL,
	failures_since BIGINT NOT NULL,
	failing_since  BIGINT NOT NULL,
	wait_until     BIGINT NOT NULL,
	waiting        TEXT NOT NULL,
	delay          BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, id)
);

-- Requests of deliveries and what came of them.
CREATE TABLE delivery_attempts (
	workspace_id TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	delivery     BIGINT NOT NULL,
	attempt      BIGINT NOT NULL,
	at           BIGINT NOT NULL,
	took_ms      BIGINT NOT NULL,
	status       BIGINT NOT NULL, -- 0 for no answer
	error        TEXT NOT NULL,
	header       JSONB NOT NULL, -- of the answer
	body         TEXT NOT NULL, -- of the answer; its beginning
	PRIMARY KEY (workspace_id, delivery, attempt)
);
