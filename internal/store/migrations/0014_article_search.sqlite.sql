-- +goose Up

-- The words of articles, by which they are found: folded and parted by spaces. keys
-- are the words that say which document it is, and whose.
CREATE VIRTUAL TABLE article_search USING fts5 (
	workspace_id UNINDEXED,
	article_id UNINDEXED,
	locale UNINDEXED,
	keys,
	title,
	summary,
	body,
	tokenize = "unicode61 remove_diacritics 0 categories 'L* N* M* Co'"
);
