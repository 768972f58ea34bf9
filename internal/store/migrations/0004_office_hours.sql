-- +goose Up

-- When somebody is there, on the clock of the workspace's time zone:
-- {"monday": ["09:00-17:00"]}.
ALTER TABLE workspaces ADD COLUMN office_hours JSONB NOT NULL DEFAULT '{}';

-- Contacts and companies share their names, which the rule sees to. Conversations
-- have names of their own.
DROP INDEX data_attributes_by_name;
CREATE UNIQUE INDEX data_attributes_by_name ON data_attributes (workspace_id, model, name);
