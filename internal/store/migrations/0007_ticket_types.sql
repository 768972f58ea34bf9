-- +goose Up

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

-- items are those of a list, those that were dropped included: tickets have their
-- ids. position is the attribute's place in its type.
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
