package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"parley/internal/contract"
)

// operationsPage is the list of what each operation keeps of the published description.
const operationsPage = "../docs/compat/operations.md"

// holdPage compares that page with what the replay of the examples has shown, so
// that it says what is so. To renew it: PARLEY_TEST_UPDATE=1 go test ./e2e -run TestPublishedExamples
func holdPage(t *testing.T, judge *contract.Judge, url string, kept map[string]int) {
	text := writePage(t, judge, ownStatuses(t, url), kept)
	if os.Getenv("PARLEY_TEST_UPDATE") != "" {
		if err := os.WriteFile(operationsPage, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	committed, err := os.ReadFile(operationsPage)
	if err != nil {
		t.Fatal(err)
	}
	if string(committed) != text {
		t.Errorf("docs/compat/operations.md is not what the examples show: %s", firstDifference(string(committed), text))
	}
}

// ownStatuses are the statuses of each operation in the server's own contract, by
// method and path without the names of its parameters.
func ownStatuses(t *testing.T, url string) map[string][]int {
	w := &world{url: url}
	_, text := w.send(t, "GET", "/openapi.json", nil, token)
	ours, err := contract.New(text, nil)
	if err != nil {
		t.Fatal(err)
	}
	statuses := map[string][]int{}
	for _, op := range ours.Operations() {
		statuses[op.Method+" "+nameless(op.Path)] = op.Statuses
	}
	return statuses
}

var parameter = regexp.MustCompile(`\{[^}]*\}`)

func nameless(path string) string { return parameter.ReplaceAllString(path, "{}") }

// everywhere are the statuses that any operation may answer: 403 is for an app without
// the scope, 503 for a database that has no time or is away.
var everywhere = []int{400, 401, 403, 406, 413, 415, 429, 503}

func writePage(t *testing.T, judge *contract.Judge, own map[string][]int, kept map[string]int) string {
	var out strings.Builder
	out.WriteString(`# Operation by operation

Made by a test from its own results; do not edit. Each request example of the published description of API 2.9 was sent to a demo
workspace, with ids that stand for the example's, and each answer held against the description: its status, its schema and, where it
is a failure, its code and message.

- *Examples*: how many are answered so, of all that the description has. Left out are those of plans, which there are none of here.
- *Statuses*: what else than 400, 401, 403, 406, 413, 415, 429 and 503, which any operation may answer, is answered here.
- *Differs*: where a right answer departs from the description's schema, by JSON pointer, and why; and which examples were not sent.

What the live API does that its description does not say, and where Parley does otherwise, is on the pages of the groups.
`)
	var groups []string
	byGroup := map[string][]contract.Op{}
	for _, op := range judge.Operations() {
		group := op.Tags[0]
		if byGroup[group] == nil {
			groups = append(groups, group)
		}
		byGroup[group] = append(byGroup[group], op)
	}
	slices.Sort(groups)
	for _, group := range groups {
		fmt.Fprintf(&out, "\n## [%s](%s)\n\n| operation | examples | statuses | differs |\n|---|---|---|---|\n", group, groupPage(t, group))
		for _, op := range byGroup[group] {
			name := op.Method + " " + op.Path
			all := 0
			var differs []string
			for _, example := range op.Examples {
				if example.Name == "api_plan_restricted" {
					continue
				}
				all++
				if why := notReplayed[name+" "+example.Name]; why != "" {
					differs = append(differs, fmt.Sprintf("not sent: %s, as %s", example.Name, why))
				}
			}
			for _, x := range contract.Description() {
				if x.Operation == name {
					differs = append(differs, fmt.Sprintf("`%s`: %s", x.Pointer, x.Reason))
				}
			}
			var statuses []string
			answered, served := own[op.Method+" "+nameless(op.Path)]
			if !served {
				t.Errorf("%s is not served", name)
			}
			for _, status := range answered {
				if !slices.Contains(everywhere, status) {
					statuses = append(statuses, fmt.Sprint(status))
				}
			}
			fmt.Fprintf(&out, "| `%s` | %d of %d | %s | %s |\n", name, kept[name], all, strings.Join(statuses, ", "), strings.Join(differs, "<br>"))
		}
	}
	return out.String()
}

// groupPage is the page of a group, which must be there.
func groupPage(t *testing.T, group string) string {
	page := strings.ToLower(strings.ReplaceAll(group, " ", "-")) + ".md"
	if strings.HasPrefix(group, "Ticket") {
		page = "tickets.md"
	}
	if _, err := os.Stat(filepath.Join(filepath.Dir(operationsPage), page)); err != nil {
		t.Errorf("the group %s has no page: %v", group, err)
	}
	return page
}
