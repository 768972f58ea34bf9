package main

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"parley/internal/means"
)

// written is a data folder with a conversation that has three files, and a token.
func written(t *testing.T) (data, token string) {
	t.Helper()
	data = t.TempDir()
	s := start(t, nil, "--data", data, "--log-level", "error")
	var contact, conversation struct {
		ID           string `json:"id"`
		Conversation string `json:"conversation_id"`
	}
	for _, c := range []struct {
		path, body string
		into       any
	}{
		{"/contacts", `{"external_id":"1"}`, &contact},
		{"/conversations", `{"from":{"type":"user","user_id":"1"},"body":"hello"}`, &conversation},
	} {
		if err := json.Unmarshal([]byte(s.ask("POST", c.path, s.token, c.body)), c.into); err != nil {
			t.Fatal(err)
		}
	}
	for range 3 { // what cannot be compressed
		file := make([]byte, 100_000)
		rand.Read(file)
		s.ask("POST", "/conversations/"+conversation.Conversation+"/reply", s.token, fmt.Sprintf(
			`{"message_type":"comment","type":"user","user_id":"1","body":"see","attachment_files":[{"name":"a.bin","content_type":"application/octet-stream","data":%q}]}`,
			base64.StdEncoding.EncodeToString(file)))
	}
	s.stop()
	return data, s.token
}

// TestBackupCommands goes the way of an operator: a backup, a look at it, a restore, and the same answers as before.
func TestBackupCommands(t *testing.T) {
	t.Parallel()
	data, token := written(t)
	archive, other := filepath.Join(t.TempDir(), "parley.backup"), filepath.Join(t.TempDir(), "other")
	for _, c := range []struct {
		args []string
		code int
		want string // on standard output, or the error
	}{
		{[]string{"backup", archive, "--data", data}, 0, "rows of "},
		{[]string{"restore", archive, "--verify"}, 0, "hash is right"},
		{[]string{"restore", archive, "--data", data}, 1, "parley: restoring " + archive + ": the database is not empty: there is a file " + filepath.Join(data, "parley.db")},
		{[]string{"restore", archive, "--data", other}, 0, "rows of "},
		{[]string{"restore", filepath.Join(data, "parley.db"), "--data", other}, 1, "this is no archive that this version of Parley reads"},
		{[]string{"backup", archive, "--data", t.TempDir()}, 1, "there is no database in the folder"},
		{[]string{"doctor", "--data", other, "--full", "--write"}, 0, "ok       kept numbers: "},
		{[]string{"doctor", "--data", other + "/nope", "--json"}, 1, `{"check":"database","level":"problem"`},
		{[]string{"doctor", "--rate-limit", "none"}, 1, "problem  settings: "},
	} {
		stdout, stderr, code := run(t, nil, c.args...)
		if code != c.code || !strings.Contains(stdout+stderr, c.want) {
			t.Errorf("parley %s ends with %d\n%s%s", strings.Join(c.args, " "), code, stdout, stderr)
		}
	}
	if info, err := os.Stat(archive); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the archive is %v (%v)", info.Mode(), err)
	}
	before, after := start(t, nil, "--data", data), start(t, nil, "--data", other)
	for _, path := range []string{"/me", "/contacts", "/conversations"} {
		if was, is := before.ask("GET", path, token, ""), after.ask("GET", path, token, ""); was != is {
			t.Errorf("%s answers\n%s\nand was\n%s", path, is, was)
		}
	}
}

// TestKilledBackup kills a backup while it waits for a file: there is no archive, and the one before is as it was.
func TestKilledBackup(t *testing.T) {
	t.Parallel()
	data, _ := written(t)
	asked := make(chan struct{}, 100)
	gone := make(chan struct{})
	bucket := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		asked <- struct{}{}
		select {
		case <-r.Context().Done():
		case <-gone:
		}
	}))
	t.Cleanup(bucket.Close)
	t.Cleanup(func() { close(gone) })
	dir := t.TempDir()
	archive := filepath.Join(dir, "parley.backup")
	if err := os.WriteFile(archive, []byte("yesterday's"), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := invoke(t, []string{"PARLEY_S3_ACCESS_KEY=a", "PARLEY_S3_SECRET_KEY=s"}, "backup", archive, "--data", data,
		"--files", "s3://some-bucket", "--s3-endpoint", bucket.URL)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	<-asked // the rows are written
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if text, err := os.ReadFile(archive); err != nil || string(text) != "yesterday's" {
		t.Errorf("there is %q (%v)", text, err)
	}
}

// TestKilledRestore kills a restore that has read half an archive: the place is as empty as before, and takes the whole
// one.
func TestKilledRestore(t *testing.T) {
	t.Parallel()
	data, token := written(t)
	archive := filepath.Join(t.TempDir(), "parley.backup")
	if _, stderr, code := run(t, nil, "backup", archive, "--data", data); code != 0 {
		t.Fatal(stderr)
	}
	whole, err := os.ReadFile(archive)
	if err != nil {
		t.Fatal(err)
	}
	test := func(t *testing.T, at ...string) {
		t.Parallel()
		cmd := invoke(t, nil, append([]string{"restore", "-"}, at...)...)
		in, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		// A pipe holds 64 kB: when the last of these bytes can be written, those before it have been read.
		if _, err := io.Copy(in, bytes.NewReader(whole[:len(whole)-len(whole)/8])); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait()
		if stdout, stderr, code := run(t, nil, append([]string{"restore", archive}, at...)...); code != 0 {
			t.Fatalf("restoring again ends with %d: %s%s", code, stdout, stderr)
		}
		s := start(t, nil, at...)
		s.ask("GET", "/contacts", token, "")
	}
	t.Run("sqlite", func(t *testing.T) { test(t, "--data", t.TempDir()) })
	t.Run("postgres", func(t *testing.T) { test(t, "--data", t.TempDir(), "--database", means.Postgres(t)) })
}
