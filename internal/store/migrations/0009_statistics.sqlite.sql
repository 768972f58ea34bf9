-- +goose Up

-- What SQLite's planner should take the tables of conversations for: about a
-- million conversations of ten parts in ten workspaces.
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
	('conversations', 'sqlite_autoindex_conversations_1', '1000000 100000 1'),
	('conversations', 'conversations_by_updated_at', '1000000 100000 2 1'),
	('conversations', 'conversations_by_created_at', '1000000 100000 2 1'),
	('conversations', 'conversations_by_state', '1000000 100000 30000'),
	('conversations', 'conversations_by_admin', '1000000 100000 2000 700'),
	('conversations', 'conversations_by_team', '1000000 100000 10000 4000'),
	('conversation_sources', 'sqlite_autoindex_conversation_sources_1', '1000000 100000 1'),
	('conversation_sources', 'conversation_sources_by_id', '1000000 100000 1'),
	('conversation_sources', 'conversation_sources_by_contact', '1000000 100000 3'),
	('conversation_sources', 'conversation_sources_by_admin', '100000 10000 500'),
	('conversation_parts', 'sqlite_autoindex_conversation_parts_1', '10000000 1000000 10 1'),
	('conversation_parts', 'conversation_parts_by_contact', '5000000 500000 15 5'),
	('conversation_contacts', 'sqlite_autoindex_conversation_contacts_1', '1000000 100000 2 1'),
	('conversation_contacts', 'conversation_contacts_by_contact', '1000000 100000 3 1'),
	('conversation_teammates', 'sqlite_autoindex_conversation_teammates_1', '1500000 150000 2 1'),
	('conversation_teammates', 'conversation_teammates_by_admin', '1500000 150000 5000 1'),
	('conversation_tags', 'sqlite_autoindex_conversation_tags_1', '1000000 100000 2 1'),
	('conversation_tags', 'conversation_tags_by_tag', '1000000 100000 5000 1'),
	('conversation_words', 'sqlite_autoindex_conversation_words_1', '30000000 3000000 100 1'),
	('conversation_reply_times', 'sqlite_autoindex_conversation_reply_times_1', '3000000 300000 4 2 1'),
	('conversation_medians', 'sqlite_autoindex_conversation_medians_1', '800000 80000 1'),
	('attachments', 'sqlite_autoindex_attachments_1', '1000000 100000 1'),
	('attachments', 'attachments_by_part', '1000000 100000 2 2 1');

ANALYZE sqlite_schema;
