package api_test

import (
	"os"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"

	"parley/internal/apptest"
	"parley/internal/contract"
	"parley/internal/means"
)

// TestContractIsCommitted shows each change of a contract in review. To renew
// the committed copies: PARLEY_TEST_UPDATE=1 go test ./internal/api -run TestContractIsCommitted
func TestContractIsCommitted(t *testing.T) {
	t.Parallel()
	r := apptest.New(t)
	for path, file := range map[string]string{"/openapi.yaml": "../../docs/openapi.yaml", "/_parley/openapi.yaml": "../../docs/openapi-parley.yaml"} {
		served := r.Get(t, path).OK().Body
		if os.Getenv("PARLEY_TEST_UPDATE") != "" {
			if err := os.WriteFile(file, served, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		committed, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(committed), string(served)); diff != "" {
			t.Errorf("%s is not what the server serves (-committed +served):\n%s", file, diff)
		}
		asJSON, err := yaml.YAMLToJSON(served)
		if err != nil {
			t.Fatal(err)
		}
		var fromYAML, fromJSON any
		if err := json.Unmarshal(asJSON, &fromYAML); err != nil {
			t.Fatal(err)
		}
		path = strings.TrimSuffix(path, "yaml") + "json"
		if err := json.Unmarshal(r.Get(t, path).OK().Body, &fromJSON); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(fromYAML, fromJSON); diff != "" {
			t.Errorf("%s is not what %s says (-yaml +json):\n%s", path, file, diff)
		}
	}
}

// TestContractIsComplete holds the contract against the published description:
// each of its operations is served, by the same method and path.
func TestContractIsComplete(t *testing.T) {
	t.Parallel()
	r := apptest.New(t)
	ours, err := contract.New(r.Get(t, "/openapi.json").OK().Body, nil)
	if err != nil {
		t.Fatal(err)
	}
	if undefined := ours.Undefined(); len(undefined) > 0 {
		t.Errorf("schemas that are referred to and not defined: %v", undefined)
	}
	published, err := contract.Load(means.PublishedDescription(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	served := map[string]bool{}
	for _, op := range ours.Operations() {
		served[op.Method+" "+anonymous(op.Path)] = true
	}
	for _, op := range published.Operations() {
		if !served[op.Method+" "+anonymous(op.Path)] {
			t.Errorf("%s %s is not served", op.Method, op.Path)
		}
	}
	if n := len(published.Operations()); n != 108 {
		t.Errorf("the description has %d operations, want 108", n)
	}
}

// anonymous drops the names of a path's parameters, which the two spell apart.
func anonymous(path string) string {
	var out []byte
	inside := false
	for _, b := range []byte(path) {
		switch {
		case b == '{':
			inside = true
		case b == '}':
			inside = false
		case inside:
			continue
		}
		out = append(out, b)
	}
	return string(out)
}
