-- +goose NO TRANSACTION
-- +goose Up

-- How many listed contacts of a role have a value: a member of the searchable column, or a tag; of the field role, how many there are. It is the
-- sum of the rows of a value. Each transaction takes one that nobody holds, and adds one where there is none. Triggers keep it.
-- Whatever is here can be done again, should it be interrupted.
CREATE TABLE IF NOT EXISTS kept_contact_totals (
	workspace_id TEXT COLLATE "C" NOT NULL,
	field        TEXT COLLATE "C" NOT NULL, -- as searches name it
	value        TEXT COLLATE "C" NOT NULL, -- a number, or a text of at most 1,500 bytes behind a quotation mark
	role         TEXT COLLATE "C" NOT NULL,
	slot         BIGINT NOT NULL,
	contacts     BIGINT NOT NULL, -- not 0, and less where all rows were held by others
	PRIMARY KEY (workspace_id, field, value, role, slot)
) WITH (fillfactor = 50); -- so that a number is changed where it lies

ALTER TABLE kept_contact_totals ALTER COLUMN workspace_id SET STATISTICS 1, ALTER COLUMN workspace_id SET (n_distinct = 6); -- see 0024

-- What long transactions have yet to add to totals, and which they are: within one transaction, a row that is changed once more is looked for among all
-- that it was before.
CREATE TABLE IF NOT EXISTS kept_contact_additions (
	workspace_id   TEXT COLLATE "C" NOT NULL,
	transaction_id BIGINT NOT NULL,
	number         BIGINT GENERATED ALWAYS AS IDENTITY,
	field          TEXT COLLATE "C" NOT NULL,
	value          TEXT COLLATE "C" NOT NULL,
	role           TEXT COLLATE "C" NOT NULL,
	contacts       BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, transaction_id, number)
);
CREATE TABLE IF NOT EXISTS kept_contact_transactions (
	workspace_id   TEXT COLLATE "C" NOT NULL,
	transaction_id BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, transaction_id)
);
ALTER TABLE kept_contact_additions ALTER COLUMN workspace_id SET STATISTICS 1, ALTER COLUMN workspace_id SET (n_distinct = 6);
ALTER TABLE kept_contact_transactions ALTER COLUMN workspace_id SET STATISTICS 1, ALTER COLUMN workspace_id SET (n_distinct = 6);

-- A value as the table has it. Numbers that are equal are spelled alike.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION kept_contact_value(value JSONB) RETURNS TEXT LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT CASE jsonb_typeof(value)
		WHEN 'string' THEN '"' || (value #>> '{}')
		WHEN 'number' THEN trim_scale((value #>> '{}')::NUMERIC)::TEXT END
$$;
-- +goose StatementEnd

-- What a contact is counted by.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION kept_contact_values(workspace TEXT, contact TEXT, role TEXT, searchable JSONB) RETURNS TABLE (field TEXT, value TEXT)
LANGUAGE sql STABLE AS $$
	SELECT 'role', '"' || role
	UNION ALL SELECT v.key, kept_contact_value(v.value) FROM jsonb_each(searchable) v WHERE octet_length(kept_contact_value(v.value)) <= 1501
	UNION ALL SELECT 'tag_id', t.tag_id::TEXT FROM contact_tags t WHERE t.workspace_id = workspace AND t.contact_id = contact
$$;
-- +goose StatementEnd

-- All that there should be, a row for each contact. Copies of workspaces, whose ids begin with ~, are not searched.
CREATE OR REPLACE VIEW kept_contact_sources (workspace_id, field, value, contact_created_at, contact_id, contact_role) AS
SELECT c.workspace_id, v.field, v.value, c.created_at, c.id, c.role FROM contacts c, kept_contact_values(c.workspace_id, c.id, c.role, c.searchable) v
WHERE c.role <> 'visitor' AND c.archived_at IS NULL AND c.workspace_id < '~';

-- Adds to totals, each of which is named once. It never waits. A total becomes less in a row that has as much, so that values that nobody has any
-- more leave no rows. Its plan is made once for each session: to make it takes longer than what it is for.
-- From the 31st statement of a transaction on, it is done when the transaction ends.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION kept_contact_count(workspaces TEXT[], fields TEXT[], vals TEXT[], roles TEXT[], numbers BIGINT[]) RETURNS VOID
LANGUAGE plpgsql STRICT SET plan_cache_mode = force_generic_plan AS $$
DECLARE
	before INT := COALESCE(NULLIF(current_setting('parley.counted', TRUE), '')::INT, 0);
BEGIN
	IF before >= 30 THEN
		INSERT INTO kept_contact_additions (workspace_id, transaction_id, field, value, role, contacts)
		SELECT d.workspace_id, pg_current_xact_id()::TEXT::BIGINT, d.field, d.value, d.role, d.n
		FROM unnest(workspaces, fields, vals, roles, numbers) AS d (workspace_id, field, value, role, n);
		INSERT INTO kept_contact_transactions SELECT DISTINCT d.workspace_id, pg_current_xact_id()::TEXT::BIGINT FROM unnest(workspaces) AS d (workspace_id)
		ON CONFLICT DO NOTHING;
		RETURN;
	END IF;
	PERFORM set_config('parley.counted', (before + 1)::TEXT, TRUE);
	WITH free AS MATERIALIZED (
		SELECT d.workspace_id, d.field, d.value, d.role, d.n, f.slot, f.contacts
		FROM unnest(workspaces, fields, vals, roles, numbers) AS d (workspace_id, field, value, role, n)
		LEFT JOIN LATERAL (
			SELECT t.slot, t.contacts FROM kept_contact_totals t
			WHERE t.workspace_id = d.workspace_id AND t.field = d.field AND t.value = d.value AND t.role = d.role AND t.contacts + d.n >= 0
			LIMIT 1 FOR UPDATE SKIP LOCKED) f ON TRUE),
	changed AS (
		UPDATE kept_contact_totals t SET contacts = t.contacts + f.n FROM free f
		WHERE t.workspace_id = f.workspace_id AND t.field = f.field AND t.value = f.value AND t.role = f.role AND t.slot = f.slot AND f.contacts + f.n <> 0),
	gone AS (
		DELETE FROM kept_contact_totals t USING free f
		WHERE t.workspace_id = f.workspace_id AND t.field = f.field AND t.value = f.value AND t.role = f.role AND t.slot = f.slot AND f.contacts + f.n = 0)
	INSERT INTO kept_contact_totals
	SELECT f.workspace_id, f.field, f.value, f.role, floor(random() * 9007199254740992)::BIGINT, f.n FROM free f WHERE f.slot IS NULL;
END $$;
-- +goose StatementEnd

-- When the transaction ends.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION kept_contact_transactions_inserted() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
	PERFORM set_config('parley.counted', '0', TRUE);
	PERFORM kept_contact_count(array_agg(d.workspace_id), array_agg(d.field), array_agg(d.value), array_agg(d.role), array_agg(d.n)) FROM (
		SELECT a.workspace_id, a.field, a.value, a.role, sum(a.contacts)::BIGINT AS n FROM kept_contact_additions a
		WHERE a.workspace_id = NEW.workspace_id AND a.transaction_id = NEW.transaction_id AND EXISTS (SELECT FROM workspaces w WHERE w.id = NEW.workspace_id)
		GROUP BY 1, 2, 3, 4 HAVING sum(a.contacts) <> 0) d;
	DELETE FROM kept_contact_additions a WHERE a.workspace_id = NEW.workspace_id AND a.transaction_id = NEW.transaction_id;
	DELETE FROM kept_contact_transactions t WHERE t.workspace_id = NEW.workspace_id AND t.transaction_id = NEW.transaction_id;
	RETURN NULL;
END $$;
-- +goose StatementEnd
DROP TRIGGER IF EXISTS kept_contact_transactions_inserted ON kept_contact_transactions;
CREATE CONSTRAINT TRIGGER kept_contact_transactions_inserted AFTER INSERT ON kept_contact_transactions DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION kept_contact_transactions_inserted();

-- It has tags only where references are looked at when all is done.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION contacts_inserted() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
	PERFORM kept_contact_count(array_agg(d.workspace_id), array_agg(d.field), array_agg(d.value), array_agg(d.role), array_agg(d.n)) FROM (
		SELECT c.workspace_id, v.field, v.value, c.role, count(*) AS n
		FROM inserted c, kept_contact_values(c.workspace_id, c.id, c.role, c.searchable) v
		WHERE c.role <> 'visitor' AND c.archived_at IS NULL AND c.workspace_id < '~' GROUP BY 1, 2, 3, 4) d;
	RETURN NULL;
END $$;
-- +goose StatementEnd
DROP TRIGGER IF EXISTS contacts_inserted ON contacts;
CREATE TRIGGER contacts_inserted AFTER INSERT ON contacts REFERENCING NEW TABLE AS inserted
FOR EACH STATEMENT EXECUTE FUNCTION contacts_inserted();

-- Its tags go with it, so they are counted before. Who takes one away meanwhile is waited for, and who gives it one, by the lock of
-- the contact. Of a workspace that goes, all totals go.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION contacts_deleted() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
	IF NOT EXISTS (SELECT FROM workspaces w WHERE w.id = OLD.workspace_id) THEN
		RETURN OLD;
	END IF;
	PERFORM FROM contact_tags t WHERE t.workspace_id = OLD.workspace_id AND t.contact_id = OLD.id FOR KEY SHARE;
	PERFORM kept_contact_count(array_agg(OLD.workspace_id), array_agg(v.field), array_agg(v.value), array_agg(OLD.role), array_agg(-1::BIGINT))
	FROM kept_contact_values(OLD.workspace_id, OLD.id, OLD.role, OLD.searchable) v;
	RETURN OLD;
END $$;
-- +goose StatementEnd
DROP TRIGGER IF EXISTS contacts_deleted ON contacts;
CREATE TRIGGER contacts_deleted BEFORE DELETE ON contacts FOR EACH ROW
WHEN (OLD.role <> 'visitor' AND OLD.archived_at IS NULL AND OLD.workspace_id < '~') EXECUTE FUNCTION contacts_deleted();

-- One that has other values, or is listed otherwise: archived or not, or in another role. Then its tags move along: who gives or takes one is
-- waited for, as above.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION contacts_changed() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
	IF NEW.role <> OLD.role OR (NEW.archived_at IS NULL) <> (OLD.archived_at IS NULL) THEN
		PERFORM FROM contacts c WHERE c.workspace_id = NEW.workspace_id AND c.id = NEW.id FOR UPDATE;
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
DROP TRIGGER IF EXISTS contacts_changed ON contacts;
CREATE TRIGGER contacts_changed AFTER UPDATE OF searchable, role, archived_at ON contacts FOR EACH ROW
WHEN ((NEW.searchable <> OLD.searchable OR NEW.role <> OLD.role OR (NEW.archived_at IS NULL) <> (OLD.archived_at IS NULL)) AND NEW.workspace_id < '~')
EXECUTE FUNCTION contacts_changed();

-- When this runs, the references have been looked at: the contact is held, and in the role that it will have.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION contact_tags_inserted() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
	PERFORM kept_contact_count(array_agg(d.workspace_id), array_agg('tag_id'::TEXT), array_agg(d.value), array_agg(d.role), array_agg(d.n)) FROM (
		SELECT t.workspace_id, t.tag_id::TEXT AS value, c.role, count(*) AS n
		FROM inserted t JOIN contacts c ON c.workspace_id = t.workspace_id AND c.id = t.contact_id
		WHERE c.role <> 'visitor' AND c.archived_at IS NULL AND c.workspace_id < '~' GROUP BY 1, 2, 3) d;
	RETURN NULL;
END $$;
-- +goose StatementEnd
DROP TRIGGER IF EXISTS contact_tags_inserted ON contact_tags;
CREATE TRIGGER contact_tags_inserted AFTER INSERT ON contact_tags REFERENCING NEW TABLE AS inserted
FOR EACH STATEMENT EXECUTE FUNCTION contact_tags_inserted();

-- Tags of contacts that go have been counted with these.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION contact_tags_deleted() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
	PERFORM kept_contact_count(array_agg(d.workspace_id), array_agg('tag_id'::TEXT), array_agg(d.value), array_agg(d.role), array_agg(d.n)) FROM (
		SELECT t.workspace_id, t.tag_id::TEXT AS value, c.role, -count(*) AS n
		FROM deleted t JOIN contacts c ON c.workspace_id = t.workspace_id AND c.id = t.contact_id
		WHERE c.role <> 'visitor' AND c.archived_at IS NULL AND c.workspace_id < '~' AND EXISTS (SELECT FROM workspaces w WHERE w.id = t.workspace_id)
		GROUP BY 1, 2, 3) d;
	RETURN NULL;
END $$;
-- +goose StatementEnd
DROP TRIGGER IF EXISTS contact_tags_deleted ON contact_tags;
CREATE TRIGGER contact_tags_deleted AFTER DELETE ON contact_tags REFERENCING OLD TABLE AS deleted
FOR EACH STATEMENT EXECUTE FUNCTION contact_tags_deleted();

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION workspaces_deleted() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
	DELETE FROM kept_contact_totals WHERE workspace_id = OLD.id;
	RETURN NULL;
END $$;
-- +goose StatementEnd
DROP TRIGGER IF EXISTS workspaces_deleted ON workspaces;
CREATE TRIGGER workspaces_deleted AFTER DELETE ON workspaces FOR EACH ROW EXECUTE FUNCTION workspaces_deleted();

-- Brings totals to what a recount gives, while others write: both are seen at one moment, and what is wrong is added to. What the triggers count since
-- stays as it is.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION kept_contact_recount() RETURNS VOID LANGUAGE sql AS $$
	INSERT INTO kept_contact_totals AS t
	SELECT d.workspace_id, d.field, d.value, d.role, 0, sum(d.n) FROM (
		SELECT s.workspace_id, s.field, s.value, s.contact_role, 1 FROM kept_contact_sources s
		UNION ALL
		SELECT o.workspace_id, o.field, o.value, o.role, -o.contacts FROM kept_contact_totals o) AS d (workspace_id, field, value, role, n)
	GROUP BY 1, 2, 3, 4 HAVING sum(d.n) <> 0
	ON CONFLICT (workspace_id, field, value, role, slot) DO UPDATE SET contacts = t.contacts + excluded.contacts
$$;
-- +goose StatementEnd
SELECT kept_contact_recount();
