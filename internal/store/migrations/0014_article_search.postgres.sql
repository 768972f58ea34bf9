-- +goose Up

-- The words of articles, by which they are found: folded and parted by spaces. keys
-- are the words that say which document it is, and whose; their weight, C, is
-- theirs alone.
CREATE TABLE article_search (
	workspace_id TEXT COLLATE "C" NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	article_id   BIGINT NOT NULL,
	locale       TEXT COLLATE "C" NOT NULL,
	keys         TEXT NOT NULL,
	title        TEXT NOT NULL,
	summary      TEXT NOT NULL,
	body         TEXT NOT NULL,
	document     TSVECTOR NOT NULL GENERATED ALWAYS AS (
		setweight(to_tsvector('simple', title), 'A') || setweight(to_tsvector('simple', summary), 'B') ||
		setweight(to_tsvector('simple', keys), 'C') || setweight(to_tsvector('simple', body), 'D')) STORED,
	PRIMARY KEY (workspace_id, article_id, locale)
);
CREATE INDEX article_search_document ON article_search USING gin (document);
