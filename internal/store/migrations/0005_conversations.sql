-- +goose Up

-- Conversations and tickets, which are conversations of another kind: what says
-- "conversations" elsewhere states the kind. Statistics are kept as things
-- happen. searchable holds custom attributes, as that of contacts does.
CREATE TABLE conversations (
	workspace_id                   TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	id                             BIGINT NOT NULL,
	kind                           TEXT NOT NULL,
	created_at                     BIGINT NOT NULL,
	updated_at                     BIGINT NOT NULL,
	state                          TEXT NOT NULL,
	read                           BOOLEAN NOT NULL,
	priority                       BOOLEAN NOT NULL,
	title                          TEXT,
	waiting_since                  BIGINT,
	snoozed_until                  BIGINT,
	admin_assignee_id              BIGINT,
	team_assignee_id               BIGINT,
	rating                         BIGINT,
	rating_remark                  TEXT,
	rating_remark_fold             TEXT,
	rating_contact_id              TEXT,
	rating_admin_id                BIGINT,
	rating_requested_at            BIGINT,
	rating_replied_at              BIGINT,
	attributes                     JSONB NOT NULL,
	searchable                     JSONB NOT NULL,
	first_contact_reply_at         BIGINT,
	first_assignment_at            BIGINT,
	first_admin_reply_at           BIGINT,
	first_close_at                 BIGINT,
	last_assignment_at             BIGINT,
	last_assignment_admin_reply_at BIGINT,
	last_contact_reply_at          BIGINT,
	last_admin_reply_at            BIGINT,
	last_close_at                  BIGINT,
	last_closed_by_id              BIGINT,
	time_to_assignment             BIGINT,
	time_to_admin_reply            BIGINT,
	time_to_first_close            BIGINT,
	time_to_last_close             BIGINT,
	median_time_to_reply           BIGINT,
	count_reopens                  BIGINT NOT NULL,
	count_assignments              BIGINT NOT NULL,
	count_parts                    BIGINT NOT NULL,
	unanswered_since               BIGINT,
	PRIMARY KEY (workspace_id, id)
);
-- The orders that lists and searches are read in.
CREATE INDEX conversations_by_updated_at ON conversations (workspace_id, updated_at, id) WHERE kind = 'conversation';
CREATE INDEX conversations_by_created_at ON conversations (workspace_id, created_at, id) WHERE kind = 'conversation';
CREATE INDEX conversations_by_state ON conversations (workspace_id, state) WHERE kind = 'conversation';
CREATE INDEX conversations_by_admin ON conversations (workspace_id, admin_assignee_id, state);
CREATE INDEX conversations_by_team ON conversations (workspace_id, team_assignee_id, state);

-- What began a conversation: apart from it, since it is long and does not change.
CREATE TABLE conversation_sources (
	workspace_id    TEXT NOT NULL,
	conversation_id BIGINT NOT NULL,
	id              BIGINT NOT NULL,
	type            TEXT NOT NULL,
	delivered_as    TEXT NOT NULL,
	subject         TEXT NOT NULL,
	subject_fold    TEXT NOT NULL,
	body            TEXT NOT NULL,
	text_fold       TEXT NOT NULL, -- of the body
	author_type     TEXT NOT NULL,
	contact_id      TEXT,
	admin_id        BIGINT,
	url             TEXT,
	url_fold        TEXT,
	redacted        BOOLEAN NOT NULL,
	PRIMARY KEY (workspace_id, conversation_id),
	FOREIGN KEY (workspace_id, conversation_id) REFERENCES conversations (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX conversation_sources_by_id ON conversation_sources (workspace_id, id);
CREATE INDEX conversation_sources_by_contact ON conversation_sources (workspace_id, contact_id);
CREATE INDEX conversation_sources_by_admin ON conversation_sources (workspace_id, admin_id) WHERE admin_id IS NOT NULL;

-- Conversations are searched by the names of those who began them.
ALTER TABLE admins ADD COLUMN name_fold TEXT NOT NULL DEFAULT '';
UPDATE admins SET name_fold = lower(name);

-- In the order of their ids, which is the order they came in.
CREATE TABLE conversation_parts (
	workspace_id    TEXT NOT NULL,
	conversation_id BIGINT NOT NULL,
	id              BIGINT NOT NULL,
	type            TEXT NOT NULL,
	body            TEXT,
	author_type     TEXT NOT NULL,
	contact_id      TEXT,
	admin_id        BIGINT,
	assigned_type   TEXT,
	assigned_id     BIGINT,
	created_at      BIGINT NOT NULL,
	updated_at      BIGINT NOT NULL,
	external_id     TEXT,
	redacted        BOOLEAN NOT NULL,
	details         JSONB NOT NULL, -- reply options, states of a ticket
	PRIMARY KEY (workspace_id, conversation_id, id),
	FOREIGN KEY (workspace_id, conversation_id) REFERENCES conversations (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX conversation_parts_by_contact ON conversation_parts (workspace_id, contact_id, conversation_id)
	WHERE contact_id IS NOT NULL;

CREATE TABLE conversation_contacts (
	workspace_id    TEXT NOT NULL,
	conversation_id BIGINT NOT NULL,
	contact_id      TEXT NOT NULL,
	PRIMARY KEY (workspace_id, conversation_id, contact_id),
	FOREIGN KEY (workspace_id, conversation_id) REFERENCES conversations (workspace_id, id) ON DELETE CASCADE,
	FOREIGN KEY (workspace_id, contact_id) REFERENCES contacts (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX conversation_contacts_by_contact ON conversation_contacts (workspace_id, contact_id, conversation_id);

-- The admins who wrote at least one part.
CREATE TABLE conversation_teammates (
	workspace_id    TEXT NOT NULL,
	conversation_id BIGINT NOT NULL,
	admin_id        BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, conversation_id, admin_id),
	FOREIGN KEY (workspace_id, conversation_id) REFERENCES conversations (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX conversation_teammates_by_admin ON conversation_teammates (workspace_id, admin_id, conversation_id);

CREATE TABLE conversation_tags (
	workspace_id    TEXT NOT NULL,
	conversation_id BIGINT NOT NULL,
	tag_id          BIGINT NOT NULL,
	applied_at      BIGINT NOT NULL,
	applied_by      BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, conversation_id, tag_id),
	FOREIGN KEY (workspace_id, conversation_id) REFERENCES conversations (workspace_id, id) ON DELETE CASCADE,
	FOREIGN KEY (workspace_id, tag_id) REFERENCES tags (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX conversation_tags_by_tag ON conversation_tags (workspace_id, tag_id, conversation_id);

-- The words of each source, which a search finds it by. There is no foreign key:
-- the words of a source are removed by name, so that no second index is needed.
CREATE TABLE conversation_words (
	workspace_id    TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	word            TEXT NOT NULL,
	conversation_id BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, word, conversation_id)
);

-- How long contacts waited for each answer, in seconds, in order, and where the
-- middle of that order is: the median moves by one row with each answer.
CREATE TABLE conversation_reply_times (
	workspace_id    TEXT NOT NULL,
	conversation_id BIGINT NOT NULL,
	seconds         BIGINT NOT NULL,
	part_id         BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, conversation_id, seconds, part_id),
	FOREIGN KEY (workspace_id, conversation_id) REFERENCES conversations (workspace_id, id) ON DELETE CASCADE
);

CREATE TABLE conversation_medians (
	workspace_id    TEXT NOT NULL,
	conversation_id BIGINT NOT NULL,
	replies         BIGINT NOT NULL,
	seconds         BIGINT NOT NULL, -- the middle answer, or the lower of the two
	part_id         BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, conversation_id),
	FOREIGN KEY (workspace_id, conversation_id) REFERENCES conversations (workspace_id, id) ON DELETE CASCADE
);

-- How many there are of what is too many to count for each list.
CREATE TABLE totals (
	workspace_id TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	name         TEXT NOT NULL,
	total        BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, name)
);

CREATE TABLE messages (
	workspace_id    TEXT NOT NULL,
	id              BIGINT NOT NULL,
	type            TEXT NOT NULL,
	subject         TEXT NOT NULL,
	body            TEXT NOT NULL,
	template        TEXT NOT NULL,
	admin_id        BIGINT NOT NULL,
	contact_id      TEXT NOT NULL,
	conversation_id BIGINT,
	created_at      BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, id),
	FOREIGN KEY (workspace_id, contact_id) REFERENCES contacts (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX messages_by_contact ON messages (workspace_id, contact_id, id);

-- What the e-mail channel has to send, rendered; and what must not be sent, with
-- the reason.
CREATE TABLE outgoing_emails (
	workspace_id TEXT NOT NULL,
	id           TEXT NOT NULL,
	message_id   BIGINT NOT NULL,
	contact_id   TEXT NOT NULL,
	admin_id     BIGINT NOT NULL,
	address      TEXT NOT NULL,
	subject      TEXT NOT NULL,
	html         TEXT NOT NULL,
	text         TEXT NOT NULL,
	state        TEXT NOT NULL,
	suppressed   TEXT NOT NULL,
	created_at   BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, id),
	FOREIGN KEY (workspace_id, contact_id) REFERENCES contacts (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX outgoing_emails_by_contact ON outgoing_emails (workspace_id, contact_id);
CREATE INDEX outgoing_emails_by_state ON outgoing_emails (workspace_id, state, id);

CREATE TABLE assignment_rules (
	workspace_id        TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	id                  BIGINT NOT NULL,
	position            BIGINT NOT NULL,
	name                TEXT NOT NULL,
	conversation_filter JSONB,
	contact_filter      JSONB,
	assign_type         TEXT NOT NULL,
	assign_id           BIGINT NOT NULL,
	method              TEXT NOT NULL,
	last_admin_id       BIGINT,
	created_at          BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, id)
);
CREATE UNIQUE INDEX assignment_rules_by_name ON assignment_rules (workspace_id, name);

-- What a ticket is beyond a conversation. number is what people call it.
CREATE TABLE tickets (
	workspace_id   TEXT NOT NULL,
	id             BIGINT NOT NULL,
	number         BIGINT NOT NULL,
	ticket_type_id BIGINT NOT NULL,
	state          TEXT NOT NULL,
	shared         BOOLEAN NOT NULL,
	company_id     TEXT,
	attributes     JSONB NOT NULL,
	PRIMARY KEY (workspace_id, id),
	FOREIGN KEY (workspace_id, id) REFERENCES conversations (workspace_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX tickets_by_number ON tickets (workspace_id, number);
CREATE INDEX tickets_by_type ON tickets (workspace_id, ticket_type_id);
