package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"parley/internal/means"
)

const balancerFile = "../../deploy/compose/haproxy.cfg"

// balance starts HAProxy before the servers, with the configuration of the compose
// file but for the addresses, and returns its URL.
func balance(t *testing.T, servers ...*server) string {
	t.Helper()
	haproxy := means.HAProxy(t)
	if out, err := exec.Command(haproxy, "-c", "-f", balancerFile).CombinedOutput(); err != nil || bytes.Contains(out, []byte("WARNING")) {
		t.Fatalf("HAProxy refuses its configuration: %v\n%s", err, out)
	}
	text, err := os.ReadFile(balancerFile)
	if err != nil {
		t.Fatal(err)
	}
	frontend, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer frontend.Close()
	socket, err := frontend.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	config := strings.Replace(string(text), "bind :8080", "bind fd@3", 1)
	config = strings.Replace(config, "bind :8404", "bind unix@"+filepath.Join(t.TempDir(), "metrics"), 1)
	config = strings.Replace(config, " resolvers docker init-addr none", "", 1)
	line := regexp.MustCompile(`(?m)^\tserver (\S+) .*\n`)
	named := line.FindAllStringSubmatch(config, -1)
	config = line.ReplaceAllString(config, "")
	for i, s := range servers {
		config = strings.Replace(config, "\nfrontend metrics", "\tserver "+named[i][1]+" "+strings.TrimPrefix(s.url, "http://")+"\n\nfrontend metrics", 1)
	}
	file := filepath.Join(t.TempDir(), "haproxy.cfg")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	cmd := exec.CommandContext(t.Context(), haproxy, "-db", "-f", file)
	cmd.ExtraFiles = []*os.File{socket}
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
		if t.Failed() {
			t.Logf("HAProxy said:\n%s", said.String())
		}
	})
	return "http://" + frontend.Addr().String()
}

// A load asks through the balancer, until it is stopped, for what changes something.
type load struct {
	answered, failed atomic.Int64
	first            atomic.Value // failure
	stop             func()
	over             sync.WaitGroup
}

func startLoad(t *testing.T, url, token string) *load {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	l := &load{stop: cancel}
	// As clients do, they keep their connections.
	c := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 4}, Timeout: patience}
	for i := range 4 {
		l.over.Go(func() {
			pace := time.NewTicker(25 * time.Millisecond)
			defer pace.Stop()
			for n := 0; ctx.Err() == nil; n++ {
				body := fmt.Sprintf(`{"email":"joe-%d-%d@a.test"}`, i, n)
				r, _ := http.NewRequest("POST", url+"/contacts", strings.NewReader(body))
				r.Header = http.Header{"Authorization": {"Bearer " + token}, "Content-Type": {"application/json"}}
				answer, err := c.Do(r)
				if err == nil {
					answer.Body.Close()
					if answer.StatusCode != http.StatusOK {
						err = fmt.Errorf("a status of %d", answer.StatusCode)
					}
				}
				if err != nil {
					l.failed.Add(1)
					l.first.CompareAndSwap(nil, err.Error())
				} else {
					l.answered.Add(1)
				}
				<-pace.C
			}
		})
	}
	return l
}

// more waits until so many more requests have been answered.
func (l *load) more(t *testing.T, n int64) {
	t.Helper()
	wanted := l.answered.Load() + n
	pace := time.NewTicker(20 * time.Millisecond)
	defer pace.Stop()
	for deadline := time.Now().Add(patience); l.answered.Load() < wanted; <-pace.C {
		if time.Now().After(deadline) || l.failed.Load() > 0 {
			t.Fatalf("%d answered, %d failed: %v", l.answered.Load(), l.failed.Load(), l.first.Load())
		}
	}
}

// TestUpgradeBehindBalancer stops one of two servers, kills what is left of it, and
// starts it anew, while clients write: none of their requests fails. No other test runs
// beside it: streams wait for the transactions of all databases of a PostgreSQL server, and a
// seed of another test is one of half a minute on a slow machine.
func TestUpgradeBehindBalancer(t *testing.T) {
	env := []string{"PARLEY_DATABASE=" + means.Postgres(t), "PARLEY_DATA=" + t.TempDir()} // they keep files in one place
	means.HAProxy(t)
	one := start(t, env, "--drain-delay", "5s")
	two := start(t, env, "--drain-delay", "5s")
	url := balance(t, one, two)
	l := startLoad(t, url, one.token)
	defer l.over.Wait()
	defer l.stop()
	l.more(t, 50)

	// A stream tells at once what happens, though an answer that never ends is one that a balancer could hold back.
	stream, err := http.NewRequestWithContext(t.Context(), "GET", url+"/_parley/events?topics=contact.user.created", nil)
	if err != nil {
		t.Fatal(err)
	}
	stream.Header.Set("Authorization", "Bearer "+one.token)
	answer, err := http.DefaultClient.Do(stream)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	told := make(chan string)
	go func() {
		defer close(told)
		for lines := bufio.NewScanner(answer.Body); lines.Scan(); {
			if strings.HasPrefix(lines.Text(), "event: contact.user.created") {
				told <- lines.Text()
				return
			}
		}
	}()
	select {
	case line := <-told:
		if line == "" {
			t.Error("the stream ended")
		}
	case <-time.After(patience):
		t.Error("the stream is held back")
	}

	one.signal(syscall.SIGTERM)
	if code := one.wait(); code != 0 {
		t.Errorf("the server ends with the code %d", code)
	}
	one.cmd.Process.Kill() // there is nothing left of it
	l.more(t, 50)
	again := follow(t, invoke(t, env, "serve", "--addr", strings.TrimPrefix(one.url, "http://"), "--drain-delay", "5s"))
	l.more(t, 50)
	l.stop()
	l.over.Wait()
	if l.failed.Load() > 0 {
		t.Errorf("of %d requests %d failed: %v", l.answered.Load(), l.failed.Load(), l.first.Load())
	}
	if !strings.Contains(again.ask("GET", "/contacts?per_page=1", one.token, ""), fmt.Sprintf(`"total_count":%d`, l.answered.Load())) {
		t.Errorf("what was answered is not there: %s", again.ask("GET", "/contacts?per_page=1", one.token, ""))
	}
}
