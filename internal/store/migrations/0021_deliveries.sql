-- +goose Up

-- A delivery has what it shows itself: a change that one webhook wants to know of writes one row, and one entry of an index.
-- item is the last column, so that what is asked of deliveries is read without it.
ALTER TABLE deliveries ADD COLUMN topic TEXT NOT NULL DEFAULT '';
ALTER TABLE deliveries ADD COLUMN test BOOLEAN NOT NULL DEFAULT false; -- a person asked for it; nothing happened
ALTER TABLE deliveries ADD COLUMN item TEXT NOT NULL DEFAULT ''; -- JSON, sent as it is

UPDATE deliveries SET (topic, test, item) = (SELECT n.topic, n.test, n.item FROM notifications n
		WHERE n.workspace_id = deliveries.workspace_id AND n.id = deliveries.notification_id)
	WHERE EXISTS (SELECT 1 FROM notifications n WHERE n.workspace_id = deliveries.workspace_id AND n.id = deliveries.notification_id);

DROP TABLE notifications;

-- The state says what is to be done: pending, to be sent at once; retrying, to be sent at due_at; held, until an earlier one of
-- its object has ended. Where one is held, the earliest of its object that has not ended is retrying.
UPDATE deliveries SET due_at = NULL WHERE due_at = 0;

DROP INDEX deliveries_due;
DROP INDEX deliveries_by_subscription;
DROP INDEX deliveries_dropped;

-- A delivery that has not been tried is in the first of these alone, and one that arrived in the second alone.
CREATE INDEX deliveries_pending ON deliveries (workspace_id, subscription_id, number) WHERE state = 'pending';
CREATE INDEX deliveries_tried ON deliveries (workspace_id, subscription_id, number) WHERE state <> 'pending';
CREATE INDEX deliveries_retrying ON deliveries (workspace_id, subscription_id, due_at, number) WHERE state = 'retrying';
CREATE INDEX deliveries_failed ON deliveries (workspace_id, subscription_id, state, number) WHERE state IN ('retrying', 'held', 'dropped');
