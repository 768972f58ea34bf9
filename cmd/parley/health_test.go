package main

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestHealthCommand(t *testing.T) {
	t.Parallel()
	s := start(t, nil, "--data", t.TempDir())
	_, port, _ := strings.Cut(strings.TrimPrefix(s.url, "http://"), ":")
	for _, c := range []struct {
		name string
		addr string
		code int
		says string
	}{
		{"as it listens", "127.0.0.1:" + port, 0, "ok\n"},
		{"on all addresses", ":" + port, 0, "ok\n"},
		{"on all of IPv4", "0.0.0.0:" + port, 0, "ok\n"},
		{"on a port that it picks", "127.0.0.1:0", 1, "parley: port 0 is one that the server picked: name it with --addr\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			stdout, stderr, code := run(t, []string{"PARLEY_ADDR=" + c.addr, "http_proxy=http://127.0.0.1:1"}, "health")
			if code != c.code || stdout+stderr != c.says {
				t.Errorf("exit code %d, %q, want %d, %q", code, stdout+stderr, c.code, c.says)
			}
		})
	}
	slow := beginSlowly(t, s)
	s.signal(syscall.SIGTERM)
	untilDraining(t, s)
	_, stderr, code := run(t, nil, "health", "--addr", "127.0.0.1:"+port)
	if want := "parley: 127.0.0.1:" + port + " is not ready: 503 the server is stopping\n"; code != 1 || stderr != want {
		t.Errorf("exit code %d, %q, want %q", code, stderr, want)
	}
	slow.finish()
	s.wait()
}

// TestDrainDelay holds that a server that is to stop goes on as before for a while,
// but says that it is not ready and keeps no connection.
func TestDrainDelay(t *testing.T) {
	t.Parallel()
	s := start(t, nil, "--data", t.TempDir(), "--drain-delay", "5m")
	s.signal(syscall.SIGTERM)
	untilDraining(t, s)
	s.ask("POST", "/contacts", s.token, `{"email":"late@a.test"}`)
	answer, err := client.Get(s.url + "/livez")
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if !answer.Close {
		t.Error("the connection is kept")
	}
	s.signal(syscall.SIGTERM) // who asks twice does not want to wait
	if code := s.wait(); code != forced {
		t.Errorf("the exit code is %d, want %d", code, forced)
	}
}

// TestSystemdIsTold plays systemd, which waits on a socket for word of the server.
func TestSystemdIsTold(t *testing.T) {
	t.Parallel()
	dir, err := os.MkdirTemp("", "notify") // the path of a socket is short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	path := filepath.Join(dir, "socket")
	socket, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	hear := func(want string) {
		t.Helper()
		socket.SetReadDeadline(time.Now().Add(patience))
		buffer := make([]byte, 100)
		n, err := socket.Read(buffer)
		if got := string(buffer[:n]); err != nil || got != want {
			t.Errorf("systemd hears %q, want %q (%v)", got, want, err)
		}
	}
	s := start(t, []string{"NOTIFY_SOCKET=" + path}, "--data", t.TempDir())
	hear("READY=1")
	s.ask("GET", "/readyz", "", "")
	s.stop()
	hear("STOPPING=1")

	deaf := start(t, []string{"NOTIFY_SOCKET=" + filepath.Join(dir, "none")}, "--data", t.TempDir())
	deaf.ask("GET", "/readyz", "", "")
	deaf.stop()
	if !strings.Contains(deaf.stderr.String(), "systemd cannot be told") {
		t.Errorf("the log says nothing of it: %s", deaf.stderr.String())
	}
}
