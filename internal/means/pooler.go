package means

import (
	"bufio"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// PgBouncer starts a PgBouncer before a database and returns the database's URL by
// that way. Clients have the sessions of PostgreSQL, so many at most, for a
// transaction each. It lasts as long as the test.
func PgBouncer(t testing.TB, database string, sessions int) string {
	t.Helper()
	program, err := exec.LookPath("pgbouncer")
	if err != nil {
		program = "/usr/sbin/pgbouncer" // which is not on everybody's PATH
	}
	if _, err := os.Stat(program); err != nil {
		Missing(t, Pooler, "pgbouncer is not installed")
	}
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	password, _ := u.User.Password()
	server := fmt.Sprintf("host=%s port=%s user=%s", u.Hostname(), u.Port(), u.User.Username())
	if password != "" {
		server += " password=" + password
	}
	for range 5 {
		port := freePort(t)
		file := filepath.Join(t.TempDir(), "pgbouncer.ini")
		settings := fmt.Sprintf("[databases]\n* = %s\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = %d\nunix_socket_dir =\n"+
			"auth_type = any\npool_mode = transaction\ndefault_pool_size = %d\nmax_client_conn = 500\n", server, port, sessions)
		if err := os.WriteFile(file, []byte(settings), 0o644); err != nil {
			t.Fatal(err)
		}
		args := []string{file}
		if os.Getuid() == 0 { // which it refuses to run as
			args = append([]string{"--user", "postgres"}, args...)
		}
		if runs(t, exec.Command(program, args...)) {
			u.Host = fmt.Sprintf("127.0.0.1:%d", port)
			return u.String()
		}
	}
	t.Fatal("pgbouncer did not start")
	return ""
}

// runs starts a PgBouncer and waits until it says that it is there, or ends.
func runs(t testing.TB, c *exec.Cmd) bool {
	t.Helper()
	log, err := c.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	up := make(chan bool, 1)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for lines := bufio.NewScanner(log); lines.Scan(); {
			if strings.Contains(lines.Text(), "process up") {
				up <- true
			}
		}
		c.Wait()
		select {
		case up <- false:
		default:
		}
	}()
	if !<-up {
		return false
	}
	t.Cleanup(func() {
		c.Process.Kill()
		<-ended
	})
	return true
}

// freePort is a port that nobody listens on. Another process may take it before
// its user does.
func freePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}
