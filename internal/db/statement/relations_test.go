package statement_test

import (
	"maps"
	"testing"

	"parley/internal/db/statement"
)

// TestFollow finds what may be written to along with the tables of a statement.
func TestFollow(t *testing.T) {
	t.Parallel()
	r := &statement.Relations{Names: []string{"homes", "rooms", "roads", "doors", "tolls"}}
	r.Writes("homes", "rooms", statement.Watch{Deletions: true}) // rooms go along with their homes
	r.Writes("doors", "homes", statement.Watch{})                // a trigger
	r.Writes("roads", "tolls", statement.Watch{Deletions: true})
	r.Writes("roads", "tolls", statement.Watch{}) // which is more
	r.Writes("tolls", "roads", statement.Watch{}) // and back
	all, gone := statement.Watch{}, statement.Watch{Deletions: true}
	for _, c := range []struct {
		name, text string
		want       map[string]statement.Watch
	}{
		{"no table", `SELECT 1`, map[string]statement.Watch{}},
		{"a table that is not there", `SELECT * FROM streets`, map[string]statement.Watch{}},
		{"a name that has one in it", `SELECT * FROM old_rooms, rooms2`, map[string]statement.Watch{}},
		{"a table of which nothing follows", `SELECT * FROM doors`, map[string]statement.Watch{"doors": all}},
		{"one of others", `SELECT * FROM "Rooms" WHERE id=$1`, map[string]statement.Watch{"rooms": all, "homes": gone, "doors": all}},
		{"two that follow each other, in two ways", `SELECT id FROM main.tolls`, map[string]statement.Watch{"tolls": all, "roads": all}},
	} {
		if got := r.Follow(c.text); !maps.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}
