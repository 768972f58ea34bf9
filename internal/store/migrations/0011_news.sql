-- +goose Up

CREATE TABLE newsfeeds (
	workspace_id TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	id           BIGINT NOT NULL,
	name         TEXT NOT NULL,
	created_at   BIGINT NOT NULL,
	updated_at   BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, id)
);
CREATE INDEX newsfeeds_by_updated_at ON newsfeeds (workspace_id, updated_at, id);

-- Who sees a newsfeed; one without rows is for everybody. A segment cannot go while
-- it is in use here: the newsfeed would be shown to more people than were meant.
CREATE TABLE newsfeed_segments (
	workspace_id TEXT NOT NULL,
	newsfeed_id  BIGINT NOT NULL,
	segment_id   TEXT NOT NULL,
	PRIMARY KEY (workspace_id, newsfeed_id, segment_id),
	FOREIGN KEY (workspace_id, newsfeed_id) REFERENCES newsfeeds (workspace_id, id) ON DELETE CASCADE,
	FOREIGN KEY (workspace_id, segment_id) REFERENCES segments (workspace_id, id)
);

-- labels and reactions are lists of texts; an empty reaction is a place without one.
CREATE TABLE news_items (
	workspace_id     TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	id               BIGINT NOT NULL,
	title            TEXT NOT NULL,
	body             TEXT NOT NULL,
	sender_id        BIGINT NOT NULL,
	state            TEXT NOT NULL,
	labels           JSONB NOT NULL,
	cover_image_url  TEXT,
	reactions        JSONB NOT NULL,
	deliver_silently BOOLEAN NOT NULL,
	created_at       BIGINT NOT NULL,
	updated_at       BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, id),
	FOREIGN KEY (workspace_id, sender_id) REFERENCES admins (workspace_id, id)
);
CREATE INDEX news_items_by_updated_at ON news_items (workspace_id, updated_at, id);
CREATE INDEX news_items_by_title ON news_items (workspace_id, title, id);

-- published_at is NULL exactly while the item is a draft.
CREATE TABLE newsfeed_assignments (
	workspace_id TEXT NOT NULL,
	news_item_id BIGINT NOT NULL,
	newsfeed_id  BIGINT NOT NULL,
	published_at BIGINT,
	PRIMARY KEY (workspace_id, news_item_id, newsfeed_id),
	FOREIGN KEY (workspace_id, news_item_id) REFERENCES news_items (workspace_id, id) ON DELETE CASCADE,
	FOREIGN KEY (workspace_id, newsfeed_id) REFERENCES newsfeeds (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX newsfeed_assignments_by_newsfeed ON newsfeed_assignments (workspace_id, newsfeed_id, published_at, news_item_id);
