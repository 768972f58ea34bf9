-- +goose Up

-- What SQLite's planner should take the tables of what is published for: about two
-- hundred thousand articles in ten workspaces.
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
	('help_centers', 'sqlite_autoindex_help_centers_1', '20 2 1'),
	('help_center_identifiers', 'sqlite_autoindex_help_center_identifiers_1', '20 1'),
	('help_center_identifiers', 'help_center_identifiers_by_workspace', '20 2 1'),
	('collections', 'sqlite_autoindex_collections_1', '50000 5000 1'),
	('collections', 'collections_by_updated_at', '10000 1000 2 1'),
	('collections', 'sections_by_updated_at', '40000 4000 2 1'),
	('collections', 'collections_by_parent', '50000 5000 5 1'),
	('collections', 'collections_by_help_center', '50000 5000 2500 10'),
	('collection_contents', 'sqlite_autoindex_collection_contents_1', '100000 10000 2 1'),
	('articles', 'sqlite_autoindex_articles_1', '200000 20000 1'),
	('articles', 'articles_by_updated_at', '200000 20000 2 1'),
	('articles', 'articles_by_parent', '200000 20000 5 3'),
	('articles', 'articles_by_help_center', '200000 20000 10000'),
	('article_contents', 'sqlite_autoindex_article_contents_1', '400000 40000 2 1'),
	('article_reactions', 'sqlite_autoindex_article_reactions_1', '2000000 200000 20 1'),
	('article_reactions', 'article_reactions_by_contact', '2000000 200000 3'),
	('article_reactions', 'article_reactions_by_reaction', '2000000 200000 20 7'),
	('newsfeeds', 'sqlite_autoindex_newsfeeds_1', '100 10 1'),
	('newsfeeds', 'newsfeeds_by_updated_at', '100 10 2 1'),
	('newsfeed_segments', 'sqlite_autoindex_newsfeed_segments_1', '200 20 2 1'),
	('news_items', 'sqlite_autoindex_news_items_1', '10000 1000 1'),
	('news_items', 'news_items_by_updated_at', '10000 1000 2 1'),
	('news_items', 'news_items_by_title', '10000 1000 2 1'),
	('newsfeed_assignments', 'sqlite_autoindex_newsfeed_assignments_1', '20000 2000 2 1'),
	('newsfeed_assignments', 'newsfeed_assignments_by_newsfeed', '20000 2000 200 2 1');

ANALYZE sqlite_schema;
