-- +goose Up

-- These references hold the row that they lead to, where others take the row that refers along. Who brings a workspace back to what it
-- was has them looked at when all is done: rows go and come in no order that would suit them.
ALTER TABLE notes ALTER CONSTRAINT notes_workspace_id_admin_id_fkey DEFERRABLE;
ALTER TABLE companies ALTER CONSTRAINT companies_workspace_id_plan_id_fkey DEFERRABLE;
ALTER TABLE newsfeed_segments ALTER CONSTRAINT newsfeed_segments_workspace_id_segment_id_fkey DEFERRABLE;
ALTER TABLE news_items ALTER CONSTRAINT news_items_workspace_id_sender_id_fkey DEFERRABLE;
