package revision

import (
	"fmt"
	"testing"

	"parley/internal/db/statement"
)

const reading = `SELECT n FROM rooms`

func rooms(s *Server) *Revision {
	return s.Add(reading, map[string]string{"rooms": "id"}, map[string]statement.Watch{"rooms": {}})
}

// write begins a transaction that writes one room.
func write(s *Server, number uint64, id string) *Writes {
	w := s.Begin()
	w.Note(`UPDATE rooms SET n = $3 WHERE workspace_id = $1 AND id = $2`, []any{"w", id, 1})
	w.Number(number)
	return w
}

// TestServer does one thing after another to transactions, and looks after each what has changed for whoever reads rooms.
func TestServer(t *testing.T) {
	t.Parallel()
	s := NewServer()
	r := rooms(s)
	at := func(run, snapshot string) (Moment, bool) { return s.Moments(run, snapshot).Of(r) }
	before, known := at("run", "10:10:")
	if !known {
		t.Fatal("the first snapshot tells nothing")
	}
	for _, step := range []struct {
		name     string
		do       func()
		run      string
		snapshot string
		changes  string // the rooms that have, of a and b
	}{
		{"nothing", func() {}, "run", "10:10:", ""},
		{"another process", func() {}, "run", "11:11:", "a b"},
		{"one that is not over", func() { write(s, 11, "a") }, "run", "11:11:", ""},
		{"one that is over, and the other not yet", func() { write(s, 12, "b").Commit() }, "run", "11:13:11", "b"},
		{"the other, which was rolled back", func() {}, "run", "13:13:", ""},
		{"another table", func() {
			w := s.Begin()
			w.Note(`UPDATE roads SET n = 1 WHERE workspace_id = $1`, []any{"w"})
			w.Number(13)
			w.Commit()
		}, "run", "14:14:", ""},
		{"one after another", func() {
			write(s, 14, "a").Commit()
			write(s, 15, "b").Commit()
		}, "run", "16:16:", "a b"},
		{"two in the other order", func() {
			write(s, 17, "b").Commit()
			write(s, 16, "a").Commit()
		}, "run", "16:18:16", "b"},
		{"… the first of them", func() {}, "run", "18:18:", "a"},
		{"another workspace", func() {
			w := s.Begin()
			w.Note(`DELETE FROM rooms WHERE workspace_id = $1`, []any{"v"})
			w.Number(18)
			w.Commit()
		}, "run", "19:19:", ""},
		{"a whole table", func() {
			w := s.Begin()
			w.Note(`DELETE FROM rooms`, nil)
			w.Number(19)
			w.Commit()
		}, "run", "20:20:", "a b"},
		{"one that did not say its number", func() {
			w := s.Begin()
			w.Note(`UPDATE roads SET n = 1`, nil)
			w.Commit()
		}, "run", "21:21:", "a b"},
		{"one of this process and one of another", func() { write(s, 21, "a").Commit() }, "run", "23:23:", "a b"},
		{"after a crash that took nothing", func() {}, "another run", "23:23:", "a b"},
		{"after that", func() {}, "another run", "23:23:", ""},
		{"more than is looked at", func() {}, "another run", fmt.Sprintf("%d:%[1]d:", 24+mostSince), "a b"},
		{"after that, too", func() { write(s, 24+mostSince, "b").Commit() }, "another run", fmt.Sprintf("%d:%[1]d:", 25+mostSince), "b"},
	} {
		step.do()
		after, known := at(step.run, step.snapshot)
		if !known {
			t.Fatalf("%s: it is not known what has changed", step.name)
		}
		changes := ""
		for _, id := range []string{"a", "b"} {
			if !r.Same("w", id, before, after, r.Latest()) {
				changes += " " + id
			}
		}
		if changes != "" {
			changes = changes[1:]
		}
		if changes != step.changes {
			t.Errorf("%s: %q have changed, and should: %q", step.name, changes, step.changes)
		}
		if step.changes == "" && step.name != "another workspace" && before != after {
			t.Errorf("%s: %v became %v", step.name, before, after)
		}
		before = after
	}
}

// TestServerOfEarlierSnapshots asks late for what was seen before.
func TestServerOfEarlierSnapshots(t *testing.T) {
	t.Parallel()
	s := NewServer()
	r := rooms(s)
	first, _ := s.Moments("run", "10:10:").Of(r)
	last, _ := s.Moments("run", "12:12:").Of(r)
	if again, known := s.Moments("run", "10:10:").Of(r); !known || again != first || !again.Before(last) {
		t.Errorf("what was told once is %v, %t; it was %v", again, known, first)
	}
	if _, known := s.Moments("run", "11:11:").Of(r); known {
		t.Error("it is known what there was between what was told")
	}
	if _, known := s.Moments("run", "11:14:11").Of(r); known {
		t.Error("it is known what there is for one that does not see what others did")
	}
	// One that may see what later ones do is told what the latest was, in the same run of the server.
	if since, known := s.MomentsSince("run", "11:11:").Of(r); !known || since != last {
		t.Errorf("what there is since is %v, %t; the latest is %v", since, known, last)
	}
	if exact, known := s.MomentsSince("run", "10:10:").Of(r); !known || exact != first {
		t.Errorf("what was told once is %v, %t; it was %v", exact, known, first)
	}
	if later, known := s.MomentsSince("run", "13:13:").Of(r); !known || !last.Before(later) {
		t.Errorf("what there is later is %v, %t; it was %v", later, known, last)
	}
	for _, text := range []string{"", "12", "12:a:", "12:13:x"} {
		if _, known := s.Moments("run", text).Of(r); known {
			t.Errorf("%q is a snapshot", text)
		}
	}
}

// TestServerOfMoreRevisions has one come after a transaction that did not know of it.
func TestServerOfMoreRevisions(t *testing.T) {
	t.Parallel()
	s := NewServer()
	if s.Begin() != nil || s.Follows() {
		t.Error("what nobody asks for is noted")
	}
	r := rooms(s)
	before := s.Moments("run", "10:10:")
	w := write(s, 10, "a")
	if _, known := before.Of(&Revision{}); known {
		t.Error("a Revision of nothing knows something")
	}
	late := s.Add(`SELECT n FROM roads`, nil, map[string]statement.Watch{"roads": {}})
	if _, known := before.Of(late); known {
		t.Error("a Revision knows what there was before it")
	}
	if s.Find(`SELECT n FROM roads`, nil) != late || s.Add(`SELECT n FROM roads`, nil, nil) != late || rooms(s) != r {
		t.Error("there are two of the same")
	}
	w.Number(10) // which counts as that of another process since it came
	w.Commit()
	middle, known := s.Moments("run", "10:10:").Of(late)
	if !known {
		t.Fatal("the late one is told nothing")
	}
	after, known := s.Moments("run", "11:11:").Of(late)
	if !known || !middle.Before(after) {
		t.Errorf("a transaction that did not know of the late one has changed nothing of it: %v, %v", middle, after)
	}
}

// TestServerForgets lets nobody read for a long time.
func TestServerForgets(t *testing.T) {
	t.Parallel()
	s := NewServer()
	r := rooms(s)
	before, _ := s.Moments("run", "1:1:").Of(r)
	for number := range uint64(mostWritten + 1) {
		w := s.Begin()
		w.Number(1 + number)
		w.Commit()
	}
	if n := len(s.written); n > mostWritten {
		t.Errorf("%d are kept", n)
	}
	after, known := s.Moments("run", "2:2:").Of(r)
	if !known || !before.Before(after) {
		t.Errorf("what was forgotten has changed nothing: %v, %v", before, after)
	}
}
