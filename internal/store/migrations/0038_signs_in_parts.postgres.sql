-- needs: pg_trgm btree_gin
-- +goose NO TRANSACTION
-- +goose Up

-- Parts of names and addresses that have signs in them, which the indexes of 0025 leave out: they found a part with a sign, "7@m" say, by next to
-- nothing. Here the most frequent signs are letters that are rare. Servers of the version before read more for a part, until they are stopped.
DROP INDEX CONCURRENTLY IF EXISTS contacts_by_names_parts;
CREATE INDEX CONCURRENTLY contacts_by_names_parts ON contacts USING gin (workspace_id, translate(name_fold, '@.-_+ ', 'qxzjkv') gin_trgm_ops)
	WITH (gin_pending_list_limit = 64);
DROP INDEX CONCURRENTLY IF EXISTS contacts_by_emails_parts;
CREATE INDEX CONCURRENTLY contacts_by_emails_parts ON contacts USING gin (workspace_id, translate(email_fold, '@.-_+ ', 'qxzjkv') gin_trgm_ops)
	WITH (gin_pending_list_limit = 64);
DROP INDEX CONCURRENTLY IF EXISTS contacts_by_parts_of_name;
DROP INDEX CONCURRENTLY IF EXISTS contacts_by_parts_of_email;

-- The planner is to know at once how many have a part.
ANALYZE contacts;
