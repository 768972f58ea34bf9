-- +goose Up

-- The three characters side by side that are in names and addresses, as searches compare them, and in which document. It may find too much:
-- whom it finds is looked at. It is written behind, in steps (internal/store/parts); who is not in it as they are is in kept_contact_changes.
CREATE VIRTUAL TABLE kept_contact_parts USING fts5 (
	name,
	email,
	content = '',
	contentless_delete = 1,
	detail = column,
	tokenize = "trigram case_sensitive 1"
);

-- Whose the documents are. Those of a workspace are in a range of their own, so that a search reads no more of the index than that. A number of the
-- row of a contact would not do: a VACUUM gives out others.
CREATE TABLE kept_contact_documents (
	workspace_id TEXT NOT NULL,
	contact_id   TEXT NOT NULL,
	document     BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, contact_id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX kept_contact_documents_by_number ON kept_contact_documents (workspace_id, document);

-- Contacts whose name or address is not in the index as it is. Each search looks at all of its workspace. Triggers write it.
CREATE TABLE kept_contact_changes (
	workspace_id TEXT NOT NULL,
	contact_id   TEXT NOT NULL,
	PRIMARY KEY (workspace_id, contact_id)
) WITHOUT ROWID;

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
	('kept_contact_documents', 'kept_contact_documents', '600000 100000 1'),
	('kept_contact_documents', 'kept_contact_documents_by_number', '600000 100000 1'),
	('kept_contact_changes', 'kept_contact_changes', '60 10 1');

-- Who has neither a name nor an address of three characters is found to be so when it is their turn: the key is read alone here.
INSERT INTO kept_contact_changes SELECT workspace_id, id FROM contacts WHERE workspace_id < '~' ORDER BY 1, 2;

-- +goose StatementBegin
CREATE TRIGGER contact_texts_inserted AFTER INSERT ON contacts
WHEN (length(NEW.name_fold) > 2 OR length(NEW.email_fold) > 2) AND NEW.workspace_id < '~'
BEGIN
	INSERT INTO kept_contact_changes VALUES (NEW.workspace_id, NEW.id) ON CONFLICT DO NOTHING;
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER contact_texts_changed AFTER UPDATE ON contacts
WHEN (NEW.name_fold IS NOT OLD.name_fold OR NEW.email_fold IS NOT OLD.email_fold) AND NEW.workspace_id < '~'
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
