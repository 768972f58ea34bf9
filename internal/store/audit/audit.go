// Package audit looks at the whole database, whatever the workspace: which files its rows name, what of them does not
// move, and whether what is kept is what a recount gives.
// It must not change anything.
package audit

import (
	"fmt"
	"slices"

	"parley/internal/db"
	"parley/internal/model/sandbox"
	"parley/internal/store/query"
)

// Workspaces is a statement that returns the id and the name of each workspace but copies and spares, oldest first.
const Workspaces = `SELECT id, name FROM workspaces WHERE ` + noCopy + ` AND ` + noSpare + ` ORDER BY created_at, id`

// noCopy leaves out copies of workspaces.
const noCopy = `id < '` + sandbox.CopyMark + `'`

// noSpare leaves out workspaces that are made ready for those who will ask for one, which have the id of a copy for a secret.
const noSpare = `secret < '` + sandbox.CopyMark + `'`

// Passing are tables of what counts for a moment, or for the servers of one database.
func Passing() []string { return []string{"nodes", "rate_windows"} }

// Told are tables whose rows are told in their order, by a position that is good on one database only.
func Told() []string { return []string{"events"} }

// A Question is asked of the whole database, if that has its tables.
type Question struct {
	Name   string
	Tables []string
	SQL    string
}

// Files returns keys of files, each once. They are spelt as the nouns spell them.
func Files() []Question {
	return []Question{
		{"attachments", []string{"attachments"}, `SELECT DISTINCT blob_key AS key FROM attachments WHERE blob_key IS NOT NULL`},
		{"exports", []string{"data_export_parts"},
			`SELECT DISTINCT workspace_id || '/exports/' || export_id || '.' || CAST(file AS TEXT) AS key FROM data_export_parts`},
	}
}

// recount leaves out what is wrong with spares: they are written bit by bit.
const recount = `SELECT id, what, kept, counted FROM (%s) AS mismatches WHERE id NOT IN (SELECT id FROM workspaces WHERE NOT ` + noSpare + `) LIMIT %d`

// counts are what is kept beside what it counts. Each statement returns what is wrong: the workspace, of what, the number
// that is kept and the one that a recount gives.
func counts() []Question {
	return []Question{
		{"conversations of a workspace", []string{"totals", "tallies", "conversations"}, `
			SELECT * FROM (SELECT w.id, 'conversations' AS what,
				COALESCE((SELECT CAST(sum(t.total) AS BIGINT) FROM tallies t WHERE t.workspace_id = w.id AND t.name = 'conversation'), 0)
				+ COALESCE((SELECT CAST(sum(t.total) AS BIGINT) FROM totals t WHERE t.workspace_id = w.id AND t.name = 'conversations'), 0) AS kept,
				(SELECT count(*) FROM conversations c WHERE c.workspace_id = w.id AND c.kind = 'conversation') AS counted
			FROM workspaces w) AS x WHERE kept <> counted`},
		{"parts of a conversation", []string{"conversations"}, `
			SELECT * FROM (SELECT c.workspace_id AS id, CAST(c.id AS TEXT) AS what, c.count_parts AS kept,
				(SELECT count(*) FROM conversation_parts p WHERE p.workspace_id = c.workspace_id AND p.conversation_id = c.id) AS counted
			FROM conversations c) AS x WHERE kept <> counted`},
		{"reply times of a conversation", []string{"conversation_medians"}, `
			SELECT * FROM (SELECT m.workspace_id AS id, CAST(m.conversation_id AS TEXT) AS what, m.replies AS kept,
				(SELECT count(*) FROM conversation_reply_times t WHERE t.workspace_id = m.workspace_id AND t.conversation_id = m.conversation_id) AS counted
			FROM conversation_medians m) AS x WHERE kept <> counted`},
		// Summaries may also be told alone, so that they may count more than there is.
		{"events of a contact", []string{"data_events"}, `
			SELECT * FROM (SELECT e.workspace_id AS id, e.contact_id || ': ' || e.name AS what,
				COALESCE((SELECT s.count FROM data_event_summaries s
					WHERE s.workspace_id = e.workspace_id AND s.contact_id = e.contact_id AND s.name = e.name), 0) AS kept, e.counted
			FROM (SELECT workspace_id, contact_id, name, count(*) AS counted FROM data_events GROUP BY 1, 2, 3) AS e) AS x WHERE kept < counted`},
		{"parts of an export", []string{"data_exports", "data_export_parts"}, `
			SELECT * FROM (SELECT e.workspace_id AS id, e.id AS what, e.parts AS kept,
				(SELECT count(*) FROM data_export_parts p WHERE p.workspace_id = e.workspace_id AND p.export_id = e.id) AS counted
			FROM data_exports e) AS x WHERE kept <> counted`},
		{"articles in the index of words", []string{"article_search", "article_contents"}, `
			SELECT * FROM (SELECT w.id, 'articles' AS what, COALESCE(i.n, 0) AS kept,
				(SELECT count(*) FROM article_contents a WHERE a.workspace_id = w.id) AS counted
			FROM workspaces w LEFT JOIN (SELECT workspace_id, count(*) AS n FROM article_search GROUP BY 1) AS i ON i.workspace_id = w.id) AS x
			WHERE ` + noCopy + ` AND kept <> counted`},
		{"listed contacts of a role", []string{"kept_contact_totals"}, `
			SELECT * FROM (SELECT w.id, r.role AS what, COALESCE((SELECT sum(contacts) FROM kept_contact_totals t WHERE t.workspace_id = w.id AND t.field = 'role' AND t.role = r.role), 0) AS kept,
				(SELECT count(*) FROM contacts c WHERE c.workspace_id = w.id AND c.role = r.role AND c.role <> 'visitor' AND c.archived_at IS NULL) AS counted
			FROM workspaces w, (SELECT 'user' AS role UNION ALL SELECT 'lead' UNION ALL SELECT 'visitor') r) AS x WHERE ` + noCopy + ` AND kept <> counted`},
		{"contacts with a value", []string{"kept_contact_totals"}, `
			SELECT * FROM (SELECT n.workspace_id AS id, n.field || ': ' || n.value AS what, CAST(sum(n.kept) AS BIGINT) AS kept, CAST(sum(n.counted) AS BIGINT) AS counted FROM (
				SELECT workspace_id, field, value, role, contacts AS kept, 0 AS counted FROM kept_contact_totals WHERE field <> 'role'
				UNION ALL SELECT workspace_id, field, value, contact_role, 0, 1 FROM kept_contact_sources WHERE field NOT IN ('name', 'email', 'role')) AS n
			GROUP BY n.workspace_id, n.field, n.value, n.role) AS x WHERE kept <> counted`},
		// As many as there should be, and each of them one of those.
		{"values of contacts", []string{"kept_contact_values"}, `
			SELECT * FROM (SELECT w.id, 'values' AS what, (SELECT count(*) FROM kept_contact_values k WHERE k.workspace_id = w.id) AS kept,
				(SELECT count(*) FROM kept_contact_sources s WHERE s.workspace_id = w.id) AS counted
			FROM workspaces w) AS x WHERE kept <> counted`},
		{"values that contacts have", []string{"kept_contact_values"}, `
			SELECT * FROM (SELECT w.id, 'values' AS what, (SELECT count(*) FROM kept_contact_values k WHERE k.workspace_id = w.id) AS kept,
				(SELECT count(*) FROM kept_contact_sources s JOIN kept_contact_values k ON k.workspace_id = s.workspace_id AND k.field = s.field AND k.value = s.value
					AND k.contact_created_at = s.contact_created_at AND k.contact_id = s.contact_id AND k.contact_role = s.contact_role WHERE s.workspace_id = w.id) AS counted
			FROM workspaces w) AS x WHERE kept <> counted`},
		// Who is not in the index of parts as they are is among those that are to be put there.
		{"contacts in the index of parts", []string{"kept_contact_documents"}, `
			SELECT * FROM (SELECT w.id, 'contacts' AS what, (SELECT count(*) FROM kept_contact_documents d WHERE d.workspace_id = w.id AND NOT EXISTS (
					SELECT 1 FROM kept_contact_changes n WHERE n.workspace_id = d.workspace_id AND n.contact_id = d.contact_id)) AS kept,
				(SELECT count(*) FROM contacts c WHERE c.workspace_id = w.id AND (length(c.name_fold) > 2 OR length(c.email_fold) > 2)
					AND c.role <> 'visitor' AND c.archived_at IS NULL AND NOT ` + changed + `) AS counted
			FROM workspaces w) AS x WHERE ` + noCopy + ` AND kept <> counted`},
		{"documents of the index of parts", []string{"kept_contact_documents"}, `
			SELECT * FROM (SELECT w.id, 'documents' AS what, (SELECT count(*) FROM kept_contact_documents d WHERE d.workspace_id = w.id AND NOT EXISTS (
					SELECT 1 FROM kept_contact_changes n WHERE n.workspace_id = d.workspace_id AND n.contact_id = d.contact_id)) AS kept,
				(SELECT count(*) FROM kept_contact_documents d JOIN contacts c ON c.workspace_id = d.workspace_id AND c.id = d.contact_id
					WHERE d.workspace_id = w.id AND c.name_fold IS d.name AND c.email_fold IS d.email AND c.created_at = d.contact_created_at AND c.role = d.contact_role
						AND NOT ` + changed + `) AS counted
			FROM workspaces w) AS x WHERE kept <> counted`},
		// The index alone says whose a number is, and what they have.
		{"documents with a number of their role", []string{"kept_contact_ages"}, fmt.Sprintf(`
			SELECT * FROM (SELECT w.id, 'documents' AS what, (SELECT count(*) FROM kept_contact_documents d WHERE d.workspace_id = w.id
					AND d.document %% %d / %d = CASE d.contact_role WHEN 'user' THEN 0 ELSE 1 END) AS kept,
				(SELECT count(*) FROM kept_contact_documents d WHERE d.workspace_id = w.id) AS counted
			FROM workspaces w) AS x WHERE kept <> counted`, query.Numbers, query.LeadAfterUser)},
		{"pieces of numbers of a workspace", []string{"kept_contact_ages"}, fmt.Sprintf(`
			SELECT * FROM (SELECT workspace_id AS id, 'pieces' AS what, 1 AS kept, count(DISTINCT document / %d) AS counted
			FROM kept_contact_documents GROUP BY 1) AS x WHERE kept <> counted`, query.Numbers)},
		{"workspaces of a piece of numbers", []string{"kept_contact_ages"}, fmt.Sprintf(`
			SELECT * FROM (SELECT min(workspace_id) AS id, document / %d AS what, 1 AS kept, count(DISTINCT workspace_id) AS counted
			FROM kept_contact_documents GROUP BY 2) AS x WHERE kept <> counted`, query.Numbers)},
		{"documents of a known age", []string{"kept_contact_ages"}, fmt.Sprintf(`
			SELECT * FROM (SELECT w.id, 'documents' AS what, (SELECT count(*) FROM kept_contact_documents d JOIN kept_contact_ages a ON a.document = d.document / %[1]d * %[1]d
					WHERE d.workspace_id = w.id AND d.contact_created_at BETWEEN a.oldest AND a.newest) AS kept,
				(SELECT count(*) FROM kept_contact_documents d WHERE d.workspace_id = w.id) AS counted
			FROM workspaces w) AS x WHERE kept <> counted`, query.AgesOf)},
		{"ages of documents", []string{"kept_contact_ages"}, fmt.Sprintf(`
			SELECT * FROM (SELECT '' AS id, 'ages' AS what, (SELECT count(*) FROM kept_contact_ages) AS kept,
				(SELECT count(DISTINCT document / %d) FROM kept_contact_documents) AS counted) AS x WHERE kept <> counted`, query.AgesOf)},
		{"texts in the index of parts", []string{"kept_contact_ages"}, `
			SELECT * FROM (SELECT '' AS id, 'texts' AS what, (SELECT count(*) FROM kept_contact_parts) AS kept,
				(SELECT count(CASE WHEN length(d.name) > 2 THEN 1 END) + count(CASE WHEN length(d.email) > 2 THEN 1 END) FROM kept_contact_documents d) AS counted) AS x
			WHERE kept <> counted`},
		{"names by which the index of parts finds", []string{"kept_contact_ages"}, foundBy("name", 0)},
		{"addresses by which the index of parts finds", []string{"kept_contact_ages"}, foundBy("email", query.AddressAfterName)},
	}
}

// changed is that a contact is not in the index of parts as it is.
const changed = `EXISTS (SELECT 1 FROM kept_contact_changes n WHERE n.workspace_id = c.workspace_id AND n.contact_id = c.id)`

// foundBy asks the index of parts for the first three characters of what each document has.
func foundBy(column string, after int64) string {
	const of = `FROM kept_contact_documents d WHERE d.workspace_id = w.id AND length(d.%[1]s) > 2`
	return fmt.Sprintf(`SELECT * FROM (SELECT w.id, '%[1]s' AS what, (SELECT count(*) `+of+` AND EXISTS (SELECT 1 FROM kept_contact_parts p
				WHERE p.kept_contact_parts MATCH '"' || replace(substr(d.%[1]s, 1, 3), '"', '""') || '"' AND p.rowid = d.document + %[2]d)) AS kept,
			(SELECT count(*) `+of+`) AS counted
		FROM workspaces w) AS x WHERE kept <> counted`, column, after)
}

// A Mismatch is a number that is kept and is not what a recount gives.
type Mismatch struct {
	Name      string // what is counted
	Workspace string
	Of        string // a conversation, say
	Kept      int64
	Counted   int64
}

func (m Mismatch) String() string {
	return fmt.Sprintf("%s (%s in workspace %s): %d are kept and there are %d", m.Name, m.Of, m.Workspace, m.Kept, m.Counted)
}

// Recount counts anew what is kept, and returns the first mismatches of each kind, so many. It returns how many kinds
// there are.
func Recount(tx *db.Tx, most int) (found []Mismatch, kinds int, err error) {
	questions, err := Answerable(tx, counts())
	if err != nil {
		return nil, 0, err
	}
	for _, q := range questions {
		err := each(tx, fmt.Sprintf(recount, q.SQL, most), func(r *db.Rows) error {
			m := Mismatch{Name: q.Name}
			err := r.Scan(&m.Workspace, &m.Of, &m.Kept, &m.Counted)
			found = append(found, m)
			return err
		})
		if err != nil {
			return nil, 0, fmt.Errorf("store: recount %s: %w", q.Name, err)
		}
	}
	return found, len(questions), nil
}

// Answerable leaves out questions about tables that the database does not have: its schema may be an earlier one.
func Answerable(tx *db.Tx, questions []Question) ([]Question, error) {
	tables, err := tx.Tables()
	if err != nil {
		return nil, err
	}
	kept, err := tx.KeptTables()
	if err != nil {
		return nil, err
	}
	tables = append(tables, kept...)
	return slices.DeleteFunc(questions, func(q Question) bool {
		for _, name := range q.Tables {
			if !slices.ContainsFunc(tables, func(t *db.Table) bool { return t.Name == name }) {
				return true
			}
		}
		return false
	}), nil
}

// SampleFiles calls fn with the keys of files that rows name: so many of each kind, or all where most is 0.
func SampleFiles(tx *db.Tx, most int, fn func(key string) error) error {
	questions, err := Answerable(tx, Files())
	if err != nil {
		return err
	}
	for _, q := range questions {
		statement := q.SQL
		if most > 0 {
			statement = fmt.Sprintf("SELECT key FROM (%s) AS named ORDER BY random() LIMIT %d", q.SQL, most)
		}
		err := each(tx, statement, func(r *db.Rows) error {
			var key string
			if err := r.Scan(&key); err != nil {
				return err
			}
			return fn(key)
		})
		if err != nil {
			return fmt.Errorf("store: files of %s: %w", q.Name, err)
		}
	}
	return nil
}

func each(tx *db.Tx, statement string, fn func(*db.Rows) error, args ...any) error {
	rows, err := tx.Query(statement, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := fn(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
