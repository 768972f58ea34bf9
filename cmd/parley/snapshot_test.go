package main

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestSnapshotsBesideAServer has commands snapshot, restore and reset workspaces of a server that keeps in memory what has changed in them, and
// workspaces that it made ready: it is told of nothing, and goes on with what is so.
func TestSnapshotsBesideAServer(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	const dev = "rules"
	s := start(t, []string{"PARLEY_DEV_TOKEN=" + dev}, "--data", data, "--dev")
	command := func(args ...string) {
		t.Helper()
		if stdout, stderr, code := run(t, nil, append(args, "--data", data)...); code != 0 {
			t.Fatalf("parley %s: exit code %d, %s%s", strings.Join(args, " "), code, stdout, stderr)
		}
	}
	s.ask("POST", "/_parley/workspaces", dev, `{"id":"original","token":"mine","seed":"tags: [seeded]"}`)
	tag := func(name string) { t.Helper(); s.ask("POST", "/tags", "mine", `{"name":"`+name+`"}`) }
	has := func(when, token string, want ...string) {
		t.Helper()
		var tags struct{ Data []struct{ Name string } }
		if err := json.Unmarshal([]byte(s.ask("GET", "/tags", token, "")), &tags); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, tag := range tags.Data {
			got = append(got, tag.Name)
		}
		if strings.Join(got, " ") != strings.Join(want, " ") {
			t.Errorf("%s, there are the tags %q, want %q", when, got, want)
		}
	}
	// A workspace of the snapshot, so that others are made ready.
	copied := func(when string, want ...string) {
		t.Helper()
		var made struct {
			Token string `json:"access_token"`
		}
		text := s.ask("POST", "/_parley/workspaces", dev, `{"snapshot":{"workspace_id":"original","name":"a"}}`)
		if err := json.Unmarshal([]byte(text), &made); err != nil {
			t.Fatal(err)
		}
		has(when, made.Token, want...)
	}
	tag("one")
	command("snapshot", "create", "a", "--workspace", "original")
	copied("of the first snapshot", "seeded", "one")
	tag("two")
	command("snapshot", "create", "a", "--replace", "--workspace", "original")
	copied("of the second snapshot", "seeded", "one", "two")
	s.ask("POST", "/_parley/workspaces/original/reset", dev, "") // the server keeps what changes from here on
	has("reset by the server", "mine", "seeded")
	command("snapshot", "restore", "a", "--workspace", "original")
	has("restored by a command", "mine", "seeded", "one", "two")
	s.ask("POST", "/_parley/workspaces/original/reset", dev, "")
	has("reset by the server again", "mine", "seeded")
	tag("three")
	command("workspace", "reset", "original")
	has("reset by a command", "mine", "seeded")
	command("snapshot", "delete", "a", "--workspace", "original")
	if status, text, err := s.do("POST", "/_parley/workspaces", dev, `{"snapshot":{"workspace_id":"original","name":"a"}}`); err != nil || status != 404 {
		t.Errorf("of a snapshot that is gone: %d %s %v", status, text, err)
	}
	command("workspace", "delete", "original", "--yes")
	if status, _, err := s.do("GET", "/tags", "mine", ""); err != nil || status != 401 {
		t.Errorf("the token of a workspace that is gone: %d %v", status, err)
	}
}
