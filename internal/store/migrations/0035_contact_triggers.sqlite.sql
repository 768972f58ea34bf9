-- +goose Up

-- The values of a contact that has just been made are at hand: the view, kept_contact_sources, looks the contact up four times, which was
-- most of what the table of values took. It has tags only where references are looked at when all is done.
DROP TRIGGER contacts_inserted;

-- +goose StatementBegin
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
-- +goose StatementEnd

-- The triggers of updates are the same. They name the columns that their conditions ask for, so that they are no part of statements that
-- write others: that somebody was written to, say.

DROP TRIGGER contacts_changed;

-- +goose StatementBegin
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
-- +goose StatementEnd

DROP TRIGGER contacts_listed;

-- +goose StatementBegin
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
-- +goose StatementEnd
