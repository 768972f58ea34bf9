package main

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
)

// listen opens the live stream after a position, or from now on, and returns its
// lines.
func (s *server) listen(after string) *bufio.Scanner {
	s.t.Helper()
	r, err := http.NewRequest("GET", s.url+"/_parley/events", nil)
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+s.token)
	if after != "" {
		r.Header.Set("Last-Event-ID", after)
	}
	answer, err := client.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { answer.Body.Close() })
	if answer.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(answer.Body)
		s.t.Fatalf("the stream answers %d %s", answer.StatusCode, text)
	}
	return bufio.NewScanner(answer.Body)
}

// TestKillWithAStream kills the server while a client listens. The client goes on at
// the next one: it is told what it missed, what was written meanwhile too, once. An
// end in order ends the stream as an answer ends.
func TestKillWithAStream(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	s := start(t, nil, "--data", data, "--log-level", "error")
	told, position := map[string]int{}, ""
	// hear reads a stream until it has told of so many contacts, or to its end.
	hear := func(lines *bufio.Scanner, until int) {
		for len(told) < until && lines.Scan() {
			line := lines.Text()
			if id, ok := strings.CutPrefix(line, "id: "); ok {
				position = id
			}
			if _, object, ok := strings.Cut(line, `"object":{"type":"contact","id":"`); ok {
				told[object[:24]]++
			}
		}
	}
	made := 0
	write := func(n int) {
		for range n {
			made++
			s.ask("POST", "/contacts", s.token, fmt.Sprintf(`{"external_id":"c%d"}`, made))
		}
	}
	lines := s.listen("")
	write(20)
	hear(lines, 12)
	s.signal(syscall.SIGKILL)
	s.wait()

	token := s.token
	s = start(t, nil, "--data", data, "--log-level", "error")
	s.token = token
	write(5)
	lines = s.listen(position)
	write(5)
	hear(lines, made)
	s.stop()
	hear(lines, made+1)
	if err := lines.Err(); err != nil {
		t.Errorf("a stop ends the stream with %v", err)
	}
	if len(told) != made {
		t.Errorf("%d contacts were told, want %d", len(told), made)
	}
	for id, n := range told {
		if n != 1 {
			t.Errorf("%s was told %d times", id, n)
		}
	}
}
