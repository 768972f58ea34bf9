-- +goose Up

-- What came of a message: each time is the first of its kind. sent is false of an
-- e-mail that nobody may get.
ALTER TABLE messages ADD COLUMN sent BOOLEAN NOT NULL DEFAULT TRUE;
ALTER TABLE messages ADD COLUMN first_reply_at BIGINT;
ALTER TABLE messages ADD COLUMN first_open_at BIGINT;
ALTER TABLE messages ADD COLUMN first_click_at BIGINT;
ALTER TABLE messages ADD COLUMN first_dismissal_at BIGINT;
ALTER TABLE messages ADD COLUMN first_unsubscribe_at BIGINT;
ALTER TABLE messages ADD COLUMN first_hard_bounce_at BIGINT;

UPDATE messages SET sent = FALSE WHERE type = 'email' AND EXISTS (SELECT 1 FROM outgoing_emails e
	WHERE e.workspace_id = messages.workspace_id AND e.contact_id = messages.contact_id AND e.message_id = messages.id
		AND e.state = 'suppressed');

-- Of a contact's own parts these two are messages.
UPDATE messages SET first_reply_at = (SELECT min(p.created_at) FROM conversation_parts p
	WHERE p.workspace_id = messages.workspace_id AND p.conversation_id = messages.conversation_id
		AND p.contact_id = messages.contact_id AND p.type IN ('comment', 'open'))
	WHERE conversation_id IS NOT NULL;

-- The order that an export reads them in.
CREATE INDEX messages_by_time ON messages (workspace_id, created_at, id) WHERE sent;

-- Exports of what was sent from one time to another, and how far each has come: up
-- to which message, in how many parts. The file is one gzip stream over all parts,
-- of which checksum and text_length tell the state. Every attempt at a part takes
-- the next number of files.
CREATE TABLE data_exports (
	workspace_id    TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	id              TEXT NOT NULL,
	sent_after      BIGINT NOT NULL,
	sent_before     BIGINT NOT NULL,
	status          TEXT NOT NULL,
	last_sent_at    BIGINT NOT NULL,
	last_message_id BIGINT NOT NULL,
	receipts        BIGINT NOT NULL,
	parts           BIGINT NOT NULL,
	size            BIGINT NOT NULL,
	checksum        BIGINT NOT NULL,
	text_length     BIGINT NOT NULL,
	files           BIGINT NOT NULL,
	attempts        BIGINT NOT NULL,
	created_at      BIGINT NOT NULL,
	finished_at     BIGINT,
	PRIMARY KEY (workspace_id, id)
);
-- A workspace has one at a time that is not over.
CREATE UNIQUE INDEX data_exports_by_activity ON data_exports (workspace_id) WHERE finished_at IS NULL;

CREATE TABLE data_export_parts (
	workspace_id TEXT NOT NULL,
	export_id    TEXT NOT NULL,
	number       BIGINT NOT NULL,
	file         BIGINT NOT NULL,
	size         BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, export_id, number),
	FOREIGN KEY (workspace_id, export_id) REFERENCES data_exports (workspace_id, id) ON DELETE CASCADE
);
