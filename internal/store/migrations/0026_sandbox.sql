-- +goose Up

-- What a developer has set for a workspace to test with, as JSON; NULL for one that is as it came.
ALTER TABLE workspaces ADD COLUMN sandbox JSONB;
