-- +goose NO TRANSACTION
-- +goose Up

-- Contacts of a role are counted, and read in the order in which they were made, without a look at each.
DROP INDEX CONCURRENTLY IF EXISTS contacts_by_role;

CREATE INDEX CONCURRENTLY contacts_by_role ON contacts (workspace_id, role, created_at, id)
	WHERE role <> 'visitor' AND archived_at IS NULL;
