-- needs: pg_trgm btree_gin
-- +goose NO TRANSACTION
-- +goose Up

-- Parts of texts, by the three letters that stand side by side in them, and members of the folded JSON columns. They
-- begin with the workspace: without it, a search would read what matches in all.
DROP INDEX CONCURRENTLY IF EXISTS contacts_by_parts_of_name;
CREATE INDEX CONCURRENTLY contacts_by_parts_of_name ON contacts USING gin (workspace_id, name_fold gin_trgm_ops);
DROP INDEX CONCURRENTLY IF EXISTS contacts_by_parts_of_email;
CREATE INDEX CONCURRENTLY contacts_by_parts_of_email ON contacts USING gin (workspace_id, email_fold gin_trgm_ops);
DROP INDEX CONCURRENTLY IF EXISTS contacts_by_members;
CREATE INDEX CONCURRENTLY contacts_by_members ON contacts USING gin (workspace_id, searchable jsonb_path_ops)
	WHERE role <> 'visitor' AND archived_at IS NULL;
DROP INDEX CONCURRENTLY IF EXISTS conversations_by_members;
CREATE INDEX CONCURRENTLY conversations_by_members ON conversations USING gin (workspace_id, searchable jsonb_path_ops)
	WHERE kind = 'conversation';
DROP INDEX CONCURRENTLY IF EXISTS conversation_sources_by_parts_of_subject;
CREATE INDEX CONCURRENTLY conversation_sources_by_parts_of_subject ON conversation_sources
	USING gin (workspace_id, (NULLIF(subject_fold, '')) gin_trgm_ops);
DROP INDEX CONCURRENTLY IF EXISTS conversation_sources_by_parts_of_text;
CREATE INDEX CONCURRENTLY conversation_sources_by_parts_of_text ON conversation_sources
	USING gin (workspace_id, (NULLIF(text_fold, '')) gin_trgm_ops);
