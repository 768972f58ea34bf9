-- +goose Up

-- What listed contacts are searched by and an index of contacts does not serve: for each value those who have it, in the order in which
-- they were made, so that they are counted and read without a look at the contacts. Triggers keep it.
CREATE TABLE kept_contact_values (
	workspace_id       TEXT NOT NULL,
	field              TEXT NOT NULL, -- as searches name it
	value              NOT NULL,      -- a text, folded, or a number; of at most 2,000 bytes
	contact_created_at BIGINT NOT NULL,
	contact_id         TEXT NOT NULL,
	contact_role       TEXT NOT NULL,
	PRIMARY KEY (workspace_id, field, value, contact_created_at, contact_id)
) WITHOUT ROWID;

-- How many listed contacts of a role have a value; of the field role, how many there are. Names and addresses are not counted.
CREATE TABLE kept_contact_totals (
	workspace_id TEXT NOT NULL,
	field        TEXT NOT NULL,
	value        NOT NULL,
	role         TEXT NOT NULL,
	contacts     BIGINT NOT NULL, -- at least one
	PRIMARY KEY (workspace_id, field, value, role)
) WITHOUT ROWID;

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
	('kept_contact_values', 'kept_contact_values', '6000000 600000 60000 200 1 1'),
	('kept_contact_totals', 'kept_contact_totals', '600000 60000 6000 2 1');

-- All that there should be. Copies of workspaces, whose ids begin with ~, are not searched.
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

INSERT INTO kept_contact_values SELECT * FROM kept_contact_sources ORDER BY 1, 2, 3, 4, 5;

INSERT INTO kept_contact_totals SELECT workspace_id, field, value, contact_role, count(*) FROM kept_contact_values
WHERE field NOT IN ('name', 'email') GROUP BY 1, 2, 3, 4
UNION ALL
SELECT workspace_id, 'role', role, role, count(*) FROM contacts
WHERE role <> 'visitor' AND archived_at IS NULL AND workspace_id < '~' GROUP BY 1, 3;

-- +goose StatementBegin
CREATE TRIGGER contacts_inserted AFTER INSERT ON contacts
WHEN NEW.role <> 'visitor' AND NEW.archived_at IS NULL AND NEW.workspace_id < '~'
BEGIN
	INSERT INTO kept_contact_values SELECT * FROM kept_contact_sources WHERE workspace_id = NEW.workspace_id AND contact_id = NEW.id;
	INSERT INTO kept_contact_totals VALUES (NEW.workspace_id, 'role', NEW.role, NEW.role, 1)
	ON CONFLICT (workspace_id, field, value, role) DO UPDATE SET contacts = contacts + 1;
END;
-- +goose StatementEnd

-- Before its tags go with it.
-- +goose StatementBegin
CREATE TRIGGER contacts_deleted BEFORE DELETE ON contacts
WHEN OLD.role <> 'visitor' AND OLD.archived_at IS NULL AND OLD.workspace_id < '~'
BEGIN
	DELETE FROM kept_contact_values
	WHERE workspace_id = OLD.workspace_id AND contact_created_at = OLD.created_at AND contact_id = OLD.id AND (field, value) IN (
		SELECT s.field, s.value FROM kept_contact_sources s WHERE s.workspace_id = OLD.workspace_id AND s.contact_id = OLD.id);
	UPDATE kept_contact_totals SET contacts = contacts - 1 WHERE workspace_id = OLD.workspace_id AND field = 'role' AND value = OLD.role AND role = OLD.role;
	DELETE FROM kept_contact_totals WHERE workspace_id = OLD.workspace_id AND field = 'role' AND value = OLD.role AND role = OLD.role AND contacts = 0;
END;
-- +goose StatementEnd

-- One that has other values, and is listed as it was.
-- +goose StatementBegin
CREATE TRIGGER contacts_changed AFTER UPDATE ON contacts
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
-- +goose StatementEnd

-- One that is listed otherwise: archived or not, in another role, made at another time.
-- +goose StatementBegin
CREATE TRIGGER contacts_listed AFTER UPDATE ON contacts
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
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER contact_tags_inserted AFTER INSERT ON contact_tags WHEN NEW.workspace_id < '~'
BEGIN
	INSERT INTO kept_contact_values
	SELECT * FROM kept_contact_sources WHERE workspace_id = NEW.workspace_id AND contact_id = NEW.contact_id AND field = 'tag_id' AND value = NEW.tag_id;
END;
-- +goose StatementEnd

-- Of a contact that goes with its tags there are none left.
-- +goose StatementBegin
CREATE TRIGGER contact_tags_deleted AFTER DELETE ON contact_tags WHEN OLD.workspace_id < '~'
BEGIN
	DELETE FROM kept_contact_values WHERE workspace_id = OLD.workspace_id AND field = 'tag_id' AND value = OLD.tag_id AND contact_id = OLD.contact_id
		AND contact_created_at = (SELECT c.created_at FROM contacts c WHERE c.workspace_id = OLD.workspace_id AND c.id = OLD.contact_id);
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER kept_contact_values_inserted AFTER INSERT ON kept_contact_values WHEN NEW.field NOT IN ('name', 'email')
BEGIN
	INSERT INTO kept_contact_totals VALUES (NEW.workspace_id, NEW.field, NEW.value, NEW.contact_role, 1)
	ON CONFLICT (workspace_id, field, value, role) DO UPDATE SET contacts = contacts + 1;
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER kept_contact_values_deleted AFTER DELETE ON kept_contact_values WHEN OLD.field NOT IN ('name', 'email')
BEGIN
	UPDATE kept_contact_totals SET contacts = contacts - 1
	WHERE workspace_id = OLD.workspace_id AND field = OLD.field AND value = OLD.value AND role = OLD.contact_role;
	DELETE FROM kept_contact_totals
	WHERE workspace_id = OLD.workspace_id AND field = OLD.field AND value = OLD.value AND role = OLD.contact_role AND contacts = 0;
END;
-- +goose StatementEnd
