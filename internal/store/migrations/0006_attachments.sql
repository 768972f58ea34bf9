-- +goose Up

-- The files of messages. One that was given by URL is a link, without a key, until
-- it has been fetched. part_id is 0 for the source of the conversation.
CREATE TABLE attachments (
	workspace_id    TEXT NOT NULL,
	id              TEXT NOT NULL,
	conversation_id BIGINT NOT NULL,
	part_id         BIGINT NOT NULL,
	position        BIGINT NOT NULL,
	name            TEXT NOT NULL,
	content_type    TEXT NOT NULL,
	size            BIGINT NOT NULL,
	width           BIGINT,
	height          BIGINT,
	blob_key        TEXT,
	url             TEXT,
	created_at      BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, id),
	FOREIGN KEY (workspace_id, conversation_id) REFERENCES conversations (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX attachments_by_part ON attachments (workspace_id, conversation_id, part_id, position);
