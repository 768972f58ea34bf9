package trial

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"parley/internal/db"
	"parley/internal/model"
	"parley/internal/model/content"
	"parley/internal/model/words"
	"parley/internal/richtext"
	"parley/internal/store"
)

// derived are the tables with columns by which something is found, and which a rule
// writes along with it. conversation_words is one of its own: see sameWords.
var derived = []string{"contacts", "companies", "conversations", "article_contents", "article_search"}

// errAsBefore undoes a rebuild.
var errAsBefore = errors.New("everything is to be as it was")

// rebuild writes everything that can be searched once more, as the rules do, and finds
// that nothing has changed by that: every index, of attributes, of names and of words, is
// what it would be if it were made anew. Then it takes that back.
func (t *trial) rebuild(ctx context.Context, d *database) {
	t.Helper()
	open, end, err := d.open(ctx)
	if err != nil {
		t.wrong("a rebuild: %v", err)
		return
	}
	defer end()
	s := store.New(open, time.Now, store.Options{})
	workspaces, err := d.texts(ctx, `SELECT id FROM workspaces WHERE id < '~' AND secret < '~' ORDER BY id`)
	t.hold("the workspaces", err)
	all := 0
	for _, ws := range workspaces {
		err := s.Update(ctx, model.WorkspaceID(ws), func(tx *store.Tx) error {
			if err := t.sameWords(tx); err != nil {
				return err
			}
			before, err := dump(tx)
			if err != nil {
				return err
			}
			written, err := rewrite(tx)
			if err != nil {
				return err
			}
			all += written
			after, err := dump(tx)
			if err != nil {
				return err
			}
			t.hold("what is found by, in "+ws, judgeSame(before, after))
			return errAsBefore
		})
		if !errors.Is(err, errAsBefore) {
			t.wrong("a rebuild of %s: %v", ws, err)
		}
	}
	t.Logf("rebuilt what finds %d things in %d workspaces", all, len(workspaces))
}

// rewrite writes everything back that it reads.
func rewrite(tx *store.Tx) (n int, err error) {
	each := func(table string, fn func(id string) error) error {
		ids, err := listOf(tx, `SELECT CAST(id AS TEXT) FROM `+table+` WHERE workspace_id = $1 ORDER BY id`)
		for _, id := range ids {
			if err == nil {
				n++
				if err = fn(id); err != nil {
					err = fmt.Errorf("%s %s: %w", table, id, err)
				}
			}
		}
		return err
	}
	number := func(text string) (id int64) {
		fmt.Sscan(text, &id)
		return id
	}
	err = errors.Join(
		tx.Articles.ClearIndex(),
		each("contacts", func(id string) error {
			c, err := tx.Contacts.Find(model.ContactID(id))
			if e, ok := model.AsError(err); ok && e.Kind == model.NotFound {
				return nil // a visitor, who is found in other ways
			}
			if err != nil {
				return err
			}
			return tx.Contacts.Update(c)
		}),
		each("companies", func(id string) error {
			c, err := tx.Companies.Find(model.CompanyID(id))
			if err != nil {
				return err
			}
			return tx.Companies.Update(c)
		}),
		each("conversations", func(id string) error {
			c, err := tx.Conversations.FindAnyForUpdate(model.ConversationID(number(id)))
			if err != nil {
				return err
			}
			return tx.Conversations.Update(c)
		}),
		each("articles", func(id string) error {
			a, err := tx.Articles.Find(content.ArticleID(number(id)))
			if err != nil {
				return err
			}
			return tx.Articles.Update(a, nil)
		}))
	return n, err
}

// dump is every row of the workspace in the tables of derived, a line for each.
func dump(tx *store.Tx) (all []string, err error) {
	for _, table := range derived {
		var lines []string
		err := tx.Rows(`SELECT * FROM `+table+` WHERE workspace_id = $1`, []any{tx.Workspace}, func(r *db.Rows) error {
			columns := r.Columns()
			values := make([]any, len(columns))
			for i := range values {
				values[i] = new(any)
			}
			if err := r.Scan(values...); err != nil {
				return err
			}
			line := table
			for i, v := range values {
				v := *v.(*any)
				if bytes, ok := v.([]byte); ok {
					v = string(bytes)
				}
				line += fmt.Sprintf("  %s: %v", columns[i], v)
			}
			lines = append(lines, line)
			return nil
		})
		if err != nil {
			return nil, err
		}
		slices.Sort(lines)
		all = append(all, lines...)
	}
	return all, nil
}

func listOf(tx *store.Tx, query string) (all []string, err error) {
	err = tx.Rows(query, []any{tx.Workspace}, func(r *db.Rows) error {
		var text string
		err := r.Scan(&text)
		all = append(all, text)
		return err
	})
	return all, err
}

// sameWords holds the words by which first messages are found against those that they
// have: words are written once, and taken away with what is redacted.
func (t *trial) sameWords(tx *store.Tx) error {
	var want []string
	err := tx.Rows(`SELECT conversation_id, body, text_fold FROM conversation_sources WHERE workspace_id = $1 AND NOT redacted`, []any{tx.Workspace},
		func(r *db.Rows) error {
			var id int64
			var body, folded string
			if err := r.Scan(&id, &body, &folded); err != nil {
				return err
			}
			plain := richtext.Text(body)
			if folded != model.Fold(plain) {
				t.wrong("the text of %d is found by %q, not by %q", id, folded, model.Fold(plain))
			}
			for _, word := range words.Of(plain) {
				want = append(want, fmt.Sprintf("%s in %d", word, id))
			}
			return nil
		})
	if err != nil {
		return err
	}
	have, err := listOf(tx, `SELECT word || ' in ' || CAST(conversation_id AS TEXT) FROM conversation_words WHERE workspace_id = $1`)
	slices.SortFunc(want, strings.Compare)
	slices.Sort(have)
	t.hold("the words of first messages", judgeSame(have, want))
	return err
}
