-- +goose Up

-- What happened, in the order of the transactions: what the live stream tells.
CREATE TABLE events (
	workspace_id   TEXT COLLATE "C" NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	transaction_id BIGINT NOT NULL DEFAULT pg_current_xact_id()::text::bigint,
	number         BIGINT GENERATED ALWAYS AS IDENTITY,
	id             TEXT COLLATE "C" NOT NULL,
	topic          TEXT COLLATE "C" NOT NULL,
	object_type    TEXT COLLATE "C" NOT NULL,
	object_id      TEXT COLLATE "C" NOT NULL,
	created_at     BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, transaction_id, number)
);

-- Events that a webhook is told, as they were at that moment.
CREATE TABLE notifications (
	workspace_id TEXT COLLATE "C" NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	id           TEXT COLLATE "C" NOT NULL, -- that of the event
	topic        TEXT COLLATE "C" NOT NULL,
	object       TEXT COLLATE "C" NOT NULL,
	item         TEXT COLLATE "C" NOT NULL, -- JSON, sent as it is
	created_at   BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, id)
);

-- A notification on its way to a webhook. Numbers tell the order of what happened to one object.
CREATE TABLE deliveries (
	workspace_id    TEXT COLLATE "C" NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	number          BIGINT GENERATED ALWAYS AS IDENTITY,
	subscription_id BIGINT NOT NULL,
	notification_id TEXT COLLATE "C" NOT NULL,
	object          TEXT COLLATE "C" NOT NULL,
	state           TEXT COLLATE "C" NOT NULL, -- pending, delivered, dropped
	attempts        BIGINT NOT NULL,
	due_at          BIGINT NOT NULL,
	first_sent_at   BIGINT,
	delivered_at    BIGINT,
	created_at      BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, number)
);
CREATE INDEX deliveries_pending ON deliveries (workspace_id, subscription_id, number) WHERE state = 'pending';
CREATE INDEX deliveries_by_subscription ON deliveries (workspace_id, subscription_id, number);
CREATE INDEX deliveries_dropped ON deliveries (workspace_id, subscription_id, number) WHERE state = 'dropped';
