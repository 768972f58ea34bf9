package main

import (
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"
)

// TestUntilEOF has a server end with whoever holds the other end of its standard input.
func TestUntilEOF(t *testing.T) {
	t.Parallel()
	tmp := t.TempDir()
	cmd := invoke(t, []string{"TMPDIR=" + tmp}, "serve", "--addr", "127.0.0.1:0", "--until-eof", "--temporary")
	ours, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	s := follow(t, cmd)
	if _, err := io.WriteString(ours, "what is written to it means nothing\n"); err != nil {
		t.Fatal(err)
	}
	s.ask("POST", "/contacts", s.token, `{"email":"joe@a.test"}`)
	if in, err := os.ReadDir(tmp); err != nil || len(in) != 1 || !strings.HasPrefix(in[0].Name(), "parley-") {
		t.Errorf("the folder for temporary files has %v, %v, and not the data alone", in, err)
	}
	if err := ours.Close(); err != nil {
		t.Fatal(err)
	}
	if code := s.wait(); code != 0 {
		t.Errorf("at the end of its standard input the server ends with the code %d", code)
	}
	if in, err := os.ReadDir(tmp); err != nil || len(in) != 0 {
		t.Errorf("the server left %v, %v", in, err)
	}
}

// TestNobodyReads has a server tell where it is, and more, to a pipe that nobody reads any more: who started it was killed. It ends as if somebody did.
func TestNobodyReads(t *testing.T) {
	t.Parallel()
	tmp := t.TempDir()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	at := free.Addr().String()
	free.Close()
	cmd := invoke(t, []string{"TMPDIR=" + tmp}, "serve", "--addr", at, "--until-eof", "--temporary")
	ours, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	gone, said, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	gone.Close()
	cmd.Stdout, cmd.Stderr = said, said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	said.Close()
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for begun := false; !begun; {
		select {
		case err := <-ended:
			t.Fatalf("the server ended by itself: %v", err)
		case <-tick.C:
			if answer, err := client.Get("http://" + at + "/livez"); err == nil { // then it says where it is, if it has not yet
				answer.Body.Close()
				begun = true
			}
		}
	}
	if err := ours.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Errorf("the server ends with %v", err)
	}
	if in, err := os.ReadDir(tmp); err != nil || len(in) != 0 {
		t.Errorf("the server left %v, %v", in, err)
	}
}

// TestTemporary has the folder be gone after a signal too, and a server without
// --until-eof outlive its standard input, which is at its end from the beginning.
func TestTemporary(t *testing.T) {
	t.Parallel()
	tmp := t.TempDir()
	s := start(t, []string{"TMPDIR=" + tmp, "PARLEY_DATA=" + t.TempDir()}, "--temporary")
	s.ask("GET", "/me", s.token, "")
	s.stop()
	if in, err := os.ReadDir(tmp); err != nil || len(in) != 0 {
		t.Errorf("the server left %v, %v", in, err)
	}
	for _, c := range []struct {
		name string
		args []string
		want string
	}{
		{"and a folder", []string{"--data", tmp}, "parley: --temporary makes a folder of its own for the data: --data names none beside it\n"},
		{"and PostgreSQL", []string{"--database", "postgres://db.test/parley"}, "parley: --temporary is for the embedded database, and database names another\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if stdout, stderr, code := run(t, nil, append([]string{"serve", "--temporary"}, c.args...)...); code == 0 || stdout != "" || stderr != c.want {
				t.Errorf("exit code %d, output %q, error\n%swant\n%s", code, stdout, stderr, c.want)
			}
		})
	}
}
