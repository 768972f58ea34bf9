-- +goose NO TRANSACTION
-- +goose Up

-- Each index is built beside a running server, which takes no lock that lasts. A build that was interrupted leaves an
-- index behind that serves nothing: it is dropped first, so that this can be run again.

-- Whom contacts are searched by that few of them have.
DROP INDEX CONCURRENTLY IF EXISTS contacts_by_last_replied_at;
CREATE INDEX CONCURRENTLY contacts_by_last_replied_at ON contacts (workspace_id, last_replied_at, id)
	WHERE role <> 'visitor' AND archived_at IS NULL AND last_replied_at IS NOT NULL;
DROP INDEX CONCURRENTLY IF EXISTS contacts_by_last_contacted_at;
CREATE INDEX CONCURRENTLY contacts_by_last_contacted_at ON contacts (workspace_id, last_contacted_at, id)
	WHERE role <> 'visitor' AND archived_at IS NULL AND last_contacted_at IS NOT NULL;
DROP INDEX CONCURRENTLY IF EXISTS contacts_unsubscribed;
CREATE INDEX CONCURRENTLY contacts_unsubscribed ON contacts (workspace_id, created_at, id)
	WHERE role <> 'visitor' AND archived_at IS NULL AND unsubscribed_from_emails;
DROP INDEX CONCURRENTLY IF EXISTS contacts_marked_as_spam;
CREATE INDEX CONCURRENTLY contacts_marked_as_spam ON contacts (workspace_id, created_at, id)
	WHERE role <> 'visitor' AND archived_at IS NULL AND marked_email_as_spam;
DROP INDEX CONCURRENTLY IF EXISTS contacts_bounced;
CREATE INDEX CONCURRENTLY contacts_bounced ON contacts (workspace_id, created_at, id)
	WHERE role <> 'visitor' AND archived_at IS NULL AND has_hard_bounced;

-- The orders that an inbox is read in. Those of one state are in one piece, the last updated at its end.
DROP INDEX CONCURRENTLY IF EXISTS conversations_waiting;
CREATE INDEX CONCURRENTLY conversations_waiting ON conversations (workspace_id, waiting_since, id)
	WHERE kind = 'conversation' AND waiting_since IS NOT NULL;
DROP INDEX CONCURRENTLY IF EXISTS conversations_snoozed;
CREATE INDEX CONCURRENTLY conversations_snoozed ON conversations (workspace_id, snoozed_until, id)
	WHERE kind = 'conversation' AND snoozed_until IS NOT NULL;
DROP INDEX CONCURRENTLY IF EXISTS conversations_with_priority;
CREATE INDEX CONCURRENTLY conversations_with_priority ON conversations (workspace_id, updated_at, id)
	WHERE kind = 'conversation' AND priority;
DROP INDEX CONCURRENTLY IF EXISTS conversations_rated;
CREATE INDEX CONCURRENTLY conversations_rated ON conversations (workspace_id, rating, id)
	WHERE kind = 'conversation' AND rating IS NOT NULL;
DROP INDEX CONCURRENTLY IF EXISTS conversations_closed;
CREATE INDEX CONCURRENTLY conversations_closed ON conversations (workspace_id, last_close_at, id)
	WHERE kind = 'conversation' AND last_close_at IS NOT NULL;

-- PostgreSQL keeps a list of the most frequent workspaces of each table, and takes any that is not in it for empty: so it
-- would join what was just imported into a new one row by row with all of it. It is to remember the largest workspace, and to
-- take any other for one of six.
-- +goose StatementBegin
DO $$
DECLARE t REGCLASS;
BEGIN
	FOR t IN SELECT attrelid FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
		WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace AND a.attname = 'workspace_id' ORDER BY c.relname LOOP
		EXECUTE format('ALTER TABLE %s ALTER COLUMN workspace_id SET STATISTICS 1, ALTER COLUMN workspace_id SET (n_distinct = 6)', t);
	END LOOP;
END $$;
-- +goose StatementEnd
