-- needs: pg_trgm btree_gin
-- +goose NO TRANSACTION
-- +goose Up

-- Parts of texts, by the three letters that stand side by side in them, and members of the folded JSON columns. They
-- begin with the workspace: without it, a search would read what matches in all. What was written last waits in a list that
-- each search reads through, so the list is short: with the usual four megabytes, the planner shuns the index until a
-- vacuum comes.
DROP INDEX CONCURRENTLY IF EXISTS contacts_by_parts_of_name;
CREATE INDEX CONCURRENTLY contacts_by_parts_of_name ON contacts USING gin (workspace_id, name_fold gin_trgm_ops) WITH (gin_pending_list_limit = 64);
DROP INDEX CONCURRENTLY IF EXISTS contacts_by_parts_of_email;
CREATE INDEX CONCURRENTLY contacts_by_parts_of_email ON contacts USING gin (workspace_id, email_fold gin_trgm_ops) WITH (gin_pending_list_limit = 64);
DROP INDEX CONCURRENTLY IF EXISTS contacts_by_members;
CREATE INDEX CONCURRENTLY contacts_by_members ON contacts USING gin (workspace_id, searchable jsonb_path_ops) WITH (gin_pending_list_limit = 64)
	WHERE role <> 'visitor' AND archived_at IS NULL;
DROP INDEX CONCURRENTLY IF EXISTS conversations_by_members;
CREATE INDEX CONCURRENTLY conversations_by_members ON conversations USING gin (workspace_id, searchable jsonb_path_ops) WITH (gin_pending_list_limit = 64)
	WHERE kind = 'conversation';
DROP INDEX CONCURRENTLY IF EXISTS conversation_sources_by_parts_of_subject;
CREATE INDEX CONCURRENTLY conversation_sources_by_parts_of_subject ON conversation_sources
	USING gin (workspace_id, (NULLIF(subject_fold, '')) gin_trgm_ops) WITH (gin_pending_list_limit = 64);
DROP INDEX CONCURRENTLY IF EXISTS conversation_sources_by_parts_of_text;
CREATE INDEX CONCURRENTLY conversation_sources_by_parts_of_text ON conversation_sources
	USING gin (workspace_id, (NULLIF(text_fold, '')) gin_trgm_ops) WITH (gin_pending_list_limit = 64);
