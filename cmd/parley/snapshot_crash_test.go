package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// TestKillAmidRestores kills the server while a workspace goes back, from one snapshot to another and to what it was made as, while others
// are made of a snapshot, and while somebody writes. Afterwards each workspace is wholly one thing or another.
func TestKillAmidRestores(t *testing.T) {
	t.Parallel()
	const dev, enough = "parley-dev", 40
	data := t.TempDir()
	s := start(t, nil, "--data", data, "--dev", "--log-level", "error")
	var seed strings.Builder
	seed.WriteString("contacts:\n")
	for i := range 60 {
		fmt.Fprintf(&seed, "  - {external_id: %q, name: Somebody}\n", fmt.Sprint(i))
	}
	of := func(answer string) (made struct{ ID, Token string }) {
		t.Helper()
		var w struct {
			ID          string
			AccessToken string `json:"access_token"`
		}
		if err := json.Unmarshal([]byte(answer), &w); err != nil {
			t.Fatal(err)
		}
		made.ID, made.Token = w.ID, w.AccessToken
		return made
	}
	body, _ := json.Marshal(map[string]string{"seed": seed.String()})
	w := of(s.ask("POST", "/_parley/workspaces", dev, string(body)))
	path := "/_parley/workspaces/" + w.ID
	// At "more", there are as many contacts again, each with a note.
	for i := range 60 {
		var c struct{ ID string }
		if err := json.Unmarshal([]byte(s.ask("POST", "/contacts", w.Token, fmt.Sprintf(`{"external_id":"more-%d","name":"More"}`, i))), &c); err != nil {
			t.Fatal(err)
		}
		s.ask("POST", "/contacts/"+c.ID+"/notes", w.Token, `{"body":"More"}`)
	}
	s.ask("POST", path+"/snapshots", dev, `{"name":"more"}`)
	s.ask("POST", path+"/reset", dev, "")
	s.ask("POST", path+"/snapshots", dev, `{"name":"less"}`)

	var confirmed atomic.Int64
	reached := make(chan struct{})
	count := func() {
		if confirmed.Add(1) == enough {
			close(reached)
		}
	}
	var done sync.WaitGroup
	ok := func(method, path, token, body string) (string, bool) {
		status, answer, err := s.do(method, path, token, body)
		return answer, err == nil && status == http.StatusOK
	}
	done.Go(func() {
		for i := 0; ; i++ {
			if _, ok := ok("POST", path+[]string{"/snapshots/more/restore", "/snapshots/less/restore", "/snapshots/more/restore", "/reset"}[i%4], dev, ""); !ok {
				return
			}
			count()
		}
	})
	done.Go(func() {
		for i := 0; ; i++ { // it may come before or after any of these
			if _, ok := ok("POST", "/tags", w.Token, fmt.Sprintf(`{"name":"tag-%d"}`, i)); !ok {
				return
			}
		}
	})
	var copies []struct{ ID, Token string }
	done.Go(func() {
		for {
			answer, ok := ok("POST", "/_parley/workspaces", dev, fmt.Sprintf(`{"name":"copy","snapshot":{"workspace_id":%q,"name":"more"}}`, w.ID))
			if !ok {
				return
			}
			copies = append(copies, of(answer))
			count()
		}
	})
	select {
	case <-reached:
	case <-time.After(patience):
		t.Fatalf("only %d were confirmed", confirmed.Load())
	}
	s.signal(syscall.SIGKILL)
	s.wait()
	done.Wait()

	after := start(t, nil, "--data", data, "--dev", "--log-level", "error")
	whole := func(what string, w struct{ ID, Token string }, sizes ...int) {
		t.Helper()
		var contacts struct {
			Total int `json:"total_count"`
			Data  []struct {
				Name  string
				Notes struct {
					Total int `json:"total_count"`
				}
			}
		}
		body, err := json.Marshal(map[string]any{"query": map[string]any{"field": "created_at", "operator": ">", "value": 0}, "pagination": map[string]any{"per_page": 150}})
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(after.ask("POST", "/contacts/search", w.Token, string(body))), &contacts); err != nil {
			t.Fatal(err)
		}
		more, notes := 0, 0
		for _, c := range contacts.Data {
			if c.Name == "More" {
				more++
				notes += c.Notes.Total
			}
		}
		for _, size := range sizes {
			if contacts.Total == size && len(contacts.Data) == size && more == size-60 && notes == more {
				return
			}
		}
		t.Errorf("%s has %d contacts, %d in the list, %d of them of the larger state, with %d notes", what, contacts.Total, len(contacts.Data), more, notes)
	}
	whole("the workspace", w, 60, 120)
	for _, c := range copies {
		whole("a copy", c, 120)
	}
	var list struct{ Data []struct{ ID string } }
	if err := json.Unmarshal([]byte(after.ask("GET", "/_parley/workspaces?name=copy&per_page=150", dev, "")), &list); err != nil {
		t.Fatal(err)
	}
	if n := len(list.Data) - len(copies); n < 0 || n > 1 {
		t.Errorf("there are %d copies, and %d were confirmed", len(list.Data), len(copies))
	}
	// What it goes back to has outlived the crash.
	for _, back := range []struct {
		path string
		size int
	}{{"/snapshots/more/restore", 120}, {"/reset", 60}} {
		after.ask("POST", path+back.path, dev, "")
		whole(back.path, w, back.size)
	}
}
