-- version 39
-- Written by TestSchemaIsCommitted, which says how: what the migrations make of an empty database.

CREATE TABLE goose_db_version (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		version_id INTEGER NOT NULL,
		is_applied INTEGER NOT NULL,
		tstamp TIMESTAMP DEFAULT (datetime('now'))
	);
CREATE TABLE workspaces (
	id         TEXT PRIMARY KEY,
	name       TEXT NOT NULL,
	timezone   TEXT NOT NULL,
	region     TEXT NOT NULL,
	secret     TEXT NOT NULL,
	created_at BIGINT NOT NULL
, office_hours JSONB NOT NULL DEFAULT '{}', app_rate_limit BIGINT, rate_limit BIGINT, webhook_routes JSONB NOT NULL DEFAULT '{}', sandbox JSONB);
CREATE TABLE sequences (
	workspace_id TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	name         TEXT NOT NULL,
	last         BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, name)
);
CREATE TABLE access_tokens (
	token_hash   TEXT PRIMARY KEY,
	workspace_id TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	admin_id     BIGINT NOT NULL,
	name         TEXT NOT NULL,
	created_at   BIGINT NOT NULL,
	revoked_at   BIGINT
, app_id BIGINT);
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
	updated_at         BIGINT NOT NULL, name_fold TEXT NOT NULL DEFAULT '',
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
CREATE TABLE jobs (
	id           TEXT PRIMARY KEY,
	workspace_id TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	kind         TEXT NOT NULL,
	unique_key   TEXT,
	payload      JSONB NOT NULL,
	run_at       BIGINT NOT NULL,
	attempt      BIGINT NOT NULL,
	leased_until BIGINT,
	last_error   TEXT,
	failed_at    BIGINT,
	created_at   BIGINT NOT NULL
, due_at BIGINT);
CREATE UNIQUE INDEX jobs_by_key ON jobs (workspace_id, kind, unique_key);
CREATE INDEX jobs_by_due ON jobs (kind, COALESCE(leased_until, run_at), id) WHERE failed_at IS NULL;
CREATE INDEX jobs_by_failure ON jobs (kind, failed_at, id) WHERE failed_at IS NOT NULL;
CREATE UNIQUE INDEX data_attributes_by_name ON data_attributes (workspace_id, model, name);
CREATE TABLE conversations (
	workspace_id                   TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	id                             BIGINT NOT NULL,
	kind                           TEXT NOT NULL,
	created_at                     BIGINT NOT NULL,
	updated_at                     BIGINT NOT NULL,
	state                          TEXT NOT NULL,
	read                           BOOLEAN NOT NULL,
	priority                       BOOLEAN NOT NULL,
	title                          TEXT,
	waiting_since                  BIGINT,
	snoozed_until                  BIGINT,
	admin_assignee_id              BIGINT,
	team_assignee_id               BIGINT,
	rating                         BIGINT,
	rating_remark                  TEXT,
	rating_remark_fold             TEXT,
	rating_contact_id              TEXT,
	rating_admin_id                BIGINT,
	rating_requested_at            BIGINT,
	rating_replied_at              BIGINT,
	attributes                     JSONB NOT NULL,
	searchable                     JSONB NOT NULL,
	first_contact_reply_at         BIGINT,
	first_assignment_at            BIGINT,
	first_admin_reply_at           BIGINT,
	first_close_at                 BIGINT,
	last_assignment_at             BIGINT,
	last_assignment_admin_reply_at BIGINT,
	last_contact_reply_at          BIGINT,
	last_admin_reply_at            BIGINT,
	last_close_at                  BIGINT,
	last_closed_by_id              BIGINT,
	time_to_assignment             BIGINT,
	time_to_admin_reply            BIGINT,
	time_to_first_close            BIGINT,
	time_to_last_close             BIGINT,
	median_time_to_reply           BIGINT,
	count_reopens                  BIGINT NOT NULL,
	count_assignments              BIGINT NOT NULL,
	count_parts                    BIGINT NOT NULL,
	unanswered_since               BIGINT,
	PRIMARY KEY (workspace_id, id)
);
CREATE INDEX conversations_by_updated_at ON conversations (workspace_id, updated_at, id) WHERE kind = 'conversation';
CREATE INDEX conversations_by_created_at ON conversations (workspace_id, created_at, id) WHERE kind = 'conversation';
CREATE INDEX conversations_by_state ON conversations (workspace_id, state) WHERE kind = 'conversation';
CREATE INDEX conversations_by_admin ON conversations (workspace_id, admin_assignee_id, state);
CREATE INDEX conversations_by_team ON conversations (workspace_id, team_assignee_id, state);
CREATE TABLE conversation_sources (
	workspace_id    TEXT NOT NULL,
	conversation_id BIGINT NOT NULL,
	id              BIGINT NOT NULL,
	type            TEXT NOT NULL,
	delivered_as    TEXT NOT NULL,
	subject         TEXT NOT NULL,
	subject_fold    TEXT NOT NULL,
	body            TEXT NOT NULL,
	text_fold       TEXT NOT NULL, -- of the body
	author_type     TEXT NOT NULL,
	contact_id      TEXT,
	admin_id        BIGINT,
	url             TEXT,
	url_fold        TEXT,
	redacted        BOOLEAN NOT NULL,
	PRIMARY KEY (workspace_id, conversation_id),
	FOREIGN KEY (workspace_id, conversation_id) REFERENCES conversations (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX conversation_sources_by_id ON conversation_sources (workspace_id, id);
CREATE INDEX conversation_sources_by_contact ON conversation_sources (workspace_id, contact_id);
CREATE INDEX conversation_sources_by_admin ON conversation_sources (workspace_id, admin_id) WHERE admin_id IS NOT NULL;
CREATE TABLE conversation_parts (
	workspace_id    TEXT NOT NULL,
	conversation_id BIGINT NOT NULL,
	id              BIGINT NOT NULL,
	type            TEXT NOT NULL,
	body            TEXT,
	author_type     TEXT NOT NULL,
	contact_id      TEXT,
	admin_id        BIGINT,
	assigned_type   TEXT,
	assigned_id     BIGINT,
	created_at      BIGINT NOT NULL,
	updated_at      BIGINT NOT NULL,
	external_id     TEXT,
	redacted        BOOLEAN NOT NULL,
	details         JSONB NOT NULL, -- reply options, states of a ticket
	PRIMARY KEY (workspace_id, conversation_id, id),
	FOREIGN KEY (workspace_id, conversation_id) REFERENCES conversations (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX conversation_parts_by_contact ON conversation_parts (workspace_id, contact_id, conversation_id)
	WHERE contact_id IS NOT NULL;
CREATE TABLE conversation_contacts (
	workspace_id    TEXT NOT NULL,
	conversation_id BIGINT NOT NULL,
	contact_id      TEXT NOT NULL,
	PRIMARY KEY (workspace_id, conversation_id, contact_id),
	FOREIGN KEY (workspace_id, conversation_id) REFERENCES conversations (workspace_id, id) ON DELETE CASCADE,
	FOREIGN KEY (workspace_id, contact_id) REFERENCES contacts (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX conversation_contacts_by_contact ON conversation_contacts (workspace_id, contact_id, conversation_id);
CREATE TABLE conversation_teammates (
	workspace_id    TEXT NOT NULL,
	conversation_id BIGINT NOT NULL,
	admin_id        BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, conversation_id, admin_id),
	FOREIGN KEY (workspace_id, conversation_id) REFERENCES conversations (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX conversation_teammates_by_admin ON conversation_teammates (workspace_id, admin_id, conversation_id);
CREATE TABLE conversation_tags (
	workspace_id    TEXT NOT NULL,
	conversation_id BIGINT NOT NULL,
	tag_id          BIGINT NOT NULL,
	applied_at      BIGINT NOT NULL,
	applied_by      BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, conversation_id, tag_id),
	FOREIGN KEY (workspace_id, conversation_id) REFERENCES conversations (workspace_id, id) ON DELETE CASCADE,
	FOREIGN KEY (workspace_id, tag_id) REFERENCES tags (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX conversation_tags_by_tag ON conversation_tags (workspace_id, tag_id, conversation_id);
CREATE TABLE conversation_words (
	workspace_id    TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	word            TEXT NOT NULL,
	conversation_id BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, word, conversation_id)
);
CREATE TABLE conversation_reply_times (
	workspace_id    TEXT NOT NULL,
	conversation_id BIGINT NOT NULL,
	seconds         BIGINT NOT NULL,
	part_id         BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, conversation_id, seconds, part_id),
	FOREIGN KEY (workspace_id, conversation_id) REFERENCES conversations (workspace_id, id) ON DELETE CASCADE
);
CREATE TABLE conversation_medians (
	workspace_id    TEXT NOT NULL,
	conversation_id BIGINT NOT NULL,
	replies         BIGINT NOT NULL,
	seconds         BIGINT NOT NULL, -- the middle answer, or the lower of the two
	part_id         BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, conversation_id),
	FOREIGN KEY (workspace_id, conversation_id) REFERENCES conversations (workspace_id, id) ON DELETE CASCADE
);
CREATE TABLE totals (
	workspace_id TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	name         TEXT NOT NULL,
	total        BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, name)
);
CREATE TABLE messages (
	workspace_id    TEXT NOT NULL,
	id              BIGINT NOT NULL,
	type            TEXT NOT NULL,
	subject         TEXT NOT NULL,
	body            TEXT NOT NULL,
	template        TEXT NOT NULL,
	admin_id        BIGINT NOT NULL,
	contact_id      TEXT NOT NULL,
	conversation_id BIGINT,
	created_at      BIGINT NOT NULL, sent BOOLEAN NOT NULL DEFAULT TRUE, first_reply_at BIGINT, first_open_at BIGINT, first_click_at BIGINT, first_dismissal_at BIGINT, first_unsubscribe_at BIGINT, first_hard_bounce_at BIGINT,
	PRIMARY KEY (workspace_id, id),
	FOREIGN KEY (workspace_id, contact_id) REFERENCES contacts (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX messages_by_contact ON messages (workspace_id, contact_id, id);
CREATE TABLE outgoing_emails (
	workspace_id TEXT NOT NULL,
	id           TEXT NOT NULL,
	message_id   BIGINT NOT NULL,
	contact_id   TEXT NOT NULL,
	admin_id     BIGINT NOT NULL,
	address      TEXT NOT NULL,
	subject      TEXT NOT NULL,
	html         TEXT NOT NULL,
	text         TEXT NOT NULL,
	state        TEXT NOT NULL,
	suppressed   TEXT NOT NULL,
	created_at   BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, id),
	FOREIGN KEY (workspace_id, contact_id) REFERENCES contacts (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX outgoing_emails_by_contact ON outgoing_emails (workspace_id, contact_id);
CREATE INDEX outgoing_emails_by_state ON outgoing_emails (workspace_id, state, id);
CREATE TABLE assignment_rules (
	workspace_id        TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	id                  BIGINT NOT NULL,
	position            BIGINT NOT NULL,
	name                TEXT NOT NULL,
	conversation_filter JSONB,
	contact_filter      JSONB,
	assign_type         TEXT NOT NULL,
	assign_id           BIGINT NOT NULL,
	method              TEXT NOT NULL,
	last_admin_id       BIGINT,
	created_at          BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, id)
);
CREATE UNIQUE INDEX assignment_rules_by_name ON assignment_rules (workspace_id, name);
CREATE TABLE tickets (
	workspace_id   TEXT NOT NULL,
	id             BIGINT NOT NULL,
	number         BIGINT NOT NULL,
	ticket_type_id BIGINT NOT NULL,
	state          TEXT NOT NULL,
	shared         BOOLEAN NOT NULL,
	company_id     TEXT,
	attributes     JSONB NOT NULL,
	PRIMARY KEY (workspace_id, id),
	FOREIGN KEY (workspace_id, id) REFERENCES conversations (workspace_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX tickets_by_number ON tickets (workspace_id, number);
CREATE INDEX tickets_by_type ON tickets (workspace_id, ticket_type_id);
CREATE TABLE attachments (
	workspace_id    TEXT NOT NULL,
	id              TEXT NOT NULL,
	conversation_id BIGINT NOT NULL,
	part_id         BIGINT NOT NULL,
	position        BIGINT NOT NULL,
	name            TEXT NOT NULL,
	content_type    TEXT NOT NULL,
	size            BIGINT NOT NULL,
	width           BIGINT,
	height          BIGINT,
	blob_key        TEXT,
	url             TEXT,
	created_at      BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, id),
	FOREIGN KEY (workspace_id, conversation_id) REFERENCES conversations (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX attachments_by_part ON attachments (workspace_id, conversation_id, part_id, position);
CREATE TABLE ticket_types (
	workspace_id TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	id           BIGINT NOT NULL,
	name         TEXT NOT NULL,
	description  TEXT NOT NULL,
	icon         TEXT NOT NULL,
	internal     BOOLEAN NOT NULL,
	archived     BOOLEAN NOT NULL,
	created_at   BIGINT NOT NULL,
	updated_at   BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, id)
);
CREATE TABLE ticket_type_attributes (
	workspace_id                    TEXT NOT NULL,
	id                              BIGINT NOT NULL,
	ticket_type_id                  BIGINT NOT NULL,
	name                            TEXT NOT NULL,
	description                     TEXT NOT NULL,
	data_type                       TEXT NOT NULL,
	multiline                       BOOLEAN NOT NULL,
	allow_multiple                  BOOLEAN NOT NULL,
	items                           JSONB NOT NULL,
	position                        BIGINT NOT NULL,
	required_to_create              BOOLEAN NOT NULL,
	required_to_create_for_contacts BOOLEAN NOT NULL,
	visible_on_create               BOOLEAN NOT NULL,
	visible_to_contacts             BOOLEAN NOT NULL,
	built_in                        BOOLEAN NOT NULL,
	archived                        BOOLEAN NOT NULL,
	created_at                      BIGINT NOT NULL,
	updated_at                      BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, id),
	FOREIGN KEY (workspace_id, ticket_type_id) REFERENCES ticket_types (workspace_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX ticket_type_attributes_by_type ON ticket_type_attributes (workspace_id, ticket_type_id, position);
CREATE UNIQUE INDEX ticket_type_attributes_by_name ON ticket_type_attributes (workspace_id, ticket_type_id, name)
	WHERE NOT archived;
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
CREATE TABLE help_center_identifiers (
	identifier     TEXT PRIMARY KEY,
	workspace_id   TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	help_center_id BIGINT NOT NULL
);
CREATE INDEX help_center_identifiers_by_workspace ON help_center_identifiers (workspace_id, help_center_id);
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
CREATE TABLE newsfeeds (
	workspace_id TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	id           BIGINT NOT NULL,
	name         TEXT NOT NULL,
	created_at   BIGINT NOT NULL,
	updated_at   BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, id)
);
CREATE INDEX newsfeeds_by_updated_at ON newsfeeds (workspace_id, updated_at, id);
CREATE TABLE newsfeed_segments (
	workspace_id TEXT NOT NULL,
	newsfeed_id  BIGINT NOT NULL,
	segment_id   TEXT NOT NULL,
	PRIMARY KEY (workspace_id, newsfeed_id, segment_id),
	FOREIGN KEY (workspace_id, newsfeed_id) REFERENCES newsfeeds (workspace_id, id) ON DELETE CASCADE,
	FOREIGN KEY (workspace_id, segment_id) REFERENCES segments (workspace_id, id)
);
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
CREATE INDEX messages_by_time ON messages (workspace_id, created_at, id) WHERE sent;
CREATE TABLE data_exports (
	workspace_id    TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	id              TEXT NOT NULL,
	sent_after      BIGINT NOT NULL,
	sent_before     BIGINT NOT NULL,
	status          TEXT NOT NULL,
	last_sent_at    BIGINT NOT NULL,
	last_message_id BIGINT NOT NULL,
	receipts        BIGINT NOT NULL,
	parts           BIGINT NOT NULL,
	size            BIGINT NOT NULL,
	checksum        BIGINT NOT NULL,
	text_length     BIGINT NOT NULL,
	files           BIGINT NOT NULL,
	attempts        BIGINT NOT NULL,
	created_at      BIGINT NOT NULL,
	finished_at     BIGINT,
	PRIMARY KEY (workspace_id, id)
);
CREATE UNIQUE INDEX data_exports_by_activity ON data_exports (workspace_id) WHERE finished_at IS NULL;
CREATE TABLE data_export_parts (
	workspace_id TEXT NOT NULL,
	export_id    TEXT NOT NULL,
	number       BIGINT NOT NULL,
	file         BIGINT NOT NULL,
	size         BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, export_id, number),
	FOREIGN KEY (workspace_id, export_id) REFERENCES data_exports (workspace_id, id) ON DELETE CASCADE
);
CREATE TABLE phone_switches (
	workspace_id TEXT NOT NULL,
	id           TEXT NOT NULL,
	contact_id   TEXT NOT NULL,
	phone        TEXT NOT NULL,
	created_at   BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, id),
	FOREIGN KEY (workspace_id, contact_id) REFERENCES contacts (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX phone_switches_by_contact ON phone_switches (workspace_id, contact_id);
CREATE INDEX phone_switches_by_phone ON phone_switches (workspace_id, phone, created_at);
CREATE TABLE outgoing_sms (
	workspace_id TEXT NOT NULL,
	id           TEXT NOT NULL,
	switch_id    TEXT NOT NULL,
	contact_id   TEXT NOT NULL,
	phone        TEXT NOT NULL,
	body         TEXT NOT NULL,
	state        TEXT NOT NULL,
	attempts     BIGINT NOT NULL,
	tried_at     BIGINT,
	gateway_id   TEXT,
	failure      TEXT,
	created_at   BIGINT NOT NULL,
	sent_at      BIGINT,
	PRIMARY KEY (workspace_id, id),
	FOREIGN KEY (workspace_id, contact_id) REFERENCES contacts (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX outgoing_sms_by_contact ON outgoing_sms (workspace_id, contact_id);
CREATE INDEX outgoing_sms_by_state ON outgoing_sms (workspace_id, state, id);
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
CREATE TABLE apps (
	workspace_id  TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	id            BIGINT NOT NULL,
	client_id     TEXT NOT NULL,
	client_secret TEXT NOT NULL,
	name          TEXT NOT NULL,
	own           BOOLEAN NOT NULL,
	redirect_urls JSONB NOT NULL,
	scopes        JSONB NOT NULL,
	created_at    BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, id)
);
CREATE UNIQUE INDEX apps_own ON apps (workspace_id) WHERE own;
CREATE TABLE app_client_ids (
	client_id    TEXT PRIMARY KEY,
	workspace_id TEXT NOT NULL,
	app_id       BIGINT NOT NULL,
	FOREIGN KEY (workspace_id, app_id) REFERENCES apps (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX app_client_ids_by_workspace ON app_client_ids (workspace_id, app_id);
CREATE INDEX access_tokens_by_app ON access_tokens (workspace_id, app_id, admin_id, created_at) WHERE app_id IS NOT NULL AND revoked_at IS NULL;
CREATE TABLE authorization_codes (
	workspace_id TEXT NOT NULL,
	code_hash    TEXT NOT NULL,
	app_id       BIGINT NOT NULL,
	admin_id     BIGINT NOT NULL,
	redirect_url TEXT NOT NULL,
	expires_at   BIGINT NOT NULL,
	token_hash   TEXT,
	PRIMARY KEY (workspace_id, code_hash),
	FOREIGN KEY (workspace_id, app_id) REFERENCES apps (workspace_id, id) ON DELETE CASCADE,
	FOREIGN KEY (workspace_id, admin_id) REFERENCES admins (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX authorization_codes_by_app ON authorization_codes (workspace_id, app_id);
CREATE INDEX authorization_codes_by_admin ON authorization_codes (workspace_id, admin_id);
CREATE INDEX authorization_codes_by_expiry ON authorization_codes (workspace_id, expires_at);
CREATE TABLE admin_credentials (
	workspace_id   TEXT NOT NULL,
	admin_id       BIGINT NOT NULL,
	password_hash  TEXT,
	otp_secret     TEXT,
	otp_confirmed  BOOLEAN NOT NULL,
	otp_step       BIGINT NOT NULL,
	recovery_codes JSONB NOT NULL,
	updated_at     BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, admin_id),
	FOREIGN KEY (workspace_id, admin_id) REFERENCES admins (workspace_id, id) ON DELETE CASCADE
);
CREATE TABLE admin_sessions (
	workspace_id TEXT NOT NULL,
	token_hash   TEXT NOT NULL,
	admin_id     BIGINT NOT NULL,
	complete     BOOLEAN NOT NULL,
	created_at   BIGINT NOT NULL,
	seen_at      BIGINT NOT NULL,
	expires_at   BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, token_hash),
	FOREIGN KEY (workspace_id, admin_id) REFERENCES admins (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX admin_sessions_by_admin ON admin_sessions (workspace_id, admin_id);
CREATE INDEX admin_sessions_by_expiry ON admin_sessions (workspace_id, expires_at);
CREATE TABLE sign_in_attempts (
	workspace_id TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	subject      TEXT NOT NULL,
	attempts     BIGINT NOT NULL,
	expires_at   BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, subject)
);
CREATE INDEX sign_in_attempts_by_expiry ON sign_in_attempts (workspace_id, expires_at);
CREATE TABLE events (
	number         INTEGER PRIMARY KEY,
	workspace_id   TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	transaction_id BIGINT NOT NULL DEFAULT 0, -- transactions run one after another
	id             TEXT NOT NULL,
	topic          TEXT NOT NULL,
	object_type    TEXT NOT NULL,
	object_id      TEXT NOT NULL,
	created_at     BIGINT NOT NULL
);
CREATE INDEX events_by_position ON events (workspace_id, transaction_id, number);
CREATE TABLE deliveries (
	number          INTEGER PRIMARY KEY,
	workspace_id    TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	subscription_id BIGINT NOT NULL,
	notification_id TEXT NOT NULL,
	object          TEXT NOT NULL,
	state           TEXT NOT NULL, -- pending, retrying, held, delivered, dropped
	attempts        BIGINT NOT NULL,
	failures        BIGINT NOT NULL,
	due_at          BIGINT,
	first_sent_at   BIGINT,
	delivered_at    BIGINT,
	created_at      BIGINT NOT NULL
, topic TEXT NOT NULL DEFAULT '', test BOOLEAN NOT NULL DEFAULT false, item TEXT NOT NULL DEFAULT '');
CREATE INDEX deliveries_blocked ON deliveries (workspace_id, subscription_id, object, number) WHERE state IN ('retrying', 'held');
CREATE TABLE rate_windows (
	workspace_id TEXT NOT NULL,
	starts_at    BIGINT NOT NULL,
	app          TEXT NOT NULL,
	taken        BIGINT NOT NULL,
	granted      BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, starts_at, app)
);
CREATE TABLE webhooks (
	workspace_id   TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	id             BIGINT NOT NULL,
	app_id         BIGINT NOT NULL,
	url            TEXT NOT NULL,
	topics         JSONB NOT NULL,
	state          TEXT NOT NULL, -- live, paused, suspended, removed
	reason         TEXT NOT NULL,
	created_at     BIGINT NOT NULL,
	failures       BIGINT NOT NULL,
	failures_since BIGINT NOT NULL,
	failing_since  BIGINT NOT NULL,
	wait_until     BIGINT NOT NULL,
	waiting        TEXT NOT NULL,
	delay          BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, id)
);
CREATE TABLE delivery_attempts (
	workspace_id TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	delivery     BIGINT NOT NULL,
	attempt      BIGINT NOT NULL,
	at           BIGINT NOT NULL,
	took_ms      BIGINT NOT NULL,
	status       BIGINT NOT NULL, -- 0 for no answer
	error        TEXT NOT NULL,
	header       JSONB NOT NULL, -- of the answer
	body         TEXT NOT NULL, -- of the answer; its beginning
	PRIMARY KEY (workspace_id, delivery, attempt)
);
CREATE INDEX deliveries_pending ON deliveries (workspace_id, subscription_id, number) WHERE state = 'pending';
CREATE INDEX deliveries_tried ON deliveries (workspace_id, subscription_id, number) WHERE state <> 'pending';
CREATE INDEX deliveries_retrying ON deliveries (workspace_id, subscription_id, due_at, number) WHERE state = 'retrying';
CREATE TABLE tallies (
	workspace_id TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	name         TEXT NOT NULL,
	slot         BIGINT NOT NULL,
	total        BIGINT NOT NULL DEFAULT 0,
	PRIMARY KEY (workspace_id, name, slot)
);
CREATE TABLE article_tallies (
	workspace_id  TEXT NOT NULL,
	article_id    BIGINT NOT NULL,
	slot          BIGINT NOT NULL,
	views         BIGINT NOT NULL DEFAULT 0,
	conversations BIGINT NOT NULL DEFAULT 0,
	PRIMARY KEY (workspace_id, article_id, slot),
	FOREIGN KEY (workspace_id, article_id) REFERENCES articles (workspace_id, id) ON DELETE CASCADE
);
CREATE TABLE nodes (
	id             TEXT PRIMARY KEY,
	host           TEXT NOT NULL,
	version        TEXT NOT NULL,
	schema_version BIGINT NOT NULL, -- the newest that it knows
	files          TEXT NOT NULL, -- a folder, or s3://bucket/prefix
	folder_id      TEXT, -- of a folder: what is written in it
	started_at     BIGINT NOT NULL,
	seen_at        BIGINT NOT NULL
);
CREATE INDEX contacts_by_last_replied_at ON contacts (workspace_id, last_replied_at, id)
	WHERE role <> 'visitor' AND archived_at IS NULL AND last_replied_at IS NOT NULL;
CREATE INDEX contacts_by_last_contacted_at ON contacts (workspace_id, last_contacted_at, id)
	WHERE role <> 'visitor' AND archived_at IS NULL AND last_contacted_at IS NOT NULL;
CREATE INDEX contacts_unsubscribed ON contacts (workspace_id, created_at, id)
	WHERE role <> 'visitor' AND archived_at IS NULL AND unsubscribed_from_emails;
CREATE INDEX contacts_marked_as_spam ON contacts (workspace_id, created_at, id)
	WHERE role <> 'visitor' AND archived_at IS NULL AND marked_email_as_spam;
CREATE INDEX contacts_bounced ON contacts (workspace_id, created_at, id)
	WHERE role <> 'visitor' AND archived_at IS NULL AND has_hard_bounced;
CREATE INDEX conversations_waiting ON conversations (workspace_id, waiting_since, id)
	WHERE kind = 'conversation' AND waiting_since IS NOT NULL;
CREATE INDEX conversations_snoozed ON conversations (workspace_id, snoozed_until, id)
	WHERE kind = 'conversation' AND snoozed_until IS NOT NULL;
CREATE INDEX conversations_with_priority ON conversations (workspace_id, updated_at, id)
	WHERE kind = 'conversation' AND priority;
CREATE INDEX conversations_rated ON conversations (workspace_id, rating, id)
	WHERE kind = 'conversation' AND rating IS NOT NULL;
CREATE INDEX conversations_closed ON conversations (workspace_id, last_close_at, id)
	WHERE kind = 'conversation' AND last_close_at IS NOT NULL;
CREATE TABLE snapshots (
	workspace_id TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	name         TEXT NOT NULL,
	copy         TEXT NOT NULL,
	created_at   BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, name)
);
CREATE TABLE snapshot_uses (
	workspace_id TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	holder       TEXT NOT NULL,
	name         TEXT NOT NULL,
	PRIMARY KEY (workspace_id, holder, name)
);
CREATE TABLE snapshot_jobs (
	workspace_id TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	id           TEXT NOT NULL,
	kind         TEXT NOT NULL,
	unique_key   TEXT,
	payload      JSONB NOT NULL,
	run_at       BIGINT NOT NULL,
	due_at       BIGINT,
	attempt      BIGINT NOT NULL,
	last_error   TEXT,
	failed_at    BIGINT,
	created_at   BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, id)
);
CREATE TABLE snapshot_words (
	workspace_id TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	article_id   BIGINT NOT NULL,
	locale       TEXT NOT NULL,
	keys         TEXT NOT NULL,
	title        TEXT NOT NULL,
	summary      TEXT NOT NULL,
	body         TEXT NOT NULL,
	PRIMARY KEY (workspace_id, article_id, locale)
);
CREATE TABLE snapshot_files (
	workspace_id TEXT NOT NULL,
	blob_key     TEXT NOT NULL,
	PRIMARY KEY (workspace_id, blob_key)
);
CREATE INDEX jobs_by_own_time ON jobs (workspace_id, due_at) WHERE due_at IS NOT NULL;
CREATE TABLE fault_calls (
	workspace_id TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	fault_id     BIGINT NOT NULL,
	calls        BIGINT NOT NULL,
	acted        BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, fault_id)
);
CREATE INDEX deliveries_failed ON deliveries (workspace_id, subscription_id, state, number)
	WHERE state <> 'pending' AND state <> 'delivered';
CREATE INDEX contacts_by_role ON contacts (workspace_id, role, created_at, id)
	WHERE role <> 'visitor' AND archived_at IS NULL;
CREATE TABLE kept_contact_values (
	workspace_id       TEXT NOT NULL,
	field              TEXT NOT NULL, -- as searches name it
	value              NOT NULL,      -- a text, folded, or a number; of at most 2,000 bytes
	contact_created_at BIGINT NOT NULL,
	contact_id         TEXT NOT NULL,
	contact_role       TEXT NOT NULL,
	PRIMARY KEY (workspace_id, field, value, contact_created_at, contact_id)
) WITHOUT ROWID;
CREATE TABLE kept_contact_totals (
	workspace_id TEXT NOT NULL,
	field        TEXT NOT NULL,
	value        NOT NULL,
	role         TEXT NOT NULL,
	contacts     BIGINT NOT NULL, -- at least one
	PRIMARY KEY (workspace_id, field, value, role)
) WITHOUT ROWID;
CREATE VIEW kept_contact_sources (workspace_id, field, value, contact_created_at, contact_id, contact_role) AS
SELECT c.workspace_id, v.key, v.value, c.created_at, c.id, c.role FROM contacts c, json_each(c.searchable) v
WHERE v.value IS NOT NULL AND length(CAST(v.value AS BLOB)) <= 2000 AND c.role <> 'visitor' AND c.archived_at IS NULL AND c.workspace_id < '~'
UNION ALL
SELECT c.workspace_id, 'name', c.name_fold, c.created_at, c.id, c.role FROM contacts c
WHERE c.name_fold IS NOT NULL AND length(CAST(c.name_fold AS BLOB)) <= 2000 AND c.role <> 'visitor' AND c.archived_at IS NULL AND c.workspace_id < '~'
UNION ALL
SELECT c.workspace_id, 'email', c.email_fold, c.created_at, c.id, c.role FROM contacts c
WHERE c.email_fold IS NOT NULL AND length(CAST(c.email_fold AS BLOB)) <= 2000 AND c.role <> 'visitor' AND c.archived_at IS NULL AND c.workspace_id < '~'
UNION ALL
SELECT c.workspace_id, 'tag_id', t.tag_id, c.created_at, c.id, c.role
FROM contacts c JOIN contact_tags t ON t.workspace_id = c.workspace_id AND t.contact_id = c.id
WHERE c.role <> 'visitor' AND c.archived_at IS NULL AND c.workspace_id < '~';
CREATE TRIGGER contacts_deleted BEFORE DELETE ON contacts
WHEN OLD.role <> 'visitor' AND OLD.archived_at IS NULL AND OLD.workspace_id < '~'
BEGIN
	DELETE FROM kept_contact_values
	WHERE workspace_id = OLD.workspace_id AND contact_created_at = OLD.created_at AND contact_id = OLD.id AND (field, value) IN (
		SELECT s.field, s.value FROM kept_contact_sources s WHERE s.workspace_id = OLD.workspace_id AND s.contact_id = OLD.id);
	UPDATE kept_contact_totals SET contacts = contacts - 1 WHERE workspace_id = OLD.workspace_id AND field = 'role' AND value = OLD.role AND role = OLD.role;
	DELETE FROM kept_contact_totals WHERE workspace_id = OLD.workspace_id AND field = 'role' AND value = OLD.role AND role = OLD.role AND contacts = 0;
END;
CREATE TRIGGER contact_tags_inserted AFTER INSERT ON contact_tags WHEN NEW.workspace_id < '~'
BEGIN
	INSERT INTO kept_contact_values
	SELECT * FROM kept_contact_sources WHERE workspace_id = NEW.workspace_id AND contact_id = NEW.contact_id AND field = 'tag_id' AND value = NEW.tag_id;
END;
CREATE TRIGGER contact_tags_deleted AFTER DELETE ON contact_tags WHEN OLD.workspace_id < '~'
BEGIN
	DELETE FROM kept_contact_values WHERE workspace_id = OLD.workspace_id AND field = 'tag_id' AND value = OLD.tag_id AND contact_id = OLD.contact_id
		AND contact_created_at = (SELECT c.created_at FROM contacts c WHERE c.workspace_id = OLD.workspace_id AND c.id = OLD.contact_id);
END;
CREATE TRIGGER kept_contact_values_inserted AFTER INSERT ON kept_contact_values WHEN NEW.field NOT IN ('name', 'email')
BEGIN
	INSERT INTO kept_contact_totals VALUES (NEW.workspace_id, NEW.field, NEW.value, NEW.contact_role, 1)
	ON CONFLICT (workspace_id, field, value, role) DO UPDATE SET contacts = contacts + 1;
END;
CREATE TRIGGER kept_contact_values_deleted AFTER DELETE ON kept_contact_values WHEN OLD.field NOT IN ('name', 'email')
BEGIN
	UPDATE kept_contact_totals SET contacts = contacts - 1
	WHERE workspace_id = OLD.workspace_id AND field = OLD.field AND value = OLD.value AND role = OLD.contact_role;
	DELETE FROM kept_contact_totals
	WHERE workspace_id = OLD.workspace_id AND field = OLD.field AND value = OLD.value AND role = OLD.contact_role AND contacts = 0;
END;
CREATE VIRTUAL TABLE kept_contact_parts USING fts5 (
	text,
	content = '',
	contentless_delete = 1,
	detail = none,
	tokenize = "trigram case_sensitive 1"
);
CREATE TABLE kept_contact_documents (
	document           INTEGER PRIMARY KEY,
	workspace_id       TEXT NOT NULL,
	contact_id         TEXT NOT NULL,
	contact_created_at BIGINT NOT NULL,
	contact_role       TEXT NOT NULL,
	name               TEXT, -- as name_fold
	email              TEXT  -- as email_fold
);
CREATE UNIQUE INDEX kept_contact_documents_by_contact ON kept_contact_documents (workspace_id, contact_id);
CREATE TABLE kept_contact_changes (
	workspace_id TEXT NOT NULL,
	contact_id   TEXT NOT NULL,
	PRIMARY KEY (workspace_id, contact_id)
) WITHOUT ROWID;
CREATE TRIGGER contact_texts_inserted AFTER INSERT ON contacts
WHEN (length(NEW.name_fold) > 2 OR length(NEW.email_fold) > 2) AND NEW.role <> 'visitor' AND NEW.archived_at IS NULL AND NEW.workspace_id < '~'
BEGIN
	INSERT INTO kept_contact_changes VALUES (NEW.workspace_id, NEW.id) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER contact_texts_changed AFTER UPDATE OF name_fold, email_fold, role, created_at, archived_at ON contacts
WHEN (NEW.name_fold IS NOT OLD.name_fold OR NEW.email_fold IS NOT OLD.email_fold
	OR NEW.role <> OLD.role OR NEW.created_at <> OLD.created_at OR (NEW.archived_at IS NULL) <> (OLD.archived_at IS NULL)) AND NEW.workspace_id < '~'
BEGIN
	INSERT INTO kept_contact_changes VALUES (NEW.workspace_id, NEW.id) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER contact_texts_deleted AFTER DELETE ON contacts WHEN OLD.workspace_id < '~'
BEGIN
	DELETE FROM kept_contact_changes WHERE workspace_id = OLD.workspace_id AND contact_id = OLD.id;
	INSERT INTO kept_contact_changes
	SELECT d.workspace_id, d.contact_id FROM kept_contact_documents d WHERE d.workspace_id = OLD.workspace_id AND d.contact_id = OLD.id
	ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER contacts_inserted AFTER INSERT ON contacts
WHEN NEW.role <> 'visitor' AND NEW.archived_at IS NULL AND NEW.workspace_id < '~'
BEGIN
	INSERT INTO kept_contact_values
	SELECT NEW.workspace_id, v.key, v.value, NEW.created_at, NEW.id, NEW.role FROM json_each(NEW.searchable) v
	WHERE v.value IS NOT NULL AND length(CAST(v.value AS BLOB)) <= 2000
	UNION ALL
	SELECT NEW.workspace_id, 'name', NEW.name_fold, NEW.created_at, NEW.id, NEW.role
	WHERE NEW.name_fold IS NOT NULL AND length(CAST(NEW.name_fold AS BLOB)) <= 2000
	UNION ALL
	SELECT NEW.workspace_id, 'email', NEW.email_fold, NEW.created_at, NEW.id, NEW.role
	WHERE NEW.email_fold IS NOT NULL AND length(CAST(NEW.email_fold AS BLOB)) <= 2000
	UNION ALL
	SELECT NEW.workspace_id, 'tag_id', t.tag_id, NEW.created_at, NEW.id, NEW.role FROM contact_tags t
	WHERE t.workspace_id = NEW.workspace_id AND t.contact_id = NEW.id;
	INSERT INTO kept_contact_totals VALUES (NEW.workspace_id, 'role', NEW.role, NEW.role, 1)
	ON CONFLICT (workspace_id, field, value, role) DO UPDATE SET contacts = contacts + 1;
END;
CREATE TRIGGER contacts_changed AFTER UPDATE OF searchable, name_fold, email_fold ON contacts
WHEN (NEW.searchable <> OLD.searchable OR NEW.name_fold IS NOT OLD.name_fold OR NEW.email_fold IS NOT OLD.email_fold)
	AND NEW.role = OLD.role AND NEW.created_at = OLD.created_at
	AND NEW.role <> 'visitor' AND NEW.archived_at IS NULL AND OLD.archived_at IS NULL AND NEW.workspace_id < '~'
BEGIN
	DELETE FROM kept_contact_values
	WHERE workspace_id = OLD.workspace_id AND contact_created_at = OLD.created_at AND contact_id = OLD.id AND (field, value) IN (
		SELECT gone.field, gone.value FROM (
			SELECT v.key AS field, v.value AS value FROM json_each(OLD.searchable) v
			UNION ALL SELECT 'name', OLD.name_fold
			UNION ALL SELECT 'email', OLD.email_fold
			EXCEPT SELECT s.field, s.value FROM kept_contact_sources s WHERE s.workspace_id = NEW.workspace_id AND s.contact_id = NEW.id) gone);
	INSERT INTO kept_contact_values
	SELECT * FROM kept_contact_sources WHERE workspace_id = NEW.workspace_id AND contact_id = NEW.id
	ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER contacts_listed AFTER UPDATE OF role, created_at, archived_at ON contacts
WHEN (NEW.role <> OLD.role OR NEW.created_at <> OLD.created_at OR (NEW.archived_at IS NULL) <> (OLD.archived_at IS NULL)) AND NEW.workspace_id < '~'
BEGIN
	DELETE FROM kept_contact_values
	WHERE workspace_id = OLD.workspace_id AND contact_created_at = OLD.created_at AND contact_id = OLD.id AND (field, value) IN (
		SELECT gone.field, gone.value FROM (
			SELECT v.key AS field, v.value AS value FROM json_each(OLD.searchable) v
			UNION ALL SELECT 'name', OLD.name_fold
			UNION ALL SELECT 'email', OLD.email_fold
			UNION ALL SELECT 'tag_id', t.tag_id FROM contact_tags t WHERE t.workspace_id = OLD.workspace_id AND t.contact_id = OLD.id) gone);
	INSERT INTO kept_contact_values SELECT * FROM kept_contact_sources WHERE workspace_id = NEW.workspace_id AND contact_id = NEW.id;
	UPDATE kept_contact_totals SET contacts = contacts - 1
	WHERE workspace_id = OLD.workspace_id AND field = 'role' AND value = OLD.role AND role = OLD.role AND OLD.archived_at IS NULL;
	INSERT INTO kept_contact_totals SELECT NEW.workspace_id, 'role', NEW.role, NEW.role, 1 WHERE NEW.role <> 'visitor' AND NEW.archived_at IS NULL
	ON CONFLICT (workspace_id, field, value, role) DO UPDATE SET contacts = contacts + 1;
	DELETE FROM kept_contact_totals WHERE workspace_id = OLD.workspace_id AND field = 'role' AND value = OLD.role AND role = OLD.role AND contacts = 0;
END;
CREATE TABLE kept_contact_ages (
	document INTEGER PRIMARY KEY,
	oldest   BIGINT NOT NULL,
	newest   BIGINT NOT NULL
);
CREATE TABLE schema_contractions (version BIGINT PRIMARY KEY);
ANALYZE goose_db_version;
DELETE FROM sqlite_stat1;
INSERT INTO goose_db_version (id, version_id, is_applied) VALUES (1, 0, 1);
INSERT INTO goose_db_version (id, version_id, is_applied) VALUES (10, 10, 1);
INSERT INTO goose_db_version (id, version_id, is_applied) VALUES (11, 11, 1);
INSERT INTO goose_db_version (id, version_id, is_applied) VALUES (12, 12, 1);
INSERT INTO goose_db_version (id, version_id, is_applied) VALUES (13, 13, 1);
INSERT INTO goose_db_version (id, version_id, is_applied) VALUES (14, 14, 1);
INSERT INTO goose_db_version (id, version_id, is_applied) VALUES (15, 15, 1);
INSERT INTO goose_db_version (id, version_id, is_applied) VALUES (16, 16, 1);
INSERT INTO goose_db_version (id, version_id, is_applied) VALUES (17, 17, 1);
INSERT INTO goose_db_version (id, version_id, is_applied) VALUES (18, 18, 1);
INSERT INTO goose_db_version (id, version_id, is_applied) VALUES (19, 19, 1);
INSERT INTO goose_db_version (id, version_id, is_applied) VALUES (2, 1, 1);
INSERT INTO goose_db_version (id, version_id, is_applied) VALUES (20, 20, 1);
INSERT INTO goose_db_version (id, version_id, is_applied) VALUES (21, 21, 1);
INSERT INTO goose_db_version (id, version_id, is_applied) VALUES (22, 22, 1);
INSERT INTO goose_db_version (id, version_id, is_applied) VALUES (23, 23, 1);
INSERT INTO goose_db_version (id, version_id, is_applied) VALUES (24, 24, 1);
INSERT INTO goose_db_version (id, version_id, is_applied) VALUES (25, 25, 1);
INSERT INTO goose_db_version (id, version_id, is_applied) VALUES (26, 26, 1);
INSERT INTO goose_db_version (id, version_id, is_applied) VALUES (27, 27, 1);
INSERT INTO goose_db_version (id, version_id, is_applied) VALUES (28, 28, 1);
INSERT INTO goose_db_version (id, version_id, is_applied) VALUES (29, 29, 1);
INSERT INTO goose_db_version (id, version_id, is_applied) VALUES (3, 2, 1);
INSERT INTO goose_db_version (id, version_id, is_applied) VALUES (30, 30, 1);
INSERT INTO goose_db_version (id, version_id, is_applied) VALUES (31, 31, 1);
INSERT INTO goose_db_version (id, version_id, is_applied) VALUES (32, 32, 1);
INSERT INTO goose_db_version (id, version_id, is_applied) VALUES (33, 33, 1);
INSERT INTO goose_db_version (id, version_id, is_applied) VALUES (34, 34, 1);
INSERT INTO goose_db_version (id, version_id, is_applied) VALUES (35, 35, 1);
INSERT INTO goose_db_version (id, version_id, is_applied) VALUES (36, 36, 1);
INSERT INTO goose_db_version (id, version_id, is_applied) VALUES (37, 37, 1);
INSERT INTO goose_db_version (id, version_id, is_applied) VALUES (38, 38, 1);
INSERT INTO goose_db_version (id, version_id, is_applied) VALUES (39, 39, 1);
INSERT INTO goose_db_version (id, version_id, is_applied) VALUES (4, 3, 1);
INSERT INTO goose_db_version (id, version_id, is_applied) VALUES (5, 4, 1);
INSERT INTO goose_db_version (id, version_id, is_applied) VALUES (6, 5, 1);
INSERT INTO goose_db_version (id, version_id, is_applied) VALUES (7, 6, 1);
INSERT INTO goose_db_version (id, version_id, is_applied) VALUES (8, 7, 1);
INSERT INTO goose_db_version (id, version_id, is_applied) VALUES (9, 9, 1);
INSERT INTO schema_contractions (version) VALUES (37);
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('article_contents', 'sqlite_autoindex_article_contents_1', '400000 40000 2 1');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('article_reactions', 'article_reactions_by_contact', '2000000 200000 3');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('article_reactions', 'article_reactions_by_reaction', '2000000 200000 20 7');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('article_reactions', 'sqlite_autoindex_article_reactions_1', '2000000 200000 20 1');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('articles', 'articles_by_help_center', '200000 20000 10000');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('articles', 'articles_by_parent', '200000 20000 5 3');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('articles', 'articles_by_updated_at', '200000 20000 2 1');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('articles', 'sqlite_autoindex_articles_1', '200000 20000 1');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('attachments', 'attachments_by_part', '1000000 100000 2 2 1');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('attachments', 'sqlite_autoindex_attachments_1', '1000000 100000 1');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('collection_contents', 'sqlite_autoindex_collection_contents_1', '100000 10000 2 1');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('collections', 'collections_by_help_center', '50000 5000 2500 10');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('collections', 'collections_by_parent', '50000 5000 5 1');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('collections', 'collections_by_updated_at', '10000 1000 2 1');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('collections', 'sections_by_updated_at', '40000 4000 2 1');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('collections', 'sqlite_autoindex_collections_1', '50000 5000 1');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('companies', 'companies_by_company_id', '100000 10000 1');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('companies', 'companies_by_last_request_at', '100000 10000 2 1');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('companies', 'companies_by_name', '100000 10000 2 1 1');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('companies', 'companies_by_plan', '100000 10000 1000');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('companies', 'sqlite_autoindex_companies_1', '100000 10000 1');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('contact_companies', 'contact_companies_by_company', '1000000 100000 10 2 1');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('contact_companies', 'contact_companies_by_contact', '1000000 100000 2 2 1');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('contact_companies', 'sqlite_autoindex_contact_companies_1', '1000000 100000 2 1');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('contact_tags', 'contact_tags_by_tag', '2000000 200000 10000 1');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('contact_tags', 'sqlite_autoindex_contact_tags_1', '2000000 200000 2 1');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('contacts', 'contacts_bounced', '10000 1000 2 1');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('contacts', 'contacts_by_created_at', '900000 50000 2 1');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('contacts', 'contacts_by_email', '1000000 100000 2');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('contacts', 'contacts_by_email_domain', '1000000 100000 100');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('contacts', 'contacts_by_external_id', '1000000 100000 1');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('contacts', 'contacts_by_external_id_fold', '1000000 100000 1');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('contacts', 'contacts_by_last_contacted_at', '400000 40000 2 1');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('contacts', 'contacts_by_last_replied_at', '300000 30000 2 1');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('contacts', 'contacts_by_last_seen_at', '900000 90000 2 1');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('contacts', 'contacts_by_name', '900000 90000 4 1');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('contacts', 'contacts_by_only_email', '100000 10000 1');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('contacts', 'contacts_by_owner', '1000000 100000 5000');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('contacts', 'contacts_by_phone', '1000000 100000 2');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('contacts', 'contacts_by_role', '1000000 100000 40000 2 1');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('contacts', 'contacts_by_signed_up_at', '900000 90000 2 1');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('contacts', 'contacts_by_updated_at', '900000 90000 2 1');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('contacts', 'contacts_marked_as_spam', '2000 200 2 1');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('contacts', 'contacts_unsubscribed', '40000 4000 2 1');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('contacts', 'sqlite_autoindex_contacts_1', '1000000 100000 1');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('conversation_contacts', 'conversation_contacts_by_contact', '1000000 100000 3 1');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('conversation_contacts', 'sqlite_autoindex_conversation_contacts_1', '1000000 100000 2 1');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('conversation_medians', 'sqlite_autoindex_conversation_medians_1', '800000 80000 1');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('conversation_parts', 'conversation_parts_by_contact', '5000000 500000 15 5');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('conversation_parts', 'sqlite_autoindex_conversation_parts_1', '10000000 1000000 10 1');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('conversation_reply_times', 'sqlite_autoindex_conversation_reply_times_1', '3000000 300000 4 2 1');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('conversation_sources', 'conversation_sources_by_admin', '100000 10000 500');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('conversation_sources', 'conversation_sources_by_contact', '1000000 100000 3');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('conversation_sources', 'conversation_sources_by_id', '1000000 100000 1');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('conversation_sources', 'sqlite_autoindex_conversation_sources_1', '1000000 100000 1');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('conversation_tags', 'conversation_tags_by_tag', '1000000 100000 5000 1');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('conversation_tags', 'sqlite_autoindex_conversation_tags_1', '1000000 100000 2 1');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('conversation_teammates', 'conversation_teammates_by_admin', '1500000 150000 5000 1');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('conversation_teammates', 'sqlite_autoindex_conversation_teammates_1', '1500000 150000 2 1');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('conversation_words', 'sqlite_autoindex_conversation_words_1', '30000000 3000000 100 1');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('conversations', 'conversations_by_admin', '1000000 100000 2000 700');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('conversations', 'conversations_by_created_at', '1000000 100000 2 1');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('conversations', 'conversations_by_state', '1000000 100000 30000');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('conversations', 'conversations_by_team', '1000000 100000 10000 4000');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('conversations', 'conversations_by_updated_at', '1000000 100000 2 1');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('conversations', 'conversations_closed', '900000 90000 2 1');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('conversations', 'conversations_rated', '100000 10000 2000 1');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('conversations', 'conversations_snoozed', '10000 1000 2 1');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('conversations', 'conversations_waiting', '100000 10000 2 1');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('conversations', 'conversations_with_priority', '30000 3000 2 1');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('conversations', 'sqlite_autoindex_conversations_1', '1000000 100000 1');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('data_event_summaries', 'sqlite_autoindex_data_event_summaries_1', '2000000 200000 5 1');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('data_events', 'sqlite_autoindex_data_events_1', '10000000 1000000 20 2 1');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('help_center_identifiers', 'help_center_identifiers_by_workspace', '20 2 1');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('help_center_identifiers', 'sqlite_autoindex_help_center_identifiers_1', '20 1');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('help_centers', 'sqlite_autoindex_help_centers_1', '20 2 1');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('kept_contact_changes', 'kept_contact_changes', '60 10 1');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('kept_contact_documents', 'kept_contact_documents_by_contact', '600000 100000 1');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('kept_contact_totals', 'kept_contact_totals', '600000 60000 6000 2 1');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('kept_contact_values', 'kept_contact_values', '6000000 600000 60000 200 1 1');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('news_items', 'news_items_by_title', '10000 1000 2 1');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('news_items', 'news_items_by_updated_at', '10000 1000 2 1');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('news_items', 'sqlite_autoindex_news_items_1', '10000 1000 1');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('newsfeed_assignments', 'newsfeed_assignments_by_newsfeed', '20000 2000 200 2 1');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('newsfeed_assignments', 'sqlite_autoindex_newsfeed_assignments_1', '20000 2000 2 1');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('newsfeed_segments', 'sqlite_autoindex_newsfeed_segments_1', '200 20 2 1');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('newsfeeds', 'newsfeeds_by_updated_at', '100 10 2 1');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('newsfeeds', 'sqlite_autoindex_newsfeeds_1', '100 10 1');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('notes', 'notes_by_admin', '1000000 100000 5000');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('notes', 'notes_by_contact', '1000000 100000 5 2 1');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('notes', 'sqlite_autoindex_notes_1', '1000000 100000 1');
