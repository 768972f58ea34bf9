package sandbox

import (
	"fmt"
	"slices"

	"parley/internal/db"
	"parley/internal/store/record"
)

// GoBack makes the workspace what a copy is, and ends the tokens of those who are not there any more. Rows that are as they
// were are left alone: what costs time is what has changed and, where nobody has kept what that is, to look for it.
func (c Copies) GoBack(to string) error {
	if err := c.endMoments(); err != nil {
		return err
	}
	written, known, err := c.Written(string(c.Workspace), to)
	if err != nil {
		return fmt.Errorf("store: go back: %w", err)
	}
	suspects, err := c.suspects(to, written, known)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(suspects, func(t table) bool { return t.held }) {
		begin, end := c.Dialect().PutOffReferences() // which is not for nothing: SQLite forgets how it does other statements
		if err := c.all("put off references", nil, begin); err != nil {
			return err
		}
		if err := c.exchange(to, suspects, written, known); err != nil {
			return err
		}
		if err := c.all("look at references", nil, end); err != nil {
			return err
		}
	} else if err := c.exchange(to, suspects, written, known); err != nil {
		return err
	}
	if _, touched := written.Tables["article_search"]; touched || !known {
		if err := c.goBackInWords(to); err != nil {
			return err
		}
	}
	if err := c.follow(to); err != nil {
		return err
	}
	return c.Mark(string(c.Workspace), to)
}

// suspects are the tables in which the workspace may have a row that a copy has not, or has otherwise.
func (c Copies) suspects(to string, written db.Written, known bool) ([]table, error) {
	if !known {
		return c.choose("look for changes", differing, c.Workspace, to)
	}
	all, err := c.Plan.of(c.Tx)
	if err != nil {
		return nil, err
	}
	var some []table
	for _, t := range all {
		if t.treatment == 0 && len(written.Tables[t.Name]) > 0 {
			some = append(some, t)
		}
	}
	return some, nil
}

// exchange takes away all that is not in a copy, and with it what refers to it. What is left then is in the copy, so that nothing is in
// the way of what is missing, which is written anew.
func (c Copies) exchange(to string, suspects []table, written db.Written, known bool) error {
	for _, t := range slices.Backward(suspects) {
		statement, args := t.drop, []any{to}
		if known {
			statement, args = statement+" AND "+c.Dialect().Numbered("$3"), append(args, record.ToJSON(written.Tables[t.Name]))
		}
		if _, err := c.take(t, statement, string(c.Workspace), args...); err != nil {
			return fmt.Errorf("store: go back in %s: %w", t.Name, err)
		}
	}
	short, err := c.short(to, known)
	if err != nil {
		return err
	}
	for _, t := range short {
		if err := c.Write(t.add, to, c.Workspace); err != nil {
			return fmt.Errorf("store: go back in %s: %w", t.Name, err)
		}
	}
	return nil
}

// short are the tables in which a copy has more rows.
func (c Copies) short(to string, known bool) ([]table, error) {
	var written db.Written
	if known { // and may have been lost since
		var err error
		if written, known, err = c.Written(string(c.Workspace), to); err != nil { // what went along included
			return nil, fmt.Errorf("store: go back: %w", err)
		}
	}
	if !known {
		return c.choose("look for what is missing", lacking, c.Workspace, to)
	}
	all, err := c.Plan.of(c.Tx)
	if err != nil {
		return nil, err
	}
	var some []table
	for _, t := range all {
		if _, touched := written.Tables[t.Name]; !touched || t.treatment != 0 {
			continue
		}
		var lacks bool
		if err := c.QueryRow("SELECT "+t.lacks, c.Workspace, to).Scan(&lacks); err != nil {
			return nil, fmt.Errorf("store: count %s: %w", t.Name, err)
		}
		if lacks {
			some = append(some, t)
		}
	}
	return some, nil
}

// endMoments takes away what a copy has none of.
func (c Copies) endMoments() error {
	tables, err := c.choose("look for rows", moments, c.Workspace)
	if err != nil {
		return err
	}
	for _, t := range slices.Backward(tables) {
		statement := t.wipe
		switch t.Name {
		case "jobs": // a file that nobody names any more is still to go
			statement += " AND kind <> 'delete_blob'"
		case "deliveries":
			// SQLite gives the number of the last one out again, of which somebody may still be about to say that it arrived.
			if err := c.all("go back", []any{c.Workspace}, `UPDATE deliveries SET subscription_id = 0, state = 'dropped', due_at = NULL
				WHERE workspace_id = $1 AND number = (SELECT max(number) FROM deliveries WHERE workspace_id = $1)`); err != nil {
				return err
			}
			statement += " AND subscription_id <> 0"
		}
		if _, err := c.take(t, statement, string(c.Workspace)); err != nil {
			return fmt.Errorf("store: end %s: %w", t.Name, err)
		}
	}
	return nil
}

// goBackInWords makes what the index of words has of the workspace what a copy has kept aside. Only what differs is read word by word.
func (c Copies) goBackInWords(to string) error {
	d := c.Dialect()
	args := []any{d.Search("w"+string(c.Workspace), nil, false), c.Workspace, to}
	return c.all("go back in words", args,
		`DELETE FROM article_search WHERE `+d.Matches("article_search", "$1")+` AND workspace_id = $2 AND NOT EXISTS (SELECT 1 FROM snapshot_words s
			WHERE s.workspace_id = $3 AND s.article_id = article_search.article_id AND s.locale = article_search.locale
				AND s.keys = replace(article_search.keys, $2, '*') AND s.title = article_search.title AND s.summary = article_search.summary
				AND s.body = article_search.body)`,
		`INSERT INTO article_search (workspace_id, article_id, locale, keys, title, summary, body)
			SELECT CAST($2 AS TEXT), s.article_id, s.locale, replace(s.keys, '*', CAST($2 AS TEXT)), s.title, s.summary, s.body FROM snapshot_words s
			WHERE s.workspace_id = $3 AND (s.article_id, s.locale) NOT IN (SELECT article_id, locale FROM article_search
				WHERE `+d.Matches("article_search", "$1")+` AND workspace_id = $2) ORDER BY s.article_id, s.locale`)
}

// choose asks a question about the tables, and returns those for which the answer is yes, in the order of the plan.
func (c Copies) choose(what string, ask question, args ...any) ([]table, error) {
	all, err := c.Plan.of(c.Tx)
	if err != nil {
		return nil, err
	}
	rows, err := c.Query(c.Plan.asked[ask], args...)
	if err != nil {
		return nil, fmt.Errorf("store: %s: %w", what, err)
	}
	defer rows.Close()
	var found []int
	for rows.Next() {
		var i int
		if err := rows.Scan(&i); err != nil {
			return nil, fmt.Errorf("store: %s: %w", what, err)
		}
		found = append(found, i)
	}
	slices.Sort(found)
	list := make([]table, len(found))
	for i, at := range found {
		list[i] = all[at]
	}
	return list, rows.Err()
}
