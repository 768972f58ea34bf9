-- +goose NO TRANSACTION
-- +goose Up

-- Who gives a contact a tag holds the contact before, so that nobody changes whether it is listed, and in which role, until the tag is counted (0036). The
-- lock that the reference takes afterwards is not enough: PostgreSQL forgets a key share lock that is taken while another transaction, which changes the row, looks
-- for a page to put it on. Whatever is here can be done again, should it be interrupted.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION contact_tags_inserting() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
	PERFORM FROM contacts c WHERE c.workspace_id = NEW.workspace_id AND c.id = NEW.contact_id FOR NO KEY UPDATE;
	RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE OR REPLACE TRIGGER contact_tags_inserting BEFORE INSERT ON contact_tags FOR EACH ROW WHEN (NEW.workspace_id < '~') EXECUTE FUNCTION contact_tags_inserting();

-- As in 0036, but that nobody gives the contact a tag by now: who takes one away is waited for.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION contacts_changed() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
	IF NEW.role <> OLD.role OR (NEW.archived_at IS NULL) <> (OLD.archived_at IS NULL) THEN
		PERFORM FROM contact_tags t WHERE t.workspace_id = NEW.workspace_id AND t.contact_id = NEW.id FOR KEY SHARE;
	END IF;
	PERFORM kept_contact_count(array_agg(NEW.workspace_id), array_agg(d.field), array_agg(d.value), array_agg(d.role), array_agg(d.n)) FROM (
		SELECT v.field, v.value, v.role, sum(v.n)::BIGINT AS n FROM (
			SELECT o.field, o.value, OLD.role, -1 FROM kept_contact_values(OLD.workspace_id, OLD.id, OLD.role, OLD.searchable) o
			WHERE OLD.role <> 'visitor' AND OLD.archived_at IS NULL
			UNION ALL
			SELECT o.field, o.value, NEW.role, 1 FROM kept_contact_values(NEW.workspace_id, NEW.id, NEW.role, NEW.searchable) o
			WHERE NEW.role <> 'visitor' AND NEW.archived_at IS NULL) AS v (field, value, role, n)
		GROUP BY 1, 2, 3 HAVING sum(v.n) <> 0) d;
	RETURN NULL;
END $$;
-- +goose StatementEnd

-- What was counted wrong.
SELECT kept_contact_recount();
