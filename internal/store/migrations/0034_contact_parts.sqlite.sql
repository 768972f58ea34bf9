-- +goose Up

-- The three characters side by side that are in names and addresses of listed contacts, as searches compare them, and in which of them. It may
-- find too much: what it finds is looked at. It is written behind, in steps (internal/store/parts); who is not in it as they are is in kept_contact_changes.
CREATE VIRTUAL TABLE kept_contact_parts USING fts5 (
	text,
	content = '',
	contentless_delete = 1,
	detail = none,
	tokenize = "trigram case_sensitive 1"
);

-- The contacts that are in the index, with what they had when they were put there. Their names have the numbers there that their documents have here, and
-- their addresses numbers that are greater by 2^31. Either of a workspace are in a range of their own, so that a search reads no more of the index
-- than that. The numbers of the rows of contacts would not do: a VACUUM gives out others.
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

-- Listed contacts that are not in the index as they are, and others that are in it. Each search looks at all of its workspace. Triggers write it.
CREATE TABLE kept_contact_changes (
	workspace_id TEXT NOT NULL,
	contact_id   TEXT NOT NULL,
	PRIMARY KEY (workspace_id, contact_id)
) WITHOUT ROWID;

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
	('kept_contact_documents', 'kept_contact_documents_by_contact', '600000 100000 1'),
	('kept_contact_changes', 'kept_contact_changes', '60 10 1');

-- Who is not listed, or has neither a name nor an address of three characters, is found to be so when it is their turn: the key is read alone here.
INSERT INTO kept_contact_changes SELECT workspace_id, id FROM contacts WHERE workspace_id < '~' ORDER BY 1, 2;

-- +goose StatementBegin
CREATE TRIGGER contact_texts_inserted AFTER INSERT ON contacts
WHEN (length(NEW.name_fold) > 2 OR length(NEW.email_fold) > 2) AND NEW.role <> 'visitor' AND NEW.archived_at IS NULL AND NEW.workspace_id < '~'
BEGIN
	INSERT INTO kept_contact_changes VALUES (NEW.workspace_id, NEW.id) ON CONFLICT DO NOTHING;
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER contact_texts_changed AFTER UPDATE OF name_fold, email_fold, role, created_at, archived_at ON contacts
WHEN (NEW.name_fold IS NOT OLD.name_fold OR NEW.email_fold IS NOT OLD.email_fold
	OR NEW.role <> OLD.role OR NEW.created_at <> OLD.created_at OR (NEW.archived_at IS NULL) <> (OLD.archived_at IS NULL)) AND NEW.workspace_id < '~'
BEGIN
	INSERT INTO kept_contact_changes VALUES (NEW.workspace_id, NEW.id) ON CONFLICT DO NOTHING;
END;
-- +goose StatementEnd

-- Who was never in the index leaves nothing there.
-- +goose StatementBegin
CREATE TRIGGER contact_texts_deleted AFTER DELETE ON contacts WHEN OLD.workspace_id < '~'
BEGIN
	DELETE FROM kept_contact_changes WHERE workspace_id = OLD.workspace_id AND contact_id = OLD.id;
	INSERT INTO kept_contact_changes
	SELECT d.workspace_id, d.contact_id FROM kept_contact_documents d WHERE d.workspace_id = OLD.workspace_id AND d.contact_id = OLD.id
	ON CONFLICT DO NOTHING;
END;
-- +goose StatementEnd
