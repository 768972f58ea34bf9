-- +goose Up

-- When a job of a workspace with a clock of its own is due by that clock; run_at is when that clock shows it by the
-- machine's. NULL for any other.
ALTER TABLE jobs ADD COLUMN due_at BIGINT;
-- What is next in a workspace.
CREATE INDEX jobs_by_own_time ON jobs (workspace_id, due_at) WHERE due_at IS NOT NULL;
