-- +goose Up

-- The numbers of documents in the index of parts begin with one of the workspace that no other has, and tell users from leads: the index alone says
-- then who has a part of three characters. They follow the order in which contacts were made, about.
-- A program that does not know them would find nobody, and give others out: it refuses the database.
INSERT INTO kept_contact_parts (kept_contact_parts) VALUES ('delete-all');
DELETE FROM kept_contact_documents;

-- When the oldest and the newest contact were made that have had one of 4,096 numbers one after the other, of which this is the first, so that those on a page
-- are found without a look at the others. It is written with the documents, and goes with the last of them.
CREATE TABLE kept_contact_ages (
	document INTEGER PRIMARY KEY,
	oldest   BIGINT NOT NULL,
	newest   BIGINT NOT NULL
);

-- As when the index was made (0034).
INSERT INTO kept_contact_changes SELECT workspace_id, id FROM contacts WHERE workspace_id < '~' ORDER BY 1, 2 ON CONFLICT DO NOTHING;
