-- +goose Up

-- The servers on this database, each with the places it keeps files in. A row is renewed
-- while its server runs; times are by the clock of the database. No workspace: a server
-- is for all of them.
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
