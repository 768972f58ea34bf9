package api_test

import (
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"

	"parley/internal/apptest"
)

// object is a body or a part of an answer.
type object = map[string]any

// A refusal is how a call fails: status, code and message.
type refusal struct {
	status  int
	code    string
	message string
}

func invalid(message string) *refusal { return &refusal{400, "parameter_invalid", message} }
func missing(message string) *refusal { return &refusal{400, "parameter_not_found", message} }

// holds checks that an answer failed as it should or, where that is nil, that it
// is a 200 with these values at these paths.
func holds(t *testing.T, a *apptest.Answer, refused *refusal, want object) {
	t.Helper()
	if refused != nil {
		a.Fails(refused.status, refused.code, refused.message)
		return
	}
	a.OK()
	for path, value := range want {
		if diff := cmp.Diff(value, a.At(path)); diff != "" {
			t.Errorf("%s: %s differs (-want +got):\n%s\n%s", a.Call, path, diff, a.Pretty())
		}
	}
}

// is checks that an answer is a 200 and exactly this JSON, in which names in
// angle brackets stand for values that the test learnt: <id>.
func is(t *testing.T, a *apptest.Answer, want string, values ...string) {
	t.Helper()
	a.OK()
	var got, wanted any
	a.Decode(&got)
	if err := json.Unmarshal([]byte(fill(want, values...)), &wanted); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(wanted, got); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", a.Call, diff)
	}
}

// fill puts values where their names stand in a text.
func fill(text string, values ...string) string { return strings.NewReplacer(values...).Replace(text) }

// ids are the ids of a list's items, in order.
func ids(t *testing.T, a *apptest.Answer) []string {
	t.Helper()
	var page struct {
		Data []struct{ ID string }
	}
	a.OK().Decode(&page)
	all := make([]string, len(page.Data))
	for i, item := range page.Data {
		all[i] = item.ID
	}
	return all
}
