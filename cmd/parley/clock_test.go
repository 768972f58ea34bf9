package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestClock moves the clock of a workspace beside a server.
func TestClock(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	s := start(t, []string{"PARLEY_DEV_TOKEN=rules"}, "--data", data, "--dev")
	made := s.ask("POST", "/_parley/workspaces", "rules", `{"id":"clocked1","token":"mine","now":1800000000,"frozen":true}`)
	if !strings.Contains(made, `"clocked1"`) {
		t.Fatal(made)
	}
	told := make(chan string, 10)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { told <- r.Header.Get("X-Hub-Signature") }))
	t.Cleanup(receiver.Close)
	s.ask("POST", "/_parley/webhooks", "mine", `{"url":"`+receiver.URL+`","topics":["conversation.admin.unsnoozed"]}`)
	s.ask("POST", "/contacts", "mine", `{"email":"a@b.test"}`)
	var talk struct {
		ID string `json:"conversation_id"`
	}
	if err := json.Unmarshal([]byte(s.ask("POST", "/conversations", "mine", `{"from":{"type":"user","email":"a@b.test"},"body":"Hello"}`)), &talk); err != nil {
		t.Fatal(err)
	}
	s.ask("POST", "/conversations/"+talk.ID+"/parts", "mine", `{"message_type":"snoozed","admin_id":"1","snoozed_until":1800180000}`)
	for _, c := range []struct {
		name string
		args []string
		want string // what it prints, or with what it is refused
		ok   bool
	}{
		{"as it was made", []string{"show"}, "2027-01-15 08:00:00  yes     2027-01-17 10:00:00", true},
		{"two days", []string{"advance", "2d"}, "2027-01-17 08:00:00  yes     2027-01-17 10:00:00", true},
		{"beyond the snooze", []string{"advance", "1h90m"}, "2027-01-17 10:30:00  yes", true},
		{"to a date", []string{"set", "2027-02-01"}, "2027-02-01 00:00:00  yes", true},
		{"to a time", []string{"set", "2027-02-01T10:00:00+02:00"}, "2027-02-01 08:00:00  yes", true},
		{"to a number", []string{"set", "1801555200"}, "2027-02-02 08:00:00  yes", true},
		{"it stands already", []string{"freeze"}, "2027-02-02 08:00:00  yes", true},
		{"back", []string{"set", "2027-01-01"}, "parley: The clock of a workspace cannot be set back: what has happened in it would be in the future", false},
		{"no time", []string{"set", "tomorrow"}, `parley: "tomorrow" is no time: say 2027-01-15T08:00:00Z, 2027-01-15 or 1800000000`, false},
		{"no duration", []string{"advance", "soon"}, `parley: "soon" is no duration: say 3d, 2h, 90m or 1d12h`, false},
		{"nothing", []string{"advance", ""}, `parley: "" is no duration: say 3d, 2h, 90m or 1d12h`, false},
		{"too far", []string{"advance", "99999d"}, "parley: A clock shows times from 1 to 4294967295, in Unix seconds", false},
		{"the machine's", []string{"release"}, "parley: The clock of a workspace cannot be set back: what has happened in it would be in the future", false},
	} {
		stdout, stderr, code := run(t, nil, append([]string{"clock", "--data", data, "--workspace", "clocked1"}, c.args...)...)
		_, line, _ := strings.Cut(stdout, "NOW                  FROZEN  NEXT DUE\n")
		if got := strings.TrimSpace(line + stderr); got != c.want || (code == 0) != c.ok {
			t.Errorf("%s: exit code %d, %q, want %q", c.name, code, stdout+stderr, c.want)
		}
	}
	if len(told) != 1 || <-told == "" {
		t.Errorf("the webhook was told %d times", len(told))
	}
	// Faults act on what the command sends, as on what the server does.
	s.ask("POST", "/_parley/workspaces/clocked1/faults", "rules", `{"deliveries":"lose"}`)
	s.ask("POST", "/conversations/"+talk.ID+"/parts", "mine", `{"message_type":"snoozed","admin_id":"1","snoozed_until":1801558800}`)
	if _, stderr, code := run(t, nil, "clock", "advance", "1d", "--data", data, "--workspace", "clocked1"); code != 0 {
		t.Errorf("exit code %d, %s", code, stderr)
	}
	if len(told) != 0 {
		t.Error("the webhook was told what a fault should have lost")
	}
	if now := s.ask("GET", "/conversations/"+talk.ID, "mine", ""); !strings.Contains(now, `"state":"open"`) {
		t.Errorf("the conversation is %s", now)
	}
	if _, stderr, code := run(t, nil, "clock", "show", "--data", data, "--workspace", "nobody00"); code == 0 ||
		!strings.Contains(stderr, `there is no workspace "nobody00"`) {
		t.Errorf("exit code %d, %s", code, stderr)
	}
}
