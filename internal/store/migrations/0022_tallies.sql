-- +goose Up

-- How many there are of what is too many to count for each list: the sum of the rows of a name. Each transaction takes one that
-- nobody holds. What was counted before, and what servers of an older version count, is in totals, and is summed with it.
CREATE TABLE tallies (
	workspace_id TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	name         TEXT NOT NULL,
	slot         BIGINT NOT NULL,
	total        BIGINT NOT NULL DEFAULT 0,
	PRIMARY KEY (workspace_id, name, slot)
);

-- How often an article was looked at and a conversation begun on its page, in the same way: beyond what its own row says.
CREATE TABLE article_tallies (
	workspace_id  TEXT NOT NULL,
	article_id    BIGINT NOT NULL,
	slot          BIGINT NOT NULL,
	views         BIGINT NOT NULL DEFAULT 0,
	conversations BIGINT NOT NULL DEFAULT 0,
	PRIMARY KEY (workspace_id, article_id, slot),
	FOREIGN KEY (workspace_id, article_id) REFERENCES articles (workspace_id, id) ON DELETE CASCADE
);
