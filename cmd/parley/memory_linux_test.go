package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

// shown are lists that a test of an integration asks for.
var shown = []string{"/contacts?per_page=50", "/companies?per_page=50", "/conversations?per_page=50", "/articles?per_page=50", "/tags", "/segments",
	"/admins", "/teams", "/data_attributes", "/help_center/collections", "/contacts/search", "/conversations/search"}

// BenchmarkWorkspacesMemory starts a server of tests, makes 100 workspaces of the example company, and has each asked for its lists and
// brought back. It measures what the server takes of memory in between, 10 seconds after the last request, when spares are made and what nobody uses is
// given back: in all, and of that what is read of the program's file, which all its processes share.
func BenchmarkWorkspacesMemory(b *testing.B) {
	const dev = "rules"
	for b.Loop() {
		s := follow(b, invokeFor(b, 10*patience, []string{"PARLEY_DEV=true", "PARLEY_DEV_TOKEN=" + dev},
			"serve", "--addr", "127.0.0.1:0", "--data", b.TempDir(), "--log-level", "error"))
		report := func(when string) {
			time.Sleep(10 * time.Second)
			b.ReportMetric(s.memory(b, "VmRSS")/1e6, "MB-"+when)
			b.ReportMetric(s.memory(b, "RssFile")/1e6, "MB-of-file-"+when)
		}
		report("started")
		var tokens, ids []string
		for i := range 100 {
			var made struct {
				ID    string
				Token string `json:"access_token"`
			}
			token := fmt.Sprint("token", i)
			text := s.ask("POST", "/_parley/workspaces", dev, fmt.Sprintf(`{"seed":"demo","token":%q}`, token))
			if err := json.Unmarshal([]byte(text), &made); err != nil {
				b.Fatal(err)
			}
			tokens, ids = append(tokens, token), append(ids, made.ID)
		}
		report("made")
		for i, id := range ids {
			for _, path := range shown {
				if strings.HasSuffix(path, "/search") {
					s.ask("POST", path, tokens[i], `{"query":{"field":"created_at","operator":">","value":1},"pagination":{"per_page":50}}`)
				} else {
					s.ask("GET", path, tokens[i], "")
				}
			}
			s.ask("POST", "/_parley/workspaces/"+id+"/reset", dev, "")
		}
		report("listed")
		s.stop()
	}
}

// memory is a line of what the system tells of the server's memory, in bytes.
func (s *server) memory(t testing.TB, line string) float64 {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), line+":")
	kB, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
	if err != nil {
		t.Fatal(err)
	}
	return kB * 1024
}
