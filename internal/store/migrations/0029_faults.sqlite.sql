-- +goose Up

-- How many calls each fault of a workspace was for, and at how many it acted. What the faults are is in workspaces.sandbox.
CREATE TABLE fault_calls (
	workspace_id TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	fault_id     BIGINT NOT NULL,
	calls        BIGINT NOT NULL,
	acted        BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, fault_id)
);
