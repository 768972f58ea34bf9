-- +goose Up

-- Whom contacts are searched by that few of them have.
CREATE INDEX contacts_by_last_replied_at ON contacts (workspace_id, last_replied_at, id)
	WHERE role <> 'visitor' AND archived_at IS NULL AND last_replied_at IS NOT NULL;
CREATE INDEX contacts_by_last_contacted_at ON contacts (workspace_id, last_contacted_at, id)
	WHERE role <> 'visitor' AND archived_at IS NULL AND last_contacted_at IS NOT NULL;
CREATE INDEX contacts_unsubscribed ON contacts (workspace_id, created_at, id)
	WHERE role <> 'visitor' AND archived_at IS NULL AND unsubscribed_from_emails;
CREATE INDEX contacts_marked_as_spam ON contacts (workspace_id, created_at, id)
	WHERE role <> 'visitor' AND archived_at IS NULL AND marked_email_as_spam;
CREATE INDEX contacts_bounced ON contacts (workspace_id, created_at, id)
	WHERE role <> 'visitor' AND archived_at IS NULL AND has_hard_bounced;

-- The orders that an inbox is read in.
CREATE INDEX conversations_waiting ON conversations (workspace_id, waiting_since, id)
	WHERE kind = 'conversation' AND waiting_since IS NOT NULL;
CREATE INDEX conversations_snoozed ON conversations (workspace_id, snoozed_until, id)
	WHERE kind = 'conversation' AND snoozed_until IS NOT NULL;
CREATE INDEX conversations_with_priority ON conversations (workspace_id, updated_at, id)
	WHERE kind = 'conversation' AND priority;
CREATE INDEX conversations_rated ON conversations (workspace_id, rating, id)
	WHERE kind = 'conversation' AND rating IS NOT NULL;
CREATE INDEX conversations_closed ON conversations (workspace_id, last_close_at, id)
	WHERE kind = 'conversation' AND last_close_at IS NOT NULL;

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
	('contacts', 'contacts_by_last_replied_at', '300000 30000 2 1'),
	('contacts', 'contacts_by_last_contacted_at', '400000 40000 2 1'),
	('contacts', 'contacts_unsubscribed', '40000 4000 2 1'),
	('contacts', 'contacts_marked_as_spam', '2000 200 2 1'),
	('contacts', 'contacts_bounced', '10000 1000 2 1'),
	('conversations', 'conversations_waiting', '100000 10000 2 1'),
	('conversations', 'conversations_snoozed', '10000 1000 2 1'),
	('conversations', 'conversations_with_priority', '30000 3000 2 1'),
	('conversations', 'conversations_rated', '100000 10000 2000 1'),
	('conversations', 'conversations_closed', '900000 90000 2 1');

ANALYZE sqlite_schema;
