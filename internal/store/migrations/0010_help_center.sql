-- +goose Up

-- What of help centers the API only reads. locales are those beside the default
-- one. The first of a workspace is its default help center.
CREATE TABLE help_centers (
	workspace_id      TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	id                BIGINT NOT NULL,
	identifier        TEXT NOT NULL,
	display_name      TEXT NOT NULL,
	website_turned_on BOOLEAN NOT NULL,
	custom_domain     TEXT,
	default_locale    TEXT NOT NULL,
	locales           JSONB NOT NULL,
	created_at        BIGINT NOT NULL,
	updated_at        BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, id)
);

-- Whose the help center with an identifier is: the public site knows no more of it
-- than that.
CREATE TABLE help_center_identifiers (
	identifier     TEXT PRIMARY KEY,
	workspace_id   TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	help_center_id BIGINT NOT NULL
);
CREATE INDEX help_center_identifiers_by_workspace ON help_center_identifiers (workspace_id, help_center_id);

-- Collections, and sections: collections within another. Names are in
-- collection_contents, by locale, that of the default locale too.
CREATE TABLE collections (
	workspace_id   TEXT NOT NULL,
	id             BIGINT NOT NULL,
	help_center_id BIGINT NOT NULL,
	parent_id      BIGINT,
	position       BIGINT NOT NULL,
	icon           TEXT NOT NULL,
	created_at     BIGINT NOT NULL,
	updated_at     BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, id),
	FOREIGN KEY (workspace_id, help_center_id) REFERENCES help_centers (workspace_id, id) ON DELETE CASCADE,
	FOREIGN KEY (workspace_id, parent_id) REFERENCES collections (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX collections_by_updated_at ON collections (workspace_id, updated_at, id) WHERE parent_id IS NULL;
CREATE INDEX sections_by_updated_at ON collections (workspace_id, updated_at, id) WHERE parent_id IS NOT NULL;
CREATE INDEX collections_by_parent ON collections (workspace_id, parent_id, position);
CREATE INDEX collections_by_help_center ON collections (workspace_id, help_center_id, position);

CREATE TABLE collection_contents (
	workspace_id  TEXT NOT NULL,
	collection_id BIGINT NOT NULL,
	locale        TEXT NOT NULL,
	name          TEXT NOT NULL,
	description   TEXT NOT NULL,
	PRIMARY KEY (workspace_id, collection_id, locale),
	FOREIGN KEY (workspace_id, collection_id) REFERENCES collections (workspace_id, id) ON DELETE CASCADE
);

-- created_at and updated_at are those of the content in the default locale, and
-- published says whether that is.
CREATE TABLE articles (
	workspace_id   TEXT NOT NULL,
	id             BIGINT NOT NULL,
	help_center_id BIGINT NOT NULL,
	parent_id      BIGINT,
	published      BOOLEAN NOT NULL,
	created_at     BIGINT NOT NULL,
	updated_at     BIGINT NOT NULL,
	views          BIGINT NOT NULL,
	conversations  BIGINT NOT NULL, -- that began on its page
	PRIMARY KEY (workspace_id, id),
	FOREIGN KEY (workspace_id, help_center_id) REFERENCES help_centers (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX articles_by_updated_at ON articles (workspace_id, updated_at, id);
CREATE INDEX articles_by_parent ON articles (workspace_id, parent_id, published);
CREATE INDEX articles_by_help_center ON articles (workspace_id, help_center_id);

CREATE TABLE article_contents (
	workspace_id TEXT NOT NULL,
	article_id   BIGINT NOT NULL,
	locale       TEXT NOT NULL,
	title        TEXT NOT NULL,
	description  TEXT NOT NULL,
	body         TEXT NOT NULL,
	author_id    BIGINT NOT NULL,
	state        TEXT NOT NULL,
	created_at   BIGINT NOT NULL,
	updated_at   BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, article_id, locale),
	FOREIGN KEY (workspace_id, article_id) REFERENCES articles (workspace_id, id) ON DELETE CASCADE
);

-- What readers thought of an article, one reaction each.
CREATE TABLE article_reactions (
	workspace_id TEXT NOT NULL,
	article_id   BIGINT NOT NULL,
	contact_id   TEXT NOT NULL,
	reaction     TEXT NOT NULL,
	created_at   BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, article_id, contact_id),
	FOREIGN KEY (workspace_id, article_id) REFERENCES articles (workspace_id, id) ON DELETE CASCADE,
	FOREIGN KEY (workspace_id, contact_id) REFERENCES contacts (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX article_reactions_by_contact ON article_reactions (workspace_id, contact_id);
CREATE INDEX article_reactions_by_reaction ON article_reactions (workspace_id, article_id, reaction);
