// Package means hands tests what they need from outside: a PostgreSQL server, the
// published description of the API, other programs.
// It must not be imported by anything but tests.
package means

import (
	"context"
	"crypto/rand"
	"fmt"
	"hash/fnv"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// What a test may lack, as PARLEY_TEST_REQUIRE names it.
const (
	Database    = "database"
	Description = "description"
	SDK         = "sdk"
	Manual      = "manual"
	Browser     = "browser"
	Pooler      = "pgbouncer"
	Balancer    = "balancer"
	Root        = "root"
	Systemd     = "systemd"
	HTTPClient  = "curl"
	Python      = "python"
	Disk        = "disk"
	PHPRuntime  = "php"
	RubyRuntime = "ruby"
)

// Missing skips a test for want of something, or fails it where that is
// demanded: PARLEY_TEST_REQUIRE is "all" or a list with commas of what must be
// at hand.
func Missing(t testing.TB, what, why string) {
	t.Helper()
	demanded := strings.Split(os.Getenv("PARLEY_TEST_REQUIRE"), ",")
	if slices.Contains(demanded, "all") || slices.Contains(demanded, what) {
		t.Fatal(why)
	}
	t.Skip(why)
}

// Long reports whether tests may take long, and try what they otherwise try of a part: PARLEY_TEST_LONG is set.
func Long() bool { return os.Getenv("PARLEY_TEST_LONG") != "" }

// Quiet reports whether the machine does nothing else while the test runs, so that what it takes can be held to something.
func Quiet() bool { return os.Getenv("PARLEY_TEST_QUIET") != "" }

// Third reports whether something is in the third that is tried in full where tests may not take long. It is the same in
// each run.
func Third(of string) bool {
	h := fnv.New32a()
	h.Write([]byte(of))
	return Long() || h.Sum32()%3 == 0
}

// PublishedDescription is the path of a copy of the published OpenAPI description
// of version 2.9, which is not part of this project.
func PublishedDescription(t testing.TB) string {
	t.Helper()
	path := os.Getenv("PARLEY_DESCRIPTION")
	if path == "" {
		Missing(t, Description, "PARLEY_DESCRIPTION does not name a copy of the published description of API 2.9")
	}
	return path
}

// HTMLManual is a folder with the pages of a large HTML manual that others wrote: that
// of git, as Debian's package git-doc has it.
func HTMLManual(t testing.TB) string {
	t.Helper()
	const folder = "/usr/share/doc/git/html"
	if _, err := os.Stat(folder); err != nil {
		Missing(t, Manual, "there is no HTML manual in "+folder+": Debian's package git-doc has one")
	}
	return folder
}

// Chromium is the path of a browser.
func Chromium(t testing.TB) string {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		Missing(t, Browser, "chromium is not on PATH")
	}
	return path
}

// Curl is the path of the program that most examples of the API are written for.
func Curl(t testing.TB) string {
	t.Helper()
	path, err := exec.LookPath("curl")
	if err != nil {
		Missing(t, HTTPClient, "curl is not on PATH")
	}
	return path
}

// Pytest is the path of a Python that has pytest and pytest-xdist.
func Pytest(t testing.TB) string {
	t.Helper()
	for _, name := range []string{"/usr/bin/python3", "python3"} { // Debian's packages are for the first
		path, err := exec.LookPath(name)
		if err == nil && exec.Command(path, "-c", "import pytest, xdist").Run() == nil {
			return path
		}
	}
	Missing(t, Python, "there is no Python with pytest and pytest-xdist: Debian's packages python3-pytest and python3-pytest-xdist have them")
	return ""
}

// PHP is the path of a PHP that has curl.
func PHP(t testing.TB) string {
	t.Helper()
	path, err := exec.LookPath("php")
	if err == nil {
		err = exec.Command(path, "-r", `exit((int) !extension_loaded("curl"));`).Run()
	}
	if err != nil {
		Missing(t, PHPRuntime, "there is no PHP with curl: Debian's packages php-cli and php-curl have it")
	}
	return path
}

// Ruby is the path of a Ruby.
func Ruby(t testing.TB) string {
	t.Helper()
	path, err := exec.LookPath("ruby")
	if err != nil {
		Missing(t, RubyRuntime, "there is no ruby: Debian's package ruby has it")
	}
	return path
}

// HAProxy is the path of a load balancer.
func HAProxy(t testing.TB) string {
	t.Helper()
	path, err := exec.LookPath("haproxy")
	if err != nil {
		// Debian has it where only root looks.
		if path, err = exec.LookPath("/usr/sbin/haproxy"); err != nil {
			Missing(t, Balancer, "there is no haproxy: Debian's package haproxy has it")
		}
	}
	return path
}

// NeedRoot skips a test that is not run by root of a Linux machine who may mount.
func NeedRoot(t testing.TB) {
	t.Helper()
	if out, err := exec.Command("unshare", "--mount", "mount", "--version").CombinedOutput(); err != nil {
		Missing(t, Root, fmt.Sprintf("this user cannot mount anything: %v %s", err, out))
	}
}

// SystemdAnalyze is the path of the program that judges units of systemd.
func SystemdAnalyze(t testing.TB) string {
	t.Helper()
	path, err := exec.LookPath("systemd-analyze")
	if err != nil {
		Missing(t, Systemd, "there is no systemd-analyze: Debian's package systemd has it")
	}
	return path
}

// HasPostgres reports whether there is a PostgreSQL server.
func HasPostgres() bool { return server() != "" }

// NeedPostgres skips a test where there is no PostgreSQL server.
func NeedPostgres(t testing.TB) {
	t.Helper()
	if !HasPostgres() {
		Missing(t, Database, "PARLEY_TEST_DATABASE is not set to the postgres:// URL of a server where databases may be made")
	}
}

// Postgres makes an empty database that lasts as long as the test, and returns
// its URL.
func Postgres(t testing.TB) string {
	t.Helper()
	NeedPostgres(t)
	at, drop, err := MakePostgres()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := drop(); err != nil {
			t.Error(err)
		}
	})
	return at
}

// MakePostgres makes an empty database and returns its URL and how to drop it.
// Its collation is not that of the bytes, which shows where the order of text is
// left to chance. Its files are copied, which takes half as long as the other way.
func MakePostgres() (at string, drop func() error, err error) {
	u, err := url.Parse(server())
	if err != nil {
		return "", nil, fmt.Errorf("PARLEY_TEST_DATABASE: %w", err)
	}
	name := "parley_test_" + strings.ToLower(rand.Text())
	err = order("CREATE DATABASE " + name + " TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER icu ICU_LOCALE 'en' LOCALE 'C' STRATEGY file_copy")
	u.Path = "/" + name
	return u.String(), func() error { return order("DROP DATABASE " + name + " WITH (FORCE)") }, err
}

func server() string { return os.Getenv("PARLEY_TEST_DATABASE") }

func order(statement string) error {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, server())
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, statement)
	return err
}
