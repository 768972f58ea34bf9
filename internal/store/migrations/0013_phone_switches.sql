-- +goose Up

-- Links to the Messenger that were sent to phones. The index counts how many went
-- to one phone of late.
CREATE TABLE phone_switches (
	workspace_id TEXT NOT NULL,
	id           TEXT NOT NULL,
	contact_id   TEXT NOT NULL,
	phone        TEXT NOT NULL,
	created_at   BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, id),
	FOREIGN KEY (workspace_id, contact_id) REFERENCES contacts (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX phone_switches_by_contact ON phone_switches (workspace_id, contact_id);
CREATE INDEX phone_switches_by_phone ON phone_switches (workspace_id, phone, created_at);

-- Text messages: those that wait for the gateway, and what became of the others.
CREATE TABLE outgoing_sms (
	workspace_id TEXT NOT NULL,
	id           TEXT NOT NULL,
	switch_id    TEXT NOT NULL,
	contact_id   TEXT NOT NULL,
	phone        TEXT NOT NULL,
	body         TEXT NOT NULL,
	state        TEXT NOT NULL,
	attempts     BIGINT NOT NULL,
	tried_at     BIGINT,
	gateway_id   TEXT,
	failure      TEXT,
	created_at   BIGINT NOT NULL,
	sent_at      BIGINT,
	PRIMARY KEY (workspace_id, id),
	FOREIGN KEY (workspace_id, contact_id) REFERENCES contacts (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX outgoing_sms_by_contact ON outgoing_sms (workspace_id, contact_id);
CREATE INDEX outgoing_sms_by_state ON outgoing_sms (workspace_id, state, id);
