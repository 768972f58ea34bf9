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
	test         BOOLEAN NOT NULL, -- a person asked for it; nothing happened
	deliveries   BIGINT NOT NULL, -- that there are of it; with the last one it goes
	created_at   BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, id)
);

-- A notification on its way to a webhook. Numbers tell the order of what happened to one object.
--
-- due_at is 0 where it is to be sent at once, a time where it is to be sent again then, and NULL where it is not to be sent: it
-- has ended, or waits for an earlier one of its object. Where one waits, the earliest of its object that does not is retrying.
CREATE TABLE deliveries (
	workspace_id    TEXT COLLATE "C" NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	number          BIGINT GENERATED ALWAYS AS IDENTITY,
	subscription_id BIGINT NOT NULL,
	notification_id TEXT COLLATE "C" NOT NULL,
	object          TEXT COLLATE "C" NOT NULL,
	state           TEXT COLLATE "C" NOT NULL, -- pending, retrying, held, delivered, dropped
	attempts        BIGINT NOT NULL,
	failures        BIGINT NOT NULL,
	due_at          BIGINT,
	first_sent_at   BIGINT,
	delivered_at    BIGINT,
	created_at      BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, number)
);
-- Most deliveries are written once and sent at once: they are in these two alone.
CREATE INDEX deliveries_due ON deliveries (workspace_id, subscription_id, due_at, number) WHERE due_at IS NOT NULL;
CREATE INDEX deliveries_by_subscription ON deliveries (workspace_id, subscription_id, number);
CREATE INDEX deliveries_blocked ON deliveries (workspace_id, subscription_id, object, number) WHERE state IN ('retrying', 'held');
CREATE INDEX deliveries_dropped ON deliveries (workspace_id, subscription_id, number) WHERE state = 'dropped';
