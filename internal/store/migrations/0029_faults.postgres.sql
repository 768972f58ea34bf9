-- +goose Up

-- How many calls each fault of a workspace was for, and at how many it acted. What the faults are is in workspaces.sandbox.
CREATE TABLE fault_calls (
	workspace_id TEXT COLLATE "C" NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	fault_id     BIGINT NOT NULL,
	calls        BIGINT NOT NULL,
	acted        BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, fault_id)
);

-- What the planner is told of every table: see 0024.
ALTER TABLE fault_calls ALTER COLUMN workspace_id SET STATISTICS 1, ALTER COLUMN workspace_id SET (n_distinct = 6);
