package db

import (
	"database/sql"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTypes(t *testing.T) {
	onBoth(t, func(t *testing.T, o Options) {
		db := open(t, o)
		const attrs = `{"b": [1, "zwei", null], "a": {"c": true}}`
		update(t, db, func(tx *Tx) error {
			// $2 stands before $1, and a JSON value is a string.
			_, err := tx.Exec(`INSERT INTO note (number, id, flag, score, attrs) VALUES ($2, $1, $3, $4, $5), ($6, $7, FALSE, NULL, '{}')`,
				"a", int64(1)<<53+1, true, 0.1, attrs, -1, "b")
			return err
		})
		update(t, db, func(tx *Tx) error {
			var same int
			err := tx.QueryRow("INSERT INTO note (id, attrs) VALUES ($1, $2), ($3, $4) RETURNING number",
				"bytes", []byte(attrs), "raw", json.RawMessage(attrs)).Scan(&same)
			if err != nil {
				return err
			}
			query := "SELECT count(*) FROM note WHERE id IN ('bytes', 'raw') AND " + tx.Dialect().JSONText("attrs -> 'a'", "$1") + " = $2"
			if err := tx.QueryRow(query, "c", "true").Scan(&same); err != nil {
				return err
			}
			if same != 2 {
				t.Errorf("%d of 2 JSON values given as bytes are understood", same)
			}
			_, err = tx.Exec("DELETE FROM note WHERE id IN ('bytes', 'raw')")
			return err
		})
		type note struct {
			ID     string
			Number int64
			Flag   bool
			Score  *float64
		}
		var got []note
		var raw []byte
		var asText string
		update(t, db, func(tx *Tx) error {
			got = nil
			rows, err := tx.Query(`SELECT id, number, flag, score FROM note WHERE flag = $1 OR NOT flag ORDER BY score NULLS LAST`, true)
			if err != nil {
				return err
			}
			for rows.Next() {
				var n note
				if err := rows.Scan(&n.ID, &n.Number, &n.Flag, &n.Score); err != nil {
					return err
				}
				got = append(got, n)
			}
			if err := rows.Err(); err != nil {
				return err
			}
			if err := tx.QueryRow(`SELECT attrs FROM note WHERE id = 'a'`).Scan(&raw); err != nil {
				return err
			}
			return tx.QueryRow(`SELECT attrs FROM note WHERE id = 'a'`).Scan(&asText)
		})
		score := 0.1
		if diff := cmp.Diff([]note{{"a", 1<<53 + 1, true, &score}, {"b", -1, false, nil}}, got); diff != "" {
			t.Error(diff)
		}
		var want any
		if err := json.Unmarshal([]byte(attrs), &want); err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{string(raw), asText} {
			var got any
			if err := json.Unmarshal([]byte(text), &got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		}
	})
}

func TestCommonSQL(t *testing.T) {
	onBoth(t, func(t *testing.T, o Options) {
		db := open(t, o)
		var number int64
		var total int64
		update(t, db, func(tx *Tx) error {
			for range 2 {
				err := tx.QueryRow(`INSERT INTO note (id, number) VALUES ($1, $2)
					ON CONFLICT (id) DO UPDATE SET number = note.number + excluded.number RETURNING number`, "a", 2).Scan(&number)
				if err != nil {
					return err
				}
			}
			if err := tx.Lock("any key"); err != nil {
				return err
			}
			if err := tx.QueryRow("SELECT number FROM note WHERE id = $1"+tx.Dialect().ForUpdate(), "a").Scan(&number); err != nil {
				return err
			}
			changed, err := tx.Exec("UPDATE note SET flag = TRUE WHERE flag IS DISTINCT FROM $1", true)
			if err != nil {
				return err
			}
			if changed != 1 {
				t.Errorf("rows changed: %d, want 1", changed)
			}
			err = tx.QueryRow("SELECT number, count(*) OVER () FROM note WHERE (number, id) > ($1, $2)", 3, "z").Scan(&number, &total)
			if err != nil {
				return err
			}
			if err := tx.QueryRow("SELECT id FROM note WHERE id = 'none'").Scan(new(string)); !IsNoRows(err) {
				t.Errorf("no row: %v", err)
			}
			return nil
		})
		if number != 4 || total != 1 {
			t.Errorf("number %d, total %d; want 4 and 1", number, total)
		}
	})
}

func TestJSONText(t *testing.T) {
	attrs := map[string]any{
		"plan": "pro", "empty": "", "number": 42, "fraction": 1.5, "true": true, "false": false, "null": nil,
		"two words": "a", "$": "b", "$.plan": "c", "a.b": "d", "0": "e", "12": "f", "[0]": "g", "": "h", "grüße 🎉": "i",
		`back\slash`: "j", "it's": "k", "tab\tand\nline": "l", `quo"te`: "m", "#": "n", "a[1]": "o", "é": "p", "*": "q",
		"quotes": `say "hi" \ 'ho'`, "ünïcode": "ß🎉", "</script>": "r", "digits": "007", "\u0007": "s",
	}
	onBoth(t, func(t *testing.T, o Options) {
		db := open(t, o)
		document, err := json.Marshal(attrs)
		if err != nil {
			t.Fatal(err)
		}
		want := make(map[string]sql.NullString)
		for key, value := range attrs {
			switch value := value.(type) {
			case string:
				want[key] = sql.NullString{String: value, Valid: true}
			case nil:
				want[key] = sql.NullString{}
			default:
				spelled, _ := json.Marshal(value)
				want[key] = sql.NullString{String: string(spelled), Valid: true}
			}
		}
		for _, absent := range []string{"absent", "Plan", "plan ", "a", "b", "1", "back", "quo", "$.number", "."} {
			want[absent] = sql.NullString{}
		}
		got := make(map[string]sql.NullString)
		update(t, db, func(tx *Tx) error {
			if _, err := tx.Exec("INSERT INTO note (id, attrs) VALUES ($1, $2)", "a", string(document)); err != nil {
				return err
			}
			for key := range want {
				var value sql.NullString
				query := "SELECT " + tx.Dialect().JSONText("n.attrs", "$2") + " FROM note n WHERE id = $1"
				if err := tx.QueryRow(query, "a", key).Scan(&value); err != nil {
					return err
				}
				got[key] = value
				var found int
				query = "SELECT count(*) FROM note WHERE id = $1 AND " + tx.Dialect().JSONText("attrs", "$2") + " = $3"
				if err := tx.QueryRow(query, "a", key, value).Scan(&found); err != nil {
					return err
				}
				if value.Valid && found != 1 {
					t.Errorf("member %q does not equal its own value %q", key, value.String)
				}
			}
			return nil
		})
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestLists(t *testing.T) {
	onBoth(t, func(t *testing.T, o Options) {
		db := open(t, o)
		strange := []string{"a", "it's", `b"c`, "1", "", "grüße", "x,y", "null", `\`}
		update(t, db, func(tx *Tx) error {
			for i, id := range strange {
				if _, err := tx.Exec("INSERT INTO note (id, number) VALUES ($1, $2)", id, int64(i)<<40); err != nil {
					return err
				}
			}
			return insert("other")(tx)
		})
		count := func(query string, list any) int {
			t.Helper()
			encoded, err := json.Marshal(list)
			if err != nil {
				t.Fatal(err)
			}
			var n int
			update(t, db, func(tx *Tx) error { return tx.QueryRow(query, "other", string(encoded)).Scan(&n) })
			return n
		}
		list, in, ints := db.Dialect().List("$2"), db.Dialect().In("$2"), db.Dialect().InInts("$2")
		for _, test := range []struct {
			name, query string
			list        any
			want        int
		}{
			{"a sub-select", "SELECT count(*) FROM note WHERE id <> $1 AND id IN " + list, strange, len(strange)},
			{"texts", "SELECT count(*) FROM note WHERE id <> $1 AND id " + in, strange, len(strange)},
			{"texts, negated", "SELECT count(*) FROM note WHERE id <> $1 AND NOT id " + in, strange[:2], len(strange) - 2},
			{"no texts", "SELECT count(*) FROM note WHERE id <> $1 AND id " + in, []string{}, 0},
			{"numbers", "SELECT count(*) FROM note WHERE id <> $1 AND number " + ints, []int64{0, 1 << 40, 5}, 2},
			{"no numbers", "SELECT count(*) FROM note WHERE id <> $1 AND number " + ints, []int64{}, 0},
		} {
			if got := count(test.query, test.list); got != test.want {
				t.Errorf("%s: %d notes, want %d", test.name, got, test.want)
			}
		}
	})
}

func TestBinaryOrder(t *testing.T) {
	onBoth(t, func(t *testing.T, o Options) {
		db := open(t, o)
		for _, id := range []string{"b", "a", "B", "ä", "_", "A", "Z", "🎉", "ﬀ"} {
			update(t, db, insert(id))
		}
		if got, want := ids(t, db), "A B Z _ a b ä ﬀ 🎉"; got != want {
			t.Errorf("order %q, want %q", got, want)
		}
	})
}
