package sandbox

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"parley/internal/db"
	"parley/internal/jobs"
	"parley/internal/model"
	"parley/internal/model/sandbox"
	"parley/internal/store/record"
)

// Copies are what a workspace was at other times: the rows of workspaces that nobody can name.
type Copies struct {
	*record.Scope
	Plan  *Plan
	Queue *jobs.Queue // has those jobs that delete files
}

// Keep writes a copy of the workspace as it is, a workspace of that id.
func (c Copies) Keep(to string) error {
	tables, err := c.filled(string(c.Workspace))
	if err != nil {
		return err
	}
	err = c.all("keep a copy", []any{c.Workspace, to},
		`INSERT INTO workspaces (id, `+c.Plan.row+`) SELECT CAST($2 AS TEXT), `+c.Plan.row+` FROM workspaces WHERE id = $1`)
	for _, t := range tables {
		if err == nil && t.copy != "" {
			err = c.Write(t.copy, c.Workspace, to)
		}
	}
	if err != nil {
		return fmt.Errorf("store: keep a copy: %w", err)
	}
	if has(tables, "jobs") {
		if err := c.all("keep jobs", []any{c.Workspace, to}, `INSERT INTO snapshot_jobs (workspace_id, `+jobColumns+`)
			SELECT CAST($2 AS TEXT), `+jobColumns+` FROM jobs WHERE workspace_id = $1
				AND kind NOT IN ('delete_blob', 'export_receipts', 'sweep_data_export', 'deliver_webhooks')`); err != nil {
			return err
		}
	}
	if has(tables, "attachments") { // what deletes one of these files looks here
		if err := c.all("keep files", []any{to}, `INSERT INTO snapshot_files (workspace_id, blob_key)
			SELECT DISTINCT substr(blob_key, 1, 8), blob_key FROM attachments WHERE workspace_id = $1 AND blob_key IS NOT NULL
			ON CONFLICT (workspace_id, blob_key) DO NOTHING`); err != nil {
			return err
		}
	}
	if has(tables, "help_centers") { // one that got another address, since its own was taken, is known by its own here
		if err := c.all("keep help centers", []any{to, c.Workspace}, `UPDATE help_centers
			SET identifier = CASE identifier WHEN $2 THEN '`+itsOwn+`' ELSE substr(identifier, 1, length(identifier) - 9) END
			WHERE workspace_id = $1 AND (identifier = $2 OR identifier LIKE '_%-' || $2)`); err != nil {
			return err
		}
	}
	if has(tables, "article_contents") {
		d := c.Dialect()
		return c.all("keep words", []any{d.Search("w"+string(c.Workspace), nil, false), c.Workspace, to},
			`INSERT INTO snapshot_words (workspace_id, article_id, locale, keys, title, summary, body)
			SELECT CAST($3 AS TEXT), article_id, locale, replace(keys, $2, '*'), title, summary, body FROM article_search
			WHERE `+d.Matches("article_search", "$1")+` AND workspace_id = $2`)
	}
	return nil
}

// itsOwn is the address, in a copy, of a help center that has the id of its workspace for one.
const itsOwn = "*"

const jobColumns = `id, kind, unique_key, payload, run_at, attempt, last_error, failed_at, created_at, due_at`

// Fill writes what a copy has into the workspace, which is empty, and ends the tokens of those who are not there any more.
func (c Copies) Fill(from string) error {
	tables, err := c.filled(from)
	if err != nil {
		return err
	}
	for _, t := range tables {
		if t.copy == "" {
			continue
		}
		if err := c.Write(t.copy, from, c.Workspace); err != nil {
			return fmt.Errorf("store: copy %s: %w", t.Name, err)
		}
	}
	if has(tables, "article_contents") {
		if err := c.all("copy words", []any{from, c.Workspace}, copyWords); err != nil {
			return err
		}
	}
	return c.follow(from)
}

// copyWords writes what a copy has kept aside, $1, into the index of words of $2.
const copyWords = `INSERT INTO article_search (workspace_id, article_id, locale, keys, title, summary, body)
	SELECT CAST($2 AS TEXT), article_id, locale, replace(keys, '*', CAST($2 AS TEXT)), title, summary, body
	FROM snapshot_words WHERE workspace_id = $1 ORDER BY article_id, locale`

// follow brings what is not rows of its own into line with a copy of which the workspace has the rows.
func (c Copies) follow(from string) error {
	both := []any{from, c.Workspace}
	var tag [6]byte
	rand.Read(tag[:])
	if err := c.all("copy jobs", append(both, hex.EncodeToString(tag[:])), `INSERT INTO jobs (workspace_id, `+jobColumns+`)
		SELECT CAST($2 AS TEXT), substr(id, 1, 32) || CAST($3 AS TEXT), kind, unique_key, payload, run_at, attempt, last_error, failed_at, created_at, due_at
		FROM snapshot_jobs WHERE workspace_id = $1 AND kind <> '`+string(model.SendSMS)+`'`); err != nil {
		return err
	}
	if err := c.all("keep text messages", []any{c.Workspace, model.SMSKept, unsent, model.SMSQueued, model.SMSSending},
		`UPDATE outgoing_sms SET state = $2, failure = $3 WHERE workspace_id = $1 AND state IN ($4, $5)`); err != nil {
		return err
	}
	if err := c.followApps(from); err != nil {
		return err
	}
	if err := c.followAddresses(from); err != nil {
		return err
	}
	err := c.all("copy settings", both, `UPDATE workspaces SET (office_hours, webhook_routes, sandbox) =
		(SELECT o.office_hours, o.webhook_routes, o.sandbox FROM workspaces o WHERE o.id = $1) WHERE id = $2`)
	if err != nil {
		return err
	}
	return c.all("end tokens", []any{c.Workspace}, `DELETE FROM access_tokens WHERE workspace_id = $1
		AND (NOT EXISTS (SELECT 1 FROM admins a WHERE a.workspace_id = $1 AND a.id = access_tokens.admin_id)
			OR app_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM apps p WHERE p.workspace_id = $1 AND p.id = access_tokens.app_id))`)
}

// unsent is why a text message that waited when a copy was made is not sent by who has the rows of it: the workspace of the copy has sent it, or is to.
const unsent = "It waited to be sent when the snapshot was taken"

// followApps gives apps that came from another workspace client ids that are this one's alone, the same each time.
func (c Copies) followApps(from string) error {
	ids := map[int64]string{}
	own := sandbox.IsCopyOf(from, string(c.Workspace))
	err := c.Rows(`SELECT id, client_id FROM apps WHERE workspace_id = $1`, []any{from}, func(r *db.Rows) error {
		var id int64
		var client string
		err := r.Scan(&id, &client)
		if !own {
			client = c.clientID(client)
		}
		ids[id] = client
		return err
	})
	if err != nil {
		return fmt.Errorf("store: copy apps: %w", err)
	}
	for id, client := range ids {
		err := c.all("copy apps", []any{c.Workspace, id, client}, `UPDATE apps SET client_id = $3 WHERE workspace_id = $1 AND id = $2 AND client_id <> $3`)
		if err != nil {
			return err
		}
	}
	if len(ids) == 0 { // nor has the workspace any, so that there are no ids
		return nil
	}
	return c.all("copy apps", []any{c.Workspace},
		`DELETE FROM app_client_ids WHERE workspace_id = $1 AND NOT EXISTS (SELECT 1 FROM apps a
			WHERE a.workspace_id = $1 AND a.id = app_client_ids.app_id AND a.client_id = app_client_ids.client_id)`,
		`INSERT INTO app_client_ids (client_id, workspace_id, app_id) SELECT client_id, workspace_id, id FROM apps a WHERE workspace_id = $1
			AND NOT EXISTS (SELECT 1 FROM app_client_ids i WHERE i.client_id = a.client_id AND i.workspace_id = $1)`)
}

// clientID derives the client id that a copied app has in the workspace from the one that it was copied from.
func (c Copies) clientID(of string) string {
	sum := sha256.Sum256([]byte("parley copy " + string(c.Workspace) + " " + of))
	sum[6], sum[8] = sum[6]&0x0f|0x80, sum[8]&0x3f|0x80 // version 8: made by a rule of one's own
	return fmt.Sprintf("%x-%x-%x-%x-%x", sum[0:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}

// An address is that of a help center.
type address struct {
	of         int64
	identifier string
}

// followAddresses gives each help center the address that it had in this workspace before, else its own, else its own with
// the workspace's id behind it; and gives up those of help centers that are gone.
func (c Copies) followAddresses(from string) error {
	had := map[string]bool{}
	var want []address
	err := c.Rows(`SELECT identifier FROM help_center_identifiers WHERE workspace_id = $1`, []any{c.Workspace}, func(r *db.Rows) error {
		var identifier string
		err := r.Scan(&identifier)
		had[identifier] = true
		return err
	})
	if err == nil {
		err = c.Rows(`SELECT id, identifier FROM help_centers WHERE workspace_id = $1 ORDER BY id`, []any{from}, func(r *db.Rows) error {
			var a address
			err := r.Scan(&a.of, &a.identifier)
			want = append(want, a)
			return err
		})
	}
	if err == nil && len(had) > 0 {
		err = c.all("give up addresses", []any{c.Workspace}, `DELETE FROM help_center_identifiers WHERE workspace_id = $1`)
	}
	if err != nil {
		return fmt.Errorf("store: copy addresses: %w", err)
	}
	for _, h := range want {
		if h.identifier == itsOwn {
			h.identifier = string(c.Workspace)
		}
		own := h.identifier[:min(len(h.identifier), 63-1-len(c.Workspace))] + "-" + string(c.Workspace)
		candidates := []string{h.identifier, own}
		if had[own] && !had[h.identifier] {
			slices.Reverse(candidates)
		}
		if err := c.fillAddress(h.of, candidates); err != nil {
			return err
		}
	}
	return nil
}

func (c Copies) fillAddress(id int64, candidates []string) error {
	for _, identifier := range candidates {
		n, err := c.Exec(`INSERT INTO help_center_identifiers (identifier, workspace_id, help_center_id) VALUES ($1, $2, $3)
			ON CONFLICT (identifier) DO NOTHING`, identifier, c.Workspace, id)
		if err != nil {
			return fmt.Errorf("store: copy addresses: %w", err)
		}
		if n == 1 {
			return c.all("copy addresses", []any{c.Workspace, id, identifier},
				`UPDATE help_centers SET identifier = $3 WHERE workspace_id = $1 AND id = $2 AND identifier <> $3`)
		}
	}
	return fmt.Errorf("store: copy addresses: those of %v are all taken", candidates)
}

// all runs statements with the same arguments.
func (c Copies) all(what string, args []any, statements ...string) error {
	for _, statement := range statements {
		if err := c.Write(statement, args...); err != nil {
			return fmt.Errorf("store: %s: %w", what, err)
		}
	}
	return nil
}

func has(tables []table, name string) bool {
	return slices.ContainsFunc(tables, func(t table) bool { return t.Name == name })
}
