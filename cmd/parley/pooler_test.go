package main

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"parley/internal/means"
)

// TestServersBehindPgBouncer runs two servers on one database by a PgBouncer that has fewer sessions than the servers take.
func TestServersBehindPgBouncer(t *testing.T) {
	t.Parallel()
	at := means.PgBouncer(t, means.Postgres(t), 3)
	compile(t)
	env := []string{"PARLEY_DATABASE=" + at, "PARLEY_DATABASE_CONNECTIONS=6", "PARLEY_DATA=" + t.TempDir()} // they keep files in one place
	first := start(t, env)
	second := start(t, env)
	const clients = 8
	var all sync.WaitGroup
	var mu sync.Mutex
	statuses := map[int]int{}
	for n := range clients {
		s := []*server{first, second}[n%2]
		all.Go(func() {
			for i := range 6 {
				// Every second one is taken already.
				body := fmt.Sprintf(`{"role": "user", "external_id": "%d-%d"}`, n, i/2)
				status, _, err := s.do("POST", "/contacts", first.token, body)
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				statuses[status]++
				mu.Unlock()
			}
		})
	}
	all.Wait()
	if statuses[200] != clients*3 || statuses[409] != clients*3 {
		t.Errorf("statuses %v, want %d times 200 and as often 409", statuses, clients*3)
	}
	list := second.ask("GET", "/contacts?per_page=1", first.token, "")
	if want := fmt.Sprintf(`"total_count":%d`, clients*3); !strings.Contains(list, want) {
		t.Errorf("the list does not have %s: %s", want, list)
	}
	first.stop()
	second.stop()
}
