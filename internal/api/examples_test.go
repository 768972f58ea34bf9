package api_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"

	"parley/internal/api"
	"parley/internal/app"
	"parley/internal/apptest"
	"parley/internal/conformance"
	"parley/internal/contract"
	"parley/internal/model"
	"parley/internal/seed"
)

const recordedExamples = "examples.json"

// TestExamplesAreRecorded goes through the script of package conformance on a new
// example company and compares what is said with the recorded examples, so that
// they are what the server answers. To record them anew, and then the contract
// that shows them: PARLEY_TEST_UPDATE=1 go test ./internal/api -run 'Examples|ContractIsCommitted',
// twice, since they are part of the program.
func TestExamplesAreRecorded(t *testing.T) {
	t.Parallel()
	got := record(t)
	if os.Getenv("PARLEY_TEST_UPDATE") != "" {
		if err := os.WriteFile(recordedExamples, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(recordedExamples)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s is not what the server says (-recorded +said):\n%s", recordedExamples, diff)
	}
}

// An example is the first successful exchange of an operation.
type example struct {
	Path     map[string]string `json:"path,omitempty"`
	Query    map[string]string `json:"query,omitempty"`
	Request  jsontext.Value    `json:"request,omitempty"`
	Status   int               `json:"status"`
	Response jsontext.Value    `json:"response,omitempty"`
}

func record(t *testing.T) []byte {
	t.Helper()
	r := company(t)
	known := r.ids(t)
	document, err := r.API.Document()
	if err != nil {
		t.Fatal(err)
	}
	judge, err := contract.New(document, nil)
	if err != nil {
		t.Fatal(err)
	}
	first := map[string]conformance.Exchange{}
	e, told := &ear{r: r.Rig}, telling{}
	wantAll(t, r.Rig)
	e.hear(t)
	report, err := conformance.Run(t.Context(), conformance.Options{
		Base: "https://parley.example", Token: r.Token, Description: judge, Plain: true, Clock: r.Clock.Now,
		Only: groups(judge), Visitors: []string{"demo-visitor-1", "demo-visitor-2"}, Transport: direct{r.Handler()},
		Wait: func(context.Context, time.Duration) error {
			r.RunJobs()
			e.hear(t) // what jobs tell is no call's
			return nil
		},
		Observe: func(x conformance.Exchange) {
			if _, ok := first[x.Operation]; !ok && x.Purpose == conformance.PurposeCall {
				first[x.Operation] = x
			}
			topics, _ := e.hear(t)
			told.hold(t, x, topics)
			r.Clock.Pass(time.Second) // so that what is made has an order
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	for operation, something := range told {
		// What the script asks of these two is so already; TestTopics asks for a change.
		if !something && operation != "attachTagToContact" && operation != "setAwayAdmin" {
			t.Errorf("%s changes something and tells nobody", operation)
		}
	}
	var text []byte
	for _, op := range report.Operations {
		if op.Result != conformance.Passed {
			t.Errorf("%s: %s %v", op.ID, op.Reason, op.Problems)
			continue
		}
		e := first[op.ID]
		x := example{Status: e.Status, Path: pathValues(op.Path, e.Path), Query: queryValues(e.Path)}
		if body := e.Sent(); len(body) > 0 {
			x.Request = body
		}
		if body := e.Received(); len(body) > 0 && strings.HasPrefix(e.ContentType, "application/json") {
			x.Response = body
		}
		entry, err := json.Marshal(x, json.Deterministic(true))
		if err != nil {
			t.Fatalf("%s: %v", op.ID, err)
		}
		text = fmt.Appendf(text, ",%q:%s", op.ID, entry)
	}
	all := jsontext.Value("{" + strings.TrimPrefix(string(text), ",") + "}")
	if err := all.Indent(jsontext.WithIndent("  ")); err != nil {
		t.Fatal(err)
	}
	return []byte(withStandIns(string(all), known) + "\n")
}

// readOnly are the operations that only read, beside those by GET.
var readOnly = []string{"searchContacts", "searchConversations", "listAllCompanies"}

// A telling is which operations told something when they succeeded.
type telling map[string]bool

// hold checks that a call that failed, or that only reads, told nothing.
func (told telling) hold(t *testing.T, x conformance.Exchange, topics []string) {
	t.Helper()
	changes := x.Status < 300 && x.Method != http.MethodGet && !slices.Contains(readOnly, x.Operation)
	if changes && x.Operation != "" {
		told[x.Operation] = told[x.Operation] || len(topics) > 0
	} else if !changes && len(topics) > 0 {
		t.Errorf("%s %s (%s) answered %d and told %v", x.Method, x.Path, x.Operation, x.Status, topics)
	}
}

// A stage is a rig in the example company, which is as it is after parley serve
// --demo.
type stage struct{ *apptest.Rig }

func company(t *testing.T) stage {
	t.Helper()
	d, err := app.OpenDatabase(t.Context(), app.Options{Data: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	r := apptest.On(t, d)
	f, err := seed.Demo()
	if err != nil {
		t.Fatal(err)
	}
	report, err := r.Seeds.Apply(t.Context(), f, "")
	if err != nil {
		t.Fatal(err)
	}
	by := &model.Actor{Workspace: report.Workspace, Admin: report.Owner}
	if r.Token, err = r.App.Workspace.CreateToken(t.Context(), by, report.Owner, "test", ""); err != nil {
		t.Fatal(err)
	}
	r.Workspace = report.Workspace
	// What a seed does is done in one second, whose log is in no order that lasts.
	// The newest entries are to be of the owner's lunch.
	for _, away := range []bool{true, false} {
		r.Clock.Pass(30 * time.Minute)
		r.Put(t, fmt.Sprintf("/admins/%v/away", report.Owner), map[string]bool{"away_mode_enabled": away, "away_mode_reassign": false}).OK()
	}
	r.Clock.Pass(time.Minute)
	return stage{r}
}

// ids are those of the example company, which are the same everywhere.
func (s stage) ids(t *testing.T) []string {
	t.Helper()
	var all strings.Builder
	for _, path := range []string{"/contacts?per_page=150", "/segments", "/segments?type=company", "/visitors?user_id=demo-visitor-1", "/visitors?user_id=demo-visitor-2"} {
		all.Write(s.Get(t, path).OK().Body)
	}
	all.Write(s.Post(t, "/companies/list?per_page=60", nil).OK().Body)
	return objectIDs.FindAllString(all.String(), -1)
}

var (
	objectIDs = regexp.MustCompile(`\b[0-9a-f]{24}\b`)
	uuids     = regexp.MustCompile(`\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b`)
	cursors   = regexp.MustCompile(`"(?:starting_after|scroll_param)": "([^"]+)"|[?&](?:starting_after|before|since)=([^"&]+)`)
	exportIDs = regexp.MustCompile(`"job_identifier": "([^"]+)"`)
	fileLinks = regexp.MustCompile(`https://parley\.example/files/([^"]+)`)
)

// withStandIns puts something in the place of each value that is another in each
// run, the same for the same value, numbered as they appear:
//
//   - ids of contacts, companies and visitors made in the run keep the eight digits
//     that tell the time, and end in a number;
//   - UUIDs are zeros and a number: leads' external ids, entries of the activity log,
//     items of lists, scrolls, links for callers;
//   - cursors are the word cursor and a number, as they are signed with the
//     workspace's secret;
//   - ids of exports are the word export and a number;
//   - signed links to files are the word file and a number.
func withStandIns(text string, known []string) string {
	replace := func(pattern *regexp.Regexp, standIn func(old string, n int) string) {
		var seen []string
		for _, m := range pattern.FindAllStringSubmatch(text, -1) {
			old := m[0]
			for _, group := range m[1:] {
				if group != "" {
					old = group
				}
			}
			if !slices.Contains(seen, old) && !slices.Contains(known, old) {
				seen = append(seen, old)
			}
		}
		for i, old := range seen {
			text = strings.ReplaceAll(text, old, standIn(old, i+1))
		}
	}
	replace(objectIDs, func(old string, n int) string { return fmt.Sprintf("%s%016d", old[:8], n) })
	replace(uuids, func(_ string, n int) string { return fmt.Sprintf("00000000-0000-4000-8000-%012d", n) })
	replace(exportIDs, func(_ string, n int) string { return fmt.Sprintf("export%010d", n) })
	replace(cursors, func(_ string, n int) string { return fmt.Sprintf("cursor%d", n) })
	replace(fileLinks, func(_ string, n int) string { return fmt.Sprintf("file%d", n) })
	return text
}

// pathValues are the values that a path has for the parameters of its template.
func pathValues(template, path string) map[string]string {
	path, _, _ = strings.Cut(path, "?")
	values := map[string]string{}
	given := strings.Split(path, "/")
	for i, segment := range strings.Split(template, "/") {
		if name, ok := strings.CutPrefix(segment, "{"); ok {
			values[strings.TrimSuffix(name, "}")] = given[i]
		}
	}
	return values
}

func queryValues(path string) map[string]string {
	values := map[string]string{}
	for name, value := range httptest.NewRequest("GET", path, nil).URL.Query() {
		values[name] = value[0]
	}
	return values
}

// groups are those that a description has.
func groups(j *contract.Judge) []string {
	var all []string
	for _, op := range j.Operations() {
		for _, tag := range op.Tags {
			if !slices.Contains(all, tag) {
				all = append(all, tag)
			}
		}
	}
	return all
}

// A direct transport hands requests to a handler, without a network.
type direct struct{ handler http.Handler }

func (d direct) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	hr := httptest.NewRequest(r.Method, r.URL.String(), r.Body)
	hr.Header = r.Header
	d.handler.ServeHTTP(w, hr)
	return w.Result(), nil
}

// TestExamplesFitTheContract holds each example against the shapes beside which it
// stands.
func TestExamplesFitTheContract(t *testing.T) {
	t.Parallel()
	text, err := api.Document("")
	if err != nil {
		t.Fatal(err)
	}
	j, err := contract.New(text, nil)
	if err != nil {
		t.Fatal(err)
	}
	answers := 0
	for _, op := range j.Operations() {
		for _, e := range op.Examples {
			if e.Status == 0 {
				continue // nothing but a request: the answer has no body
			}
			answers++
			for _, v := range j.Response(op.Method, op.Path, e.Status, "application/json", e.Response) {
				t.Errorf("%s: %v", op.ID, v)
			}
		}
	}
	if answers < 105 {
		t.Errorf("the contract shows %d answers", answers)
	}
}

// TestEveryOperationIsDescribedAndShown looks for operations that the contract says
// nothing of, and for words about operations that it does not have.
func TestEveryOperationIsDescribedAndShown(t *testing.T) {
	t.Parallel()
	text, err := api.Document("")
	if err != nil {
		t.Fatal(err)
	}
	served := described(t, text)
	if text, err = new(api.API).ExtensionDocument(); err != nil {
		t.Fatal(err)
	}
	extensions := described(t, text)
	files, err := os.ReadDir("operations")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile("operations/" + file.Name())
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`(?m)^## (.*)$`).FindAllStringSubmatch(string(text), -1) {
			if !served[m[1]] && !extensions[m[1]] {
				t.Errorf("%s describes %s, which is not served", file.Name(), m[1])
			}
		}
	}
	var shown map[string]jsontext.Value
	if text, err = os.ReadFile(recordedExamples); err == nil {
		err = json.Unmarshal(text, &shown)
	}
	if err != nil {
		t.Fatal(err)
	}
	for id := range served {
		if shown[id] == nil {
			t.Errorf("%s has no example", id)
		}
	}
	for id := range shown {
		if !served[id] {
			t.Errorf("there is an example of %s, which is not served", id)
		}
	}
}

// described are the operations of a contract, which must have a description each.
func described(t *testing.T, contract []byte) map[string]bool {
	t.Helper()
	var document struct {
		Paths map[string]map[string]struct {
			OperationID string `json:"operationId"`
			Description string
		}
	}
	if err := json.Unmarshal(contract, &document, json.MatchCaseInsensitiveNames(true)); err != nil {
		t.Fatal(err)
	}
	served := map[string]bool{}
	sentence := regexp.MustCompile(`[.](\s|$)`)
	for _, item := range document.Paths {
		for _, op := range item {
			served[op.OperationID] = true
			if n := len(sentence.FindAllString(op.Description, -1)); n < 2 || n > 6 {
				t.Errorf("the description of %s has %d sentences, want 2 to 6", op.OperationID, n)
			}
		}
	}
	return served
}
