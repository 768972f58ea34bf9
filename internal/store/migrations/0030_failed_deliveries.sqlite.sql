-- +goose Up

-- SQLite makes a table of a list of three for each row that is written, to look whether the index has it.
DROP INDEX deliveries_failed;
CREATE INDEX deliveries_failed ON deliveries (workspace_id, subscription_id, state, number)
	WHERE state <> 'pending' AND state <> 'delivered';
