-- +goose Up

-- Contacts of a role are counted, and read in the order in which they were made, without a look at each.
CREATE INDEX contacts_by_role ON contacts (workspace_id, role, created_at, id)
	WHERE role <> 'visitor' AND archived_at IS NULL;

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
	('contacts', 'contacts_by_role', '1000000 100000 50000 2 1');
