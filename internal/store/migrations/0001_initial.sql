-- +goose Up

CREATE TABLE workspaces (
	id         TEXT PRIMARY KEY,
	name       TEXT NOT NULL,
	timezone   TEXT NOT NULL,
	region     TEXT NOT NULL,
	secret     TEXT NOT NULL,
	created_at BIGINT NOT NULL
);

-- The last decimal id given out, per workspace and noun.
CREATE TABLE sequences (
	workspace_id TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	name         TEXT NOT NULL,
	last         BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, name)
);

-- The one table that is read before the workspace is known: it tells which it is.
CREATE TABLE access_tokens (
	token_hash   TEXT PRIMARY KEY,
	workspace_id TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	admin_id     BIGINT NOT NULL,
	name         TEXT NOT NULL,
	created_at   BIGINT NOT NULL,
	revoked_at   BIGINT
);
CREATE INDEX access_tokens_by_workspace ON access_tokens (workspace_id, created_at);

CREATE TABLE admins (
	workspace_id       TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	id                 BIGINT NOT NULL,
	name               TEXT NOT NULL,
	email              TEXT NOT NULL,
	job_title          TEXT NOT NULL,
	avatar             TEXT NOT NULL,
	away_mode_enabled  BOOLEAN NOT NULL,
	away_mode_reassign BOOLEAN NOT NULL,
	has_inbox_seat     BOOLEAN NOT NULL,
	owner              BOOLEAN NOT NULL,
	created_at         BIGINT NOT NULL,
	updated_at         BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, id)
);
CREATE UNIQUE INDEX admins_by_email ON admins (workspace_id, email);

CREATE TABLE teams (
	workspace_id TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	id           BIGINT NOT NULL,
	name         TEXT NOT NULL,
	created_at   BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, id)
);
CREATE UNIQUE INDEX teams_by_name ON teams (workspace_id, name);

CREATE TABLE team_members (
	workspace_id TEXT NOT NULL,
	team_id      BIGINT NOT NULL,
	admin_id     BIGINT NOT NULL,
	priority     TEXT NOT NULL,
	PRIMARY KEY (workspace_id, team_id, admin_id),
	FOREIGN KEY (workspace_id, team_id) REFERENCES teams (workspace_id, id) ON DELETE CASCADE,
	FOREIGN KEY (workspace_id, admin_id) REFERENCES admins (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX team_members_by_admin ON team_members (workspace_id, admin_id);

-- Written by the rules that an admin triggers; read newest first. Ids tell the
-- order of what happened within a second.
CREATE TABLE activity_logs (
	workspace_id TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	id           TEXT NOT NULL,
	created_at   BIGINT NOT NULL,
	admin_id     BIGINT NOT NULL,
	email        TEXT NOT NULL,
	ip           TEXT NOT NULL,
	type         TEXT NOT NULL,
	description  TEXT NOT NULL,
	metadata     JSONB NOT NULL,
	PRIMARY KEY (workspace_id, id)
);
CREATE INDEX activity_logs_by_time ON activity_logs (workspace_id, created_at, id);

-- searchable holds, by search field, the folded text (or the plain number, or
-- 'true' and 'false') of what has no column of its own: the profile's texts and
-- the custom attributes.
CREATE TABLE contacts (
	workspace_id             TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	id                       TEXT NOT NULL,
	role                     TEXT NOT NULL,
	external_id              TEXT,
	external_id_fold         TEXT,
	email                    TEXT,
	email_fold               TEXT,
	email_domain             TEXT,
	phone                    TEXT,
	phone_fold               TEXT,
	name                     TEXT,
	name_fold                TEXT,
	pseudonym                TEXT,
	avatar                   TEXT,
	owner_id                 BIGINT,
	unsubscribed_from_emails BOOLEAN NOT NULL,
	marked_email_as_spam     BOOLEAN NOT NULL,
	has_hard_bounced         BOOLEAN NOT NULL,
	created_at               BIGINT NOT NULL,
	updated_at               BIGINT NOT NULL,
	signed_up_at             BIGINT,
	last_seen_at             BIGINT,
	last_replied_at          BIGINT,
	last_contacted_at        BIGINT,
	last_email_opened_at     BIGINT,
	last_email_clicked_at    BIGINT,
	archived_at              BIGINT,
	session_count            BIGINT NOT NULL,
	profile                  JSONB NOT NULL,
	attributes               JSONB NOT NULL,
	searchable               JSONB NOT NULL,
	PRIMARY KEY (workspace_id, id)
);
CREATE UNIQUE INDEX contacts_by_external_id ON contacts (workspace_id, external_id) WHERE external_id IS NOT NULL;
CREATE UNIQUE INDEX contacts_by_only_email ON contacts (workspace_id, email_fold)
	WHERE role = 'user' AND external_id IS NULL;
CREATE INDEX contacts_by_external_id_fold ON contacts (workspace_id, external_id_fold);
CREATE INDEX contacts_by_email ON contacts (workspace_id, email_fold);
CREATE INDEX contacts_by_email_domain ON contacts (workspace_id, email_domain);
CREATE INDEX contacts_by_phone ON contacts (workspace_id, phone_fold);
CREATE INDEX contacts_by_owner ON contacts (workspace_id, owner_id);
-- The orders that lists and searches are read in. The condition is the one that
-- every list of contacts states, word for word.
CREATE INDEX contacts_by_created_at ON contacts (workspace_id, created_at, id)
	WHERE role <> 'visitor' AND archived_at IS NULL;
CREATE INDEX contacts_by_updated_at ON contacts (workspace_id, updated_at, id)
	WHERE role <> 'visitor' AND archived_at IS NULL;
CREATE INDEX contacts_by_signed_up_at ON contacts (workspace_id, signed_up_at, id)
	WHERE role <> 'visitor' AND archived_at IS NULL;
CREATE INDEX contacts_by_last_seen_at ON contacts (workspace_id, last_seen_at, id)
	WHERE role <> 'visitor' AND archived_at IS NULL;
CREATE INDEX contacts_by_name ON contacts (workspace_id, name_fold, id)
	WHERE role <> 'visitor' AND archived_at IS NULL;

-- What is left of a contact that was deleted or merged away: that its id is
-- spent. Nothing of the person.
CREATE TABLE spent_contacts (
	workspace_id TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	id           TEXT NOT NULL,
	merged_into  TEXT,
	spent_at     BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, id)
);

CREATE TABLE plans (
	workspace_id TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	id           BIGINT NOT NULL,
	name         TEXT NOT NULL,
	PRIMARY KEY (workspace_id, id)
);
CREATE UNIQUE INDEX plans_by_name ON plans (workspace_id, name);

CREATE TABLE companies (
	workspace_id      TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	id                TEXT NOT NULL,
	company_id        TEXT,
	name              TEXT,
	name_fold         TEXT,
	plan_id           BIGINT,
	size              BIGINT,
	website           TEXT,
	industry          TEXT,
	monthly_spend     BIGINT NOT NULL,
	session_count     BIGINT NOT NULL,
	remote_created_at BIGINT NOT NULL,
	created_at        BIGINT NOT NULL,
	updated_at        BIGINT NOT NULL,
	last_request_at   BIGINT NOT NULL, -- 0 for never, so that a list can be sorted by it and paged
	attributes        JSONB NOT NULL,
	searchable        JSONB NOT NULL,
	PRIMARY KEY (workspace_id, id),
	FOREIGN KEY (workspace_id, plan_id) REFERENCES plans (workspace_id, id)
);
CREATE UNIQUE INDEX companies_by_company_id ON companies (workspace_id, company_id) WHERE company_id IS NOT NULL;
CREATE INDEX companies_by_name ON companies (workspace_id, name_fold, created_at, id);
CREATE INDEX companies_by_plan ON companies (workspace_id, plan_id);
-- The order that lists are read in.
CREATE INDEX companies_by_last_request_at ON companies (workspace_id, last_request_at, id);

CREATE TABLE contact_companies (
	workspace_id TEXT NOT NULL,
	contact_id   TEXT NOT NULL,
	company_id   TEXT NOT NULL,
	created_at   BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, contact_id, company_id),
	FOREIGN KEY (workspace_id, contact_id) REFERENCES contacts (workspace_id, id) ON DELETE CASCADE,
	FOREIGN KEY (workspace_id, company_id) REFERENCES companies (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX contact_companies_by_company ON contact_companies (workspace_id, company_id, created_at, contact_id);
CREATE INDEX contact_companies_by_contact ON contact_companies (workspace_id, contact_id, created_at, company_id);

-- The walk over all companies that a workspace may have open, one at a time.
CREATE TABLE company_scrolls (
	workspace_id TEXT PRIMARY KEY REFERENCES workspaces (id) ON DELETE CASCADE,
	param        TEXT NOT NULL,
	after_id     TEXT NOT NULL,
	up_to        TEXT NOT NULL,
	expires_at   BIGINT NOT NULL
);

CREATE TABLE tags (
	workspace_id TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	id           BIGINT NOT NULL,
	name         TEXT NOT NULL,
	name_fold    TEXT NOT NULL,
	created_at   BIGINT NOT NULL,
	created_by   BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, id)
);
CREATE UNIQUE INDEX tags_by_name ON tags (workspace_id, name_fold);

CREATE TABLE contact_tags (
	workspace_id TEXT NOT NULL,
	contact_id   TEXT NOT NULL,
	tag_id       BIGINT NOT NULL,
	applied_at   BIGINT NOT NULL,
	applied_by   BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, contact_id, tag_id),
	FOREIGN KEY (workspace_id, contact_id) REFERENCES contacts (workspace_id, id) ON DELETE CASCADE,
	FOREIGN KEY (workspace_id, tag_id) REFERENCES tags (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX contact_tags_by_tag ON contact_tags (workspace_id, tag_id, contact_id);

CREATE TABLE company_tags (
	workspace_id TEXT NOT NULL,
	company_id   TEXT NOT NULL,
	tag_id       BIGINT NOT NULL,
	applied_at   BIGINT NOT NULL,
	applied_by   BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, company_id, tag_id),
	FOREIGN KEY (workspace_id, company_id) REFERENCES companies (workspace_id, id) ON DELETE CASCADE,
	FOREIGN KEY (workspace_id, tag_id) REFERENCES tags (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX company_tags_by_tag ON company_tags (workspace_id, tag_id, company_id);

CREATE TABLE notes (
	workspace_id TEXT NOT NULL,
	id           BIGINT NOT NULL,
	contact_id   TEXT NOT NULL,
	admin_id     BIGINT NOT NULL,
	body         TEXT NOT NULL,
	created_at   BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, id),
	FOREIGN KEY (workspace_id, contact_id) REFERENCES contacts (workspace_id, id) ON DELETE CASCADE,
	FOREIGN KEY (workspace_id, admin_id) REFERENCES admins (workspace_id, id)
);
CREATE INDEX notes_by_contact ON notes (workspace_id, contact_id, created_at, id);
CREATE INDEX notes_by_admin ON notes (workspace_id, admin_id);

CREATE TABLE subscription_types (
	workspace_id   TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	id             BIGINT NOT NULL,
	state          TEXT NOT NULL,
	consent_type   TEXT NOT NULL,
	default_locale TEXT NOT NULL,
	translations   JSONB NOT NULL,
	content_types  JSONB NOT NULL,
	created_at     BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, id)
);

CREATE TABLE contact_subscriptions (
	workspace_id         TEXT NOT NULL,
	contact_id           TEXT NOT NULL,
	subscription_type_id BIGINT NOT NULL,
	consent_type         TEXT NOT NULL,
	created_at           BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, contact_id, subscription_type_id),
	FOREIGN KEY (workspace_id, contact_id) REFERENCES contacts (workspace_id, id) ON DELETE CASCADE,
	FOREIGN KEY (workspace_id, subscription_type_id) REFERENCES subscription_types (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX contact_subscriptions_by_type ON contact_subscriptions (workspace_id, subscription_type_id);

-- Custom attributes only; the built-in ones are the same everywhere and live in
-- the code. A name is spent for good, so an attribute's values are of one type.
CREATE TABLE data_attributes (
	workspace_id       TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	id                 BIGINT NOT NULL,
	model              TEXT NOT NULL,
	name               TEXT NOT NULL,
	label              TEXT NOT NULL,
	description        TEXT NOT NULL,
	data_type          TEXT NOT NULL,
	options            JSONB NOT NULL,
	messenger_writable BOOLEAN NOT NULL,
	archived           BOOLEAN NOT NULL,
	admin_id           BIGINT NOT NULL,
	created_at         BIGINT NOT NULL,
	updated_at         BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, id)
);
CREATE UNIQUE INDEX data_attributes_by_name ON data_attributes (workspace_id, name);

-- One contact does one thing once in a second. metadata is a list, in the order
-- that it was sent.
CREATE TABLE data_events (
	workspace_id TEXT NOT NULL,
	contact_id   TEXT NOT NULL,
	created_at   BIGINT NOT NULL,
	name         TEXT NOT NULL,
	id           TEXT NOT NULL,
	metadata     JSONB NOT NULL,
	PRIMARY KEY (workspace_id, contact_id, created_at, name),
	FOREIGN KEY (workspace_id, contact_id) REFERENCES contacts (workspace_id, id) ON DELETE CASCADE
);

-- What has been counted of each event, exact at any volume: kept as events are
-- written, so that a summary never reads them all.
CREATE TABLE data_event_summaries (
	workspace_id TEXT NOT NULL,
	contact_id   TEXT NOT NULL,
	name         TEXT NOT NULL,
	count        BIGINT NOT NULL,
	first_at     BIGINT NOT NULL,
	last_at      BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, contact_id, name),
	FOREIGN KEY (workspace_id, contact_id) REFERENCES contacts (workspace_id, id) ON DELETE CASCADE
);

-- A segment is a stored filter. Who is in it is asked when it is wanted.
CREATE TABLE segments (
	workspace_id TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	id           TEXT NOT NULL,
	name         TEXT NOT NULL,
	person_type  TEXT NOT NULL,
	filter       JSONB NOT NULL,
	created_at   BIGINT NOT NULL,
	updated_at   BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, id)
);
CREATE UNIQUE INDEX segments_by_name ON segments (workspace_id, person_type, name);
