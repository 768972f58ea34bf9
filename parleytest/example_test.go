package parleytest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"parley/parleytest"
)

// A script is a test that is none, so that the examples can run. A test gives its *testing.T.
type script struct{ cleanups []func() }

func (s *script) Cleanup(f func())                  { s.cleanups = append(s.cleanups, f) }
func (s *script) Errorf(format string, args ...any) { fmt.Printf(format+"\n", args...) }
func (s *script) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }
func (s *script) Helper()                           {}
func (s *script) Name() string                      { return "example" }

func (s *script) end() {
	for i := len(s.cleanups) - 1; i >= 0; i-- {
		s.cleanups[i]()
	}
}

// signUp is code under test: it knows nothing of Parley.
func signUp(client *http.Client, token, email string) (status int, err error) {
	body, err := json.Marshal(map[string]string{"role": "user", "email": email})
	if err != nil {
		return 0, err
	}
	r, err := http.NewRequest(http.MethodPost, "https://api.intercom.io/contacts", bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", "application/json")
	answer, err := client.Do(r)
	if err != nil {
		return 0, err
	}
	return answer.StatusCode, answer.Body.Close()
}

func Example() {
	t := &script{} // in a test, its *testing.T, and no end
	defer t.end()

	p := parleytest.Start(t)
	for range 2 {
		fmt.Println(signUp(p.Client(), p.Token, "rosa@example.test"))
	}
	p.AssertRequests(parleytest.RequestFilter{Operation: "createContact", Body: []string{"/email=rosa@example.test"}}, 2)
	// Output:
	// 200 <nil>
	// 409 <nil>
}

func ExampleParley_Fault() {
	t := &script{}
	defer t.end()

	p := parleytest.Start(t)
	p.Fault(parleytest.Fault{Operation: "createContact", RateLimit: true, Times: 1})
	for range 2 {
		fmt.Println(signUp(p.Client(), p.Token, "rosa@example.test"))
	}
	// Output:
	// 429 <nil>
	// 200 <nil>
}

func ExampleParley_Advance() {
	t := &script{}
	defer t.end()

	p := parleytest.StartWith(t, parleytest.Options{Now: time.Date(2027, 1, 15, 8, 0, 0, 0, time.UTC), Frozen: true})
	var talk struct {
		ID    string `json:"conversation_id"`
		State string `json:"state"`
	}
	p.Call("POST", "/contacts", map[string]string{"email": "rosa@example.test"}, nil)
	p.Call("POST", "/conversations", map[string]any{"from": map[string]string{"type": "user", "email": "rosa@example.test"}, "body": "Hello"}, &talk)
	p.Call("POST", "/conversations/"+talk.ID+"/parts",
		map[string]any{"message_type": "snoozed", "admin_id": "1", "snoozed_until": p.Now().Add(48 * time.Hour).Unix()}, &talk)
	fmt.Println(talk.State)
	p.Advance(49 * time.Hour)
	p.Call("GET", "/conversations/"+talk.ID, nil, &talk)
	fmt.Println(talk.State, p.Now().Format(time.DateTime))
	// Output:
	// snoozed
	// open 2027-01-17 09:00:00
}

func ExampleParley_Webhook() {
	t := &script{}
	defer t.end()

	p := parleytest.Start(t)
	// The handler is of the code under test, which verifies what it is told by p.ClientSecret.
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusAccepted) })
	hook := p.Webhook("/intercom", handler, "contact.user.created")
	if _, err := signUp(p.Client(), p.Token, "rosa@example.test"); err != nil {
		fmt.Println(err)
	}
	told := hook.Next()
	fmt.Println(told.Topic, told.Status)
	// Output: contact.user.created 202
}

func ExampleParley_Diff() {
	t := &script{}
	defer t.end()

	p := parleytest.StartWith(t, parleytest.Options{Seed: "contacts: [{email: joe@example.test}]"})
	before := p.Snapshot("before")
	if _, err := signUp(p.Client(), p.Token, "rosa@example.test"); err != nil {
		fmt.Println(err)
	}
	for _, c := range p.Diff(before) {
		fmt.Println(c.Kind, c.Type, c.Fields["email"].After)
	}
	p.Restore(before)
	fmt.Println(len(p.Diff(before)))
	// Output:
	// created contact rosa@example.test
	// 0
}
