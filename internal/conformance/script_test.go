package conformance

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"parley/internal/contract"
	"parley/internal/means"
)

// TestScriptHangsTogether looks for what would stop a run half-way: a name that
// nothing gives, an operation that is not there, a body that is no JSON.
func TestScriptHangsTogether(t *testing.T) {
	t.Parallel()
	given := map[string]bool{"visitor_user_id": true, "second_visitor_user_id": true}
	for _, name := range []string{"now", "hour_ago", "month_ago", "tomorrow", "mark", "word", "label", "phone"} {
		given[name] = true
	}
	ids := map[string]bool{}
	for _, g := range script() {
		for _, op := range g.operations {
			if ids[op.id] {
				t.Errorf("%s is there twice", op.id)
			}
			ids[op.id] = true
			for _, c := range op.calls {
				for _, names := range []map[string]string{c.keep, c.pick} {
					for name := range names {
						if given[name] {
							t.Errorf("%s gives %s, which something else gives too", op.id, name)
						}
						given[name] = true
					}
				}
			}
		}
	}
	values := map[string]string{}
	for name := range given {
		values[name] = "7"
	}
	for _, g := range script() {
		for _, op := range g.operations {
			if len(op.calls) == 0 {
				t.Errorf("%s is not called", op.id)
			}
			if got, want := len(op.unknown), strings.Count(op.path, "{"); got != want {
				t.Errorf("%s has %d codes for unknown ids, and %d ids in its path", op.id, got, want)
			}
			for _, c := range op.calls {
				for _, name := range c.needs(op) {
					if !given[name] {
						t.Errorf("%s needs %s, which nothing gives", op.id, name)
					}
				}
				for _, id := range c.after {
					if !ids[id] {
						t.Errorf("%s comes after %s, which is not there", op.id, id)
					}
				}
				for _, body := range []string{c.body, c.undo.body} {
					if filled := fill(body, values, inJSON); body != "" && !json.Valid([]byte(filled)) {
						t.Errorf("%s: not JSON: %s", op.id, filled)
					}
				}
				path, _, _ := strings.Cut(c.target(op), "?")
				if got, want := shape("", placeholder.ReplaceAllString(path, "{}")), shape("", op.path); got != want {
					t.Errorf("%s is called as%s, want%s", op.id, got, want)
				}
				if op.readsOnly() && op.method != get && c.undo.path != "" {
					t.Errorf("%s reads, and makes something", op.id)
				}
			}
		}
	}
}

// TestScriptIsWhole holds the script against the published description: it calls
// each operation there is, in its group, and wants the codes that are shown.
func TestScriptIsWhole(t *testing.T) {
	t.Parallel()
	published, err := contract.Load(means.PublishedDescription(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	theirs := map[string]contract.Op{}
	for _, op := range published.Operations() {
		theirs[shape(op.Method, op.Path)] = op
	}
	called := 0
	for _, g := range script() {
		for _, op := range g.operations {
			documented, ok := theirs[shape(op.method, op.path)]
			if ok == op.beyond {
				t.Errorf("%s: the description has it: %v, the script says that it goes beyond: %v", op.id, ok, op.beyond)
			}
			if !ok {
				continue
			}
			called++
			if !slices.Contains(documented.Tags, g.name) {
				t.Errorf("%s is in %s, want one of %v", op.id, g.name, documented.Tags)
			}
			codes := map[string]bool{}
			for _, e := range documented.Examples {
				if e.Status == 404 {
					codes[(&answer{body: e.Response}).code()] = true
				}
			}
			for i, code := range op.unknown {
				// The examples of these show ids in the body only.
				inBody := op.id == "attachContactToACompany" || op.id == "updateTicket"
				if len(codes) > 0 && !codes[code] && !inBody {
					t.Errorf("%s wants %s for unknown id %d, the examples show %v", op.id, code, i+1, codes)
				}
			}
		}
	}
	if called != 108 {
		t.Errorf("the script calls %d operations of the description, want 108", called)
	}
}

func TestValueAt(t *testing.T) {
	t.Parallel()
	const text = `{"id":"7","n":9007199254740993,"open":false,"none":null,"empty":"","status":"done","data":[{"id":"1","state":"draft"},{"id":"2","state":"live"}]}`
	for _, c := range []struct {
		path, want string
		ok         bool
	}{
		{"id", "7", true}, {"n", "9007199254740993", true}, {"open", "false", true}, {"none", "", false}, {"empty", "", false},
		{"data.0.id", "1", true}, {"data.last.id", "2", true}, {"data.2.id", "", false}, {"data.-1.id", "", false},
		{"data.state=live.id", "2", true}, {"data.state=archived.id", "", false}, {"status=done.id", "7", true}, {"status=begun.id", "", false},
		{"id.x", "", false}, {"data", "", false},
	} {
		if got, ok := valueAt([]byte(text), c.path); got != c.want || ok != c.ok {
			t.Errorf("%s is %q, %v, want %q, %v", c.path, got, ok, c.want, c.ok)
		}
	}
	if _, ok := valueAt([]byte("<html>"), "id"); ok {
		t.Error("found a value in what is no JSON")
	}
}

func TestUnknownLike(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]string{
		"6657abf76abd0164c24b0df9": "ffffffffffffffffffffffff", "353": "2147483000", "m3489fdme82zmm0j": "zzzzzzzzzzzzzzzz", "": "z",
		"3ecf64d0-9ed1-4e9f-88e1-da7d6e6782f3": "ffffffff-ffff-4fff-bfff-ffffffffffff",
	} {
		if got := unknownLike(id); got != want {
			t.Errorf("%q: %q, want %q", id, got, want)
		}
	}
}
