package sandbox

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"parley/internal/db"
	"parley/internal/model/sandbox"
)

// books are tables that are copied and tell nothing of their own: what they count, sort or log is in others.
var books = []string{"activity_logs", "sequences", "totals", "tallies", "article_tallies", "conversation_words", "conversation_reply_times", "conversation_medians"}

// nouns are what rows of a table are called, where that is not the name of the table without its plural.
var nouns = map[string]string{"news_items": "news_item", "contact_companies": "contact_company",
	"conversation_sources": "conversation_source", "article_contents": "article_content", "collection_contents": "collection_content",
	"outgoing_sms": "sms", "outgoing_emails": "email", "data_event_summaries": "data_event_summary", "companies": "company",
	"phone_switches": "phone_switch", "contact_subscriptions": "contact_subscription", "tickets": "ticket"}

// noun is what the rows of a table are called.
func noun(table string) string {
	if n := nouns[table]; n != "" {
		return n
	}
	return strings.TrimSuffix(table, "s")
}

// isSecret reports whether the value of a column is for nobody.
func isSecret(column string) bool {
	return strings.Contains(column, "secret") || strings.Contains(column, "hash") || column == "recovery_codes" || column == "otp_step"
}

// isDerived reports whether a column repeats what is in others, to be found by.
func isDerived(column string) bool {
	return strings.HasSuffix(column, "_fold") || column == "searchable" || column == "email_domain"
}

// Secret stands for a value that is for nobody.
const Secret = "(secret)"

// shown is how much of a text is told.
const shown = 200

// Diff tells what differs from one state to another, each the workspace or a copy: so many changes at most, and how many
// there are, table by table and in the order of their keys.
func (c Copies) Diff(from, to string, most int) (*sandbox.Diff, error) {
	before, err := c.filled(from)
	if err != nil {
		return nil, err
	}
	after, err := c.filled(to)
	if err != nil {
		return nil, err
	}
	all, err := c.Plan.of(c.Tx)
	if err != nil {
		return nil, err
	}
	d := new(sandbox.Diff)
	for _, t := range all {
		if t.treatment != 0 || slices.Contains(books, t.Name) || !has(before, t.Name) && !has(after, t.Name) {
			continue
		}
		for _, kind := range []sandbox.ChangeKind{sandbox.Created, sandbox.Updated, sandbox.Deleted} {
			if err := c.diff(d, t, kind, from, to, most); err != nil {
				return nil, fmt.Errorf("store: diff %s: %w", t.Name, err)
			}
		}
	}
	return d, nil
}

// diff appends the changes of one kind in a table.
func (c Copies) diff(d *sandbox.Diff, t table, kind sandbox.ChangeKind, from, to string, most int) error {
	var same, differ, order []string
	for _, k := range t.Key[1:] {
		same = append(same, "a."+db.Quoted(k)+" = b."+db.Quoted(k))
		order = append(order, "a."+db.Quoted(k))
	}
	var columns []db.Column
	for _, col := range t.Columns {
		if col.Name == "workspace_id" || slices.Contains(t.Key, col.Name) || isDerived(col.Name) || t.Name == "help_centers" && col.Name == "identifier" {
			continue // an address is not the same in a copy: see Keep
		}
		columns = append(columns, col)
		differ = append(differ, "a."+db.Quoted(col.Name)+" IS DISTINCT FROM b."+db.Quoted(col.Name))
	}
	if kind == sandbox.Updated && len(columns) == 0 {
		return nil
	}
	if len(same) == 0 {
		same, order = []string{"1 = 1"}, []string{"a.workspace_id"}
	}
	// a is the side that the rows are of: what is created is on that of the later state alone.
	of, other := from, to
	if kind == sandbox.Created {
		of, other = to, from
	}
	join := " LEFT JOIN "
	which := "b.workspace_id IS NULL"
	if kind == sandbox.Updated {
		join, which = " JOIN ", "("+strings.Join(differ, " OR ")+")"
	}
	selected := func(side string) string {
		text := ""
		for _, col := range columns {
			text += ", " + side + "." + db.Quoted(col.Name)
		}
		return text
	}
	keys := ""
	for _, k := range t.Key[1:] {
		keys += ", a." + db.Quoted(k)
	}
	statement := "SELECT count(*) OVER ()" + keys + selected("a") + selected("b") + " FROM " + db.Quoted(t.Name) + " a" + join + db.Quoted(t.Name) +
		" b ON b.workspace_id = $2 AND " + strings.Join(same, " AND ") + " WHERE a.workspace_id = $1 AND " + which +
		" ORDER BY " + strings.Join(order, ", ") + fmt.Sprintf(" LIMIT %d", max(1, most-len(d.Changes)))
	total := int64(0)
	err := c.Rows(statement, []any{of, other}, func(r *db.Rows) error {
		key := make([]any, len(t.Key)-1)
		values := make([]any, 2*len(columns))
		dest := []any{&total}
		for i := range key {
			dest = append(dest, &key[i])
		}
		for i := range values {
			dest = append(dest, &values[i])
		}
		if err := r.Scan(dest...); err != nil || len(d.Changes) == most {
			return err
		}
		change := sandbox.Change{Type: noun(t.Name), Kind: kind, Fields: map[string][2]any{}}
		for i, k := range key {
			if i > 0 {
				change.ID += "/"
			}
			change.ID += fmt.Sprint(plain(k, db.Text))
		}
		for i, col := range columns {
			was, is := plain(values[i], col.Type), plain(values[len(columns)+i], col.Type)
			if kind == sandbox.Created {
				was, is = is, was
			}
			if was == is {
				continue
			}
			if isSecret(col.Name) {
				was, is = masked(was), masked(is)
			}
			change.Fields[col.Name] = [2]any{shortened(was), shortened(is)}
		}
		d.Changes = append(d.Changes, change)
		return nil
	})
	d.Total += total
	return err
}

// plain is a value of a column as both databases know it.
func plain(v any, of db.ColumnType) any {
	switch v := v.(type) {
	case []byte:
		return string(v)
	case int64:
		if of == db.Boolean {
			return v != 0
		}
	}
	return v
}

func masked(v any) any {
	if v == nil {
		return nil
	}
	return Secret
}

// shortened is a value with the beginning of a text that is long.
func shortened(v any) any {
	text, ok := v.(string)
	if !ok || len(text) <= shown {
		return v
	}
	cut := shown
	for cut > 0 && !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut] + "…"
}
