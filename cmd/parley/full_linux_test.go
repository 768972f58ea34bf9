package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"parley/internal/means"
)

// TestFullDisk has a server whose files cannot grow any more, and then can again. It goes on reading, refuses what it
// would have to write, has done nothing of that, and needs nobody to recover.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		// begin starts a server, and returns what takes its room away and what gives it back.
		begin func(t *testing.T) (s *server, fill, empty func())
	}{
		{"a limit of files", func(t *testing.T) (*server, func(), func()) {
			s := start(t, nil, "--data", t.TempDir(), "--log-level", "warn")
			return s, func() { limitFiles(t, s.cmd.Process.Pid, 1) }, func() { limitFiles(t, s.cmd.Process.Pid, ^uint64(0)) }
		}},
		{"a disk", func(t *testing.T) (*server, func(), func()) {
			means.NeedRoot(t)
			dir := t.TempDir()
			if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=16m"); err != nil {
				means.Missing(t, means.Root, "root cannot mount here: "+err.Error())
			}
			t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
			ballast := filepath.Join(dir, "ballast")
			s := start(t, nil, "--data", filepath.Join(dir, "data"), "--log-level", "warn")
			return s, func() { fillDisk(t, ballast) }, func() {
				if err := os.Remove(ballast); err != nil {
					t.Fatal(err)
				}
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, fill, empty := c.begin(t)
			checkFull(t, s, fill, empty)
		})
	}
}

// checkFull takes the room of a server away and gives it back, twice.
func checkFull(t *testing.T, s *server, fill, empty func()) {
	kept := []string{} // external ids that were confirmed
	write := func(key string) (int, string, http.Header) {
		t.Helper()
		r, _ := http.NewRequest("POST", s.url+"/contacts", strings.NewReader(fmt.Sprintf(`{"external_id":%q,"name":%q}`, key, strings.Repeat("x", 200))))
		r.Header = http.Header{"Authorization": {"Bearer " + s.token}, "Content-Type": {"application/json"}}
		answer, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		body := make([]byte, 4096)
		n, _ := answer.Body.Read(body)
		if answer.StatusCode == http.StatusOK {
			kept = append(kept, key)
		}
		return answer.StatusCode, string(body[:n]), answer.Header
	}
	for round := range 2 {
		if status, body, _ := write(fmt.Sprintf("before-%d", round)); status != http.StatusOK {
			t.Fatalf("with room, a write is answered %d: %s", status, body)
		}
		fill()
		// What is free within the log is used up first.
		refused, last := 0, ""
		for i := 0; refused < 20; i++ {
			status, body, header := write(fmt.Sprintf("full-%d-%d", round, i))
			switch {
			case status == http.StatusServiceUnavailable && strings.Contains(body, `"service_unavailable"`) && header.Get("Retry-After") != "":
				refused, last = refused+1, fmt.Sprintf("full-%d-%d", round, i)
			case status != http.StatusOK || i > 20_000:
				t.Fatalf("without room, write %d is answered %d: %s", i, status, body)
			}
		}
		if text := s.ask("GET", "/readyz", "", ""); !strings.Contains(text, "nothing can be written") {
			t.Errorf("/readyz says %q", text)
		}
		if text := s.ask("GET", "/metrics", "", ""); !strings.Contains(text, "\nparley_database_unwritable 1\n") {
			t.Error("the metrics do not tell that nothing can be written")
		}
		if found := s.count(t, last); found != 0 {
			t.Errorf("%d contacts have the key of one that was refused", found)
		}
		empty()
		if text := s.ask("GET", "/readyz", "", ""); text != "ok\n" {
			t.Errorf("with room again, /readyz says %q", text)
		}
		if status, body, _ := write(fmt.Sprintf("after-%d", round)); status != http.StatusOK {
			t.Errorf("with room again, a write is answered %d: %s", status, body)
		}
	}
	for _, key := range []string{kept[0], kept[len(kept)/2], kept[len(kept)-1]} {
		if found := s.count(t, key); found != 1 {
			t.Errorf("%d contacts have the key %s, which was confirmed", found, key)
		}
	}
	var all struct {
		Total int `json:"total_count"`
	}
	s.read(t, "/contacts?per_page=1", &all)
	if all.Total != len(kept) {
		t.Errorf("there are %d contacts, and %d were confirmed", all.Total, len(kept))
	}
	s.signal(syscall.SIGTERM)
	s.wait()
	if n := strings.Count(s.stderr.String(), "level=ERROR"); n != 2 {
		t.Errorf("the log says %d times that nothing can be written, want once for each time\n%s", n, s.stderr.String())
	}
	if n := strings.Count(s.stderr.String(), "level=WARN"); n > 0 {
		t.Errorf("the log has %d more lines\n%s", n, s.stderr.String())
	}
}

// TestFailingDisk has a server whose disk takes what is written and does not keep it, as fsync tells, wherever it has not
// been written to before. The server says of a change that it does not know, or refuses it, and goes on reading. When the
// disk is well again it writes without anybody's help, also where it was killed meanwhile, and where the machine goes on and
// has what was not kept in memory: what was confirmed, before, amid and after that, is on the disk, and what was refused is nowhere.
func TestFailingDisk(t *testing.T) {
	t.Parallel()
	const failures = 6 // in each round
	disk := means.NewFailingDisk(t)
	data, token := filepath.Join(disk.Dir, "data"), ""
	begin := func() *server {
		t.Helper()
		s := start(t, nil, "--data", data, "--log-level", "warn")
		if token == "" {
			token = s.token
		}
		s.token = token // which the first start alone tells
		return s
	}
	s := begin()
	change := func(path, body string) int {
		t.Helper()
		status, text, err := s.do("POST", path, s.token, body)
		uncertain := status == http.StatusInternalServerError && strings.Contains(text, "did not say which")
		if err != nil || status != http.StatusOK && status != http.StatusServiceUnavailable && !uncertain {
			t.Fatalf("a change is answered %d: %s (%v)", status, text, err)
		}
		return status
	}
	keys := map[int][]string{} // of contacts, by how they were answered
	write := func(key string) int {
		t.Helper()
		status := change("/contacts", fmt.Sprintf(`{"external_id":%q}`, key))
		keys[status] = append(keys[status], key)
		return status
	}
	for round, c := range []struct {
		room              int // pages that the disk takes before it fails: where it is some, changes are confirmed amid it, and the file cannot take them
		killed, remounted bool
	}{{}, {room: 150}, {room: 150, killed: true}, {killed: true, remounted: true}, {room: 150, killed: true, remounted: true}} {
		if status := write(fmt.Sprintf("before-%d", round)); status != http.StatusOK {
			t.Fatalf("a change on a disk that is well is answered %d", status)
		}
		disk.Fill(c.room)
		for i, failed := 0, 0; failed < failures; i++ {
			if i == 500 {
				t.Fatal("the disk does not fail")
			}
			// The longer the log, the more of it is where nothing was before.
			for _, status := range []int{write(fmt.Sprintf("amid-%d-%d", round, i)),
				change("/conversations", `{"from":{"type":"user","user_id":"before-0"},"body":"`+strings.Repeat("x", 90_000)+`"}`)} {
				if status != http.StatusOK {
					failed++
				}
			}
			s.ask("GET", "/readyz", "", "")
			if n := s.count(t, "before-0"); n != 1 {
				t.Fatalf("amid it, %d contacts have the key of one that was confirmed", n)
			}
		}
		if c.killed {
			s.signal(syscall.SIGKILL)
			s.wait()
		}
		disk.Empty()
		if c.remounted {
			disk.Remount()
		}
		if c.killed {
			s = begin()
		}
		if text := s.ask("GET", "/readyz", "", ""); text != "ok\n" {
			t.Errorf("with a disk that is well again, /readyz says %q", text)
		}
		if status := write(fmt.Sprintf("after-%d", round)); status != http.StatusOK {
			t.Errorf("with a disk that is well again, a change is answered %d", status)
		}
	}
	s.stop()
	disk.Remount()
	s = begin()
	for status, most := range map[int]int{http.StatusOK: 1, http.StatusServiceUnavailable: 0, http.StatusInternalServerError: 1} {
		there := 0
		for _, key := range keys[status] {
			n := s.count(t, key)
			if there += n; n > most || n == 0 && status == http.StatusOK {
				t.Errorf("%d contacts have the key %s, which was answered %d", n, key, status)
			}
		}
		t.Logf("%d new contacts were answered %d, of which %d are there", len(keys[status]), status, there)
	}
	s.stop()
	if said, _, code := run(t, nil, "doctor", "--full", "--data", data); code != 0 {
		t.Errorf("the doctor says\n%s", said)
	}
}

// count is how many contacts have an external id.
func (s *server) count(t *testing.T, key string) int {
	t.Helper()
	status, body, err := s.do("POST", "/contacts/search", s.token, fmt.Sprintf(`{"query":{"field":"external_id","operator":"=","value":%q}}`, key))
	if err != nil || status != http.StatusOK {
		t.Fatalf("a search is answered %d: %s (%v)", status, body, err)
	}
	return strings.Count(body, fmt.Sprintf(`"external_id":%q`, key))
}

// limitFiles has no file of a process grow beyond so many bytes.
func limitFiles(t *testing.T, pid int, most uint64) {
	t.Helper()
	const sizeOfFiles = syscall.RLIMIT_FSIZE
	var old syscall.Rlimit
	limit := func(to *syscall.Rlimit) {
		t.Helper()
		if _, _, failed := syscall.Syscall6(syscall.SYS_PRLIMIT64, uintptr(pid), sizeOfFiles, uintptr(unsafe.Pointer(to)), uintptr(unsafe.Pointer(&old)), 0, 0); failed != 0 {
			t.Fatalf("limiting files: %v", failed)
		}
	}
	limit(nil)
	limit(&syscall.Rlimit{Cur: min(most, old.Max), Max: old.Max})
}

// fillDisk writes a file until there is no room for more.
func fillDisk(t *testing.T, path string) {
	t.Helper()
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	block := make([]byte, 4096)
	for end := time.Now().Add(patience); time.Now().Before(end); {
		if _, err := file.Write(block); err != nil {
			return
		}
	}
	t.Fatal("the disk does not fill")
}
