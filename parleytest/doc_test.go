package parleytest_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"parley/parleytest"
)

func TestSignUp(t *testing.T) {
	p := parleytest.Start(t)
	app := NewApp(p.Client(), p.Token) // your code
	app.SignUp("rosa@example.test")
	p.AssertRequests(parleytest.RequestFilter{Operation: "createContact", Body: []string{"/email=rosa@example.test"}}, 1)
}

func TestSupport(t *testing.T) {
	p := parleytest.StartWith(t, parleytest.Options{Seed: "contacts: [{email: rosa@example.test}]", IDs: "42", Frozen: true})
	app := NewApp(p.Client(), p.Token)
	hook := p.Webhook("/intercom", app, "conversation.admin.unsnoozed") // signed with p.ClientSecret()
	p.Fault(parleytest.Fault{Operation: "createConversation", RateLimit: true, Times: 2})
	id := app.Ask("rosa@example.test", "Where is my invoice?")
	p.Call("POST", "/conversations/"+id+"/parts", // a teammate puts it off
		map[string]any{"message_type": "snoozed", "admin_id": "1", "snoozed_until": p.Now().Add(48 * time.Hour).Unix()}, nil)
	p.Advance(3 * 24 * time.Hour) // what falls due has happened when it returns
	if len(hook.Deliveries()) != 1 {
		t.Error("nobody told the application that it is put off no more")
	}
}

// TestDocument holds that the tests above are those of docs/testing.md, so that what stands there runs.
func TestDocument(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/testing.md")
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile("doc_test.go")
	if err != nil {
		t.Fatal(err)
	}
	_, block, _ := strings.Cut(string(page), "```go\n")
	block, _, ok := strings.Cut(block, "```\n")
	if !ok || !bytes.Contains(source, []byte(block)) {
		t.Errorf("docs/testing.md has\n%s", block)
	}
}

// An application is the code under test of the document.
type application struct {
	client *http.Client
	token  string
}

// NewApp makes one.
func NewApp(client *http.Client, token string) *application { return &application{client, token} }

// SignUp makes a contact.
func (a *application) SignUp(email string) {
	a.send("/contacts", object{"role": "user", "email": email}, nil)
}

// Ask begins a conversation, however often it takes, and returns its id.
func (a *application) Ask(email, text string) string {
	var answer struct {
		ID string `json:"conversation_id"`
	}
	for range 5 {
		if a.send("/conversations", object{"from": object{"type": "user", "email": email}, "body": text}, &answer) {
			break
		}
	}
	return answer.ID
}

func (a *application) ServeHTTP(http.ResponseWriter, *http.Request) {}

func (a *application) send(path string, in, out any) bool {
	body, err := json.Marshal(in)
	if err != nil {
		return false
	}
	r, err := http.NewRequest(http.MethodPost, "https://api.intercom.io"+path, bytes.NewReader(body))
	if err != nil {
		return false
	}
	r.Header.Set("Authorization", "Bearer "+a.token)
	r.Header.Set("Content-Type", "application/json")
	answer, err := a.client.Do(r)
	if err != nil {
		return false
	}
	defer answer.Body.Close()
	return answer.StatusCode == http.StatusOK && (out == nil || json.NewDecoder(answer.Body).Decode(out) == nil)
}
