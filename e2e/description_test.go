package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"

	"parley/internal/contract"
	"parley/internal/means"
)

// TestPublishedExamples sends each example of the published description to a
// demo workspace and expects the status that the description has for it. The ids
// in examples are of objects that only their author had: each is given one that
// fits the example's name.
func TestPublishedExamples(t *testing.T) {
	t.Parallel()
	judge, err := contract.Load(means.PublishedDescription(t), contract.Description())
	if err != nil {
		t.Fatal(err)
	}
	onEach(t, func(t *testing.T, url string) {
		kept := replayExamples(t, judge, url)
		if !t.Failed() {
			holdPage(t, judge, url, kept)
		}
	})
}

// replayExamples returns how many examples of each operation are answered as the
// description has them.
func replayExamples(t *testing.T, judge *contract.Judge, url string) (kept map[string]int) {
	kept = map[string]int{}
	w := &world{url: url}
	w.prepare(t)
	examples := maps.Clone(examples)
	maps.Copy(examples, conversationExamples)
	maps.Copy(examples, contentExamples)
	used := map[string]bool{}
	for _, op := range judge.Operations() {
		for _, example := range op.Examples {
			if example.Name == "api_plan_restricted" {
				continue // there are no plans here
			}
			name := op.Method + " " + op.Path + " " + example.Name
			if notReplayed[name] != "" {
				continue
			}
			passed := t.Run(name, func(t *testing.T) {
				arrange, ok := examples[name]
				if !ok && example.Name != "unauthorized" {
					t.Fatal("nobody has said what the ids of this example stand for")
				}
				used[name] = ok
				path, body := op.Path, example.Request
				if ok {
					path, body = arrange(t, w, example.Request)
				}
				w.replay(t, judge, op.Method, path, body, example)
			})
			if passed {
				kept[op.Method+" "+op.Path]++
			}
		}
	}
	for name := range examples {
		if !used[name] {
			t.Errorf("the description has no example %q", name)
		}
	}
	if n := len(judge.Operations()); n != 108 {
		t.Errorf("the description has %d operations, want 108", n)
	}
	return kept
}

// A world is a started demo workspace and what the examples need in it.
type world struct {
	url      string
	admin    string
	team     string
	segment  string
	live     string // a subscription type that contacts opt in to
	inUse    string // a tag that a segment asks for
	export   string // the one export
	required int    // a data attribute that a segment asks for
	mu       sync.Mutex
	made     int
}

// prepare finds out what the demo workspace has.
func (w *world) prepare(t *testing.T) {
	w.admin = w.text(t, w.get(t, "/admins"), "admins", 0, "id")
	w.team = w.text(t, w.get(t, "/teams"), "teams", 0, "id")
	w.segment = w.text(t, w.get(t, "/segments"), "segments", 0, "id")
	types := w.get(t, "/subscription_types")
	for i := range types["data"].([]any) {
		if w.text(t, types, "data", i, "consent_type") == "opt_in" {
			w.live = w.text(t, types, "data", i, "id")
		}
	}
	// What a segment depends on shows when it cannot go.
	for _, tag := range w.get(t, "/tags")["data"].([]any) {
		id := tag.(map[string]any)["id"].(string)
		if status, _ := w.send(t, "DELETE", "/tags/"+id, nil, token); status == http.StatusBadRequest {
			w.inUse = id
			break
		}
	}
	for _, attribute := range w.get(t, "/data_attributes")["data"].([]any) {
		id, custom := attribute.(map[string]any)["id"].(float64)
		if !custom {
			continue
		}
		path := fmt.Sprintf("/data_attributes/%d", int(id))
		if status, _ := w.send(t, "PUT", path, []byte(`{"archived":true}`), token); status == http.StatusUnprocessableEntity {
			w.required = int(id)
			break
		}
		w.must(t, "PUT", path, map[string]any{"archived": false})
	}
	if w.live == "" || w.inUse == "" || w.required == 0 {
		t.Fatalf("the demo workspace lacks an opt-in type, or a tag or attribute that a segment asks for: %+v", w)
	}
}

// replay sends an example and compares the answer with the description's.
func (w *world) replay(t *testing.T, judge *contract.Judge, method, path string, body []byte, example contract.Example) {
	bearer := token
	if example.Name == "unauthorized" {
		bearer = "of nobody"
	}
	status, answer := w.send(t, method, path, body, bearer)
	if status != example.Status {
		t.Fatalf("%s %s %s answered %d, want %d: %s", method, path, body, status, example.Status, answer)
	}
	plain, _, _ := strings.Cut(path, "?")
	kind := "application/json"
	if violations := judge.Response(method, plain, status, kind, answer); len(violations) > 0 {
		t.Errorf("not as described: %v\n%.2000s", violations, answer)
	}
	if status < 400 || len(example.Response) == 0 {
		return
	}
	got, want := failure(t, answer), failure(t, example.Response)
	if got != want && want != "some_error: " { // which stands for a word that nobody has told
		t.Errorf("%s %s failed with %q, want %q", method, path, got, want)
	}
}

// failure is the code and the message of an error list, or of the one operation
// that has another form.
func failure(t *testing.T, body []byte) string {
	var list struct {
		Errors   []struct{ Code, Message string }
		ErrorKey string `json:"error_key"`
		Message  string
	}
	err := json.Unmarshal(body, &list)
	if list.ErrorKey != "" {
		return list.ErrorKey + ": " + list.Message
	}
	if err != nil || len(list.Errors) != 1 {
		t.Fatalf("not a list of one error: %s", body)
	}
	message, _, _ := strings.Cut(list.Errors[0].Message, " Segments: ") // whose names are the workspace's own
	return list.Errors[0].Code + ": " + message
}

func (w *world) send(t *testing.T, method, path string, body []byte, bearer string) (int, []byte) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, w.url+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+bearer)
	r.Header.Set("Intercom-Version", "2.9")
	if len(body) > 0 {
		r.Header.Set("Content-Type", "application/json")
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, answer
}

// must sends a request that arranges something and has to succeed.
func (w *world) must(t *testing.T, method, path string, body any) map[string]any {
	t.Helper()
	var raw []byte
	if body != nil {
		var err error
		if raw, err = json.Marshal(body); err != nil {
			t.Fatal(err)
		}
	}
	status, answer := w.send(t, method, path, raw, token)
	if status >= 300 {
		t.Fatalf("%s %s answered %d: %s", method, path, status, answer)
	}
	var object map[string]any
	if len(answer) > 0 {
		if err := json.Unmarshal(answer, &object); err != nil {
			t.Fatal(err)
		}
	}
	return object
}

func (w *world) get(t *testing.T, path string) map[string]any {
	t.Helper()
	return w.must(t, "GET", path, nil)
}

// text reads a string out of a list of objects.
func (w *world) text(t *testing.T, object map[string]any, list string, i int, key string) string {
	t.Helper()
	members, _ := object[list].([]any)
	if i >= len(members) {
		t.Fatalf("no %s in %v", list, object)
	}
	s, _ := members[i].(map[string]any)[key].(string)
	return s
}

// unique is a text that no object has yet.
func (w *world) unique() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.made++
	return fmt.Sprintf("published-example-%d", w.made)
}
