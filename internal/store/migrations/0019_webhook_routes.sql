-- +goose Up

-- Which webhook subscriptions are to be told of a topic: the sum of those that are live or paused, written with them. A change
-- reads it to know whether anybody wants to be told.
ALTER TABLE workspaces ADD COLUMN webhook_routes JSONB NOT NULL DEFAULT '{}';
