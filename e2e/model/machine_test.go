// Package model holds the whole API against a small model of its rules: drawn sequences of
// operations go to a server on SQLite and to one on PostgreSQL, which must answer alike, byte
// for byte, and as the model says. The model must not know SQL, nor how a server is built.
package model

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"parley/internal/apptest"
	"parley/internal/db"
	"parley/internal/means"
	"parley/internal/store/audit"
)

type object = map[string]any

// Sequences are few and long unless the command line says otherwise: most of what is
// interesting needs others before it.
const (
	usualChecks = "15"
	usualSteps  = "60"
)

func TestMain(m *testing.M) {
	flag.Parse()
	given := map[string]bool{}
	flag.Visit(func(f *flag.Flag) { given[f.Name] = true })
	for name, usual := range map[string]string{"rapid.checks": usualChecks, "rapid.steps": usualSteps} {
		if given[name] {
			continue
		}
		if err := flag.Set(name, usual); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
	}
	apptest.Main(m)
}

// Whatever is done in whatever order, both databases answer alike and as the rules say, and
// afterwards everything is as the rules say.
func TestTheAPIIsAsTheModel(t *testing.T) {
	t.Parallel()
	t.Run("on both", func(t *testing.T) { means.NeedPostgres(t) }) // or SQLite is held against the model alone
	rigs := apptest.Rigs(t)
	var runs atomic.Int64
	rapid.Check(t, func(rt *rapid.T) {
		m := newMachine(t, rt, rigs, runs.Add(1))
		rt.Repeat(m.actions())
		m.settle()
	})
	for _, r := range rigs {
		err := r.Database.View(context.Background(), func(tx *db.Tx) error {
			found, kinds, err := audit.Recount(tx, 5)
			if kinds == 0 || len(found) > 0 {
				t.Errorf("a recount of %d kinds finds %v", kinds, found)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
}

// A machine is one drawn sequence: a workspace on each server, and what the rules say there is
// in it.
type machine struct {
	*rapid.T
	t     *testing.T
	sides []*apptest.Rig // in the workspace of this sequence; the first is SQLite
	id    string         // of the workspace, the same everywhere
	now   int64          // its clock, which stands

	world
}

// newMachine makes the workspace on each server.
func newMachine(t *testing.T, rt *rapid.T, rigs []*apptest.Rig, run int64) *machine {
	m := &machine{T: rt, t: t, id: fmt.Sprintf("m%07x", run), now: apptest.Start.Unix()}
	for _, r := range rigs {
		a := r.AsDeveloper().Post(t, "/_parley/workspaces", object{"id": m.id, "ids": "model", "now": m.now, "frozen": true, "seed": seed}).OK()
		side := *r
		side.Token = a.At("access_token").(string)
		m.sides = append(m.sides, &side)
	}
	m.begin()
	return m
}

// A refusal is why a call fails. The zero value is none: the call is done.
type refusal struct {
	status  int
	code    string
	message string
}

func invalid(message string) refusal  { return refusal{400, "parameter_invalid", message} }
func required(message string) refusal { return refusal{400, "parameter_not_found", message} }
func notFound(message string) refusal { return refusal{404, "not_found", message} }

var (
	done             = refusal{}
	userNotFound     = notFound("User Not Found")
	contactNotFound  = notFound("Contact Not Found")
	resourceNotFound = notFound("Resource Not Found")
	noSuchAdmin      = refusal{404, "admin_not_found", "Admin for admin_id not found"}
	companyNotFound  = refusal{404, "company_not_found", "Company Not Found"}
)

// passing is what differs between any two answers, though they say the same.
var passing = regexp.MustCompile(`"request_id":"[^"]*"`)

// ask sends a call to each server. They answer alike, and as expected: with the refusal, or
// without one, what was answered is returned.
func (m *machine) ask(method, path string, body any, want refusal) object {
	m.Helper()
	var first *apptest.Answer
	for _, side := range m.sides {
		a := side.Do(m.t, method, path, body)
		if first == nil {
			first = a
			continue
		}
		one, other := passing.ReplaceAll(first.Body, nil), passing.ReplaceAll(a.Body, nil)
		if a.Status != first.Status || !bytes.Equal(one, other) {
			m.Fatalf("%s %s %s is answered %d on SQLite and %d on PostgreSQL:\n%s",
				method, path, text(body), first.Status, a.Status, cmp.Diff(first.Pretty(), a.Pretty()))
		}
	}
	status := want.status
	if want == done {
		status = 200
		if path == "/events" {
			status = 202
		}
	}
	var got object
	if len(bytes.TrimSpace(first.Body)) > 0 {
		first.Decode(&got)
	}
	if first.Status != status {
		m.Fatalf("%s %s %s is answered %d, want %d %s\n%s", method, path, text(body), first.Status, status, want.message, first.Pretty())
	}
	if want != done {
		if code, message := first.At("errors.0.code"), first.At("errors.0.message"); code != want.code || message != want.message {
			m.Fatalf("%s %s %s is refused with %v %q, want %v %q", method, path, text(body), code, message, want.code, want.message)
		}
	}
	return got
}

func (m *machine) get(path string) object {
	m.Helper()
	return m.ask("GET", path, nil, done)
}

// shows checks that an object has these members, whatever others it has.
func (m *machine) shows(what string, got, want object) {
	m.Helper()
	var plain object
	if err := json.Unmarshal([]byte(text(want)), &plain); err != nil {
		m.Fatal(err)
	}
	for _, name := range slices.Sorted(maps.Keys(plain)) {
		if !reflect.DeepEqual(got[name], plain[name]) {
			m.Fatalf("%s has %s %s, want %s", what, name, text(got[name]), text(plain[name]))
		}
	}
}

// same checks that a list has these members, in any order.
func (m *machine) same(what string, got, want []string) {
	m.Helper()
	got, want = slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want))
	if !slices.Equal(got, want) {
		m.Fatalf("%s: %v, want %v", what, got, want)
	}
}

// advance moves the clock, with all that falls due until then.
func (m *machine) advance(seconds int64) {
	m.Helper()
	m.now += seconds
	for _, side := range m.sides {
		a := side.AsDeveloper().Post(m.t, "/_parley/workspaces/"+m.id+"/clock/advance", object{"seconds": seconds})
		if a.Status != 200 || a.At("now") != float64(m.now) || a.At("finished") != true {
			m.Fatalf("the clock cannot be advanced: %d %s", a.Status, a.Body)
		}
	}
}

// text is a value as JSON, the members of objects in one order.
func text(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	raw, err := json.Marshal(v, json.Deterministic(true))
	if err != nil {
		panic(err)
	}
	return string(raw)
}

// at reads a value by a dotted path; what is not there is nil.
func at(v any, path string) any {
	for step := range strings.SplitSeq(path, ".") {
		o, _ := v.(object)
		v = o[step]
	}
	return v
}

// ids are the ids of the members of a list within an object.
func ids(v any, path string) []string {
	list, _ := at(v, path).([]any)
	all := make([]string, 0, len(list))
	for _, one := range list {
		id, _ := at(one, "id").(string)
		all = append(all, id)
	}
	return all
}

// null is a text as the API shows it: what is empty is null.
func null[T comparable](v T) any {
	var zero T
	if v == zero {
		return nil
	}
	return v
}

// pick draws one of a list.
func pick[T any](m *machine, label string, from ...T) T {
	return rapid.SampledFrom(from).Draw(m.T, label)
}

// chance draws whether something is so that is so once in n times.
func (m *machine) chance(label string, n int) bool {
	return rapid.IntRange(1, n).Draw(m.T, label) == n
}
