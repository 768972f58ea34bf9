package main

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"parley/internal/app"
	"parley/internal/db"
	"parley/internal/twiliotest"
)

// TestKillAmidATextMessage kills the server between its request to the gateway and
// the answer. Whether the gateway had taken the message by then or not, it has it
// once in the end.
func TestKillAmidATextMessage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		taken    bool // before the server is killed
		attempts int
	}{{"taken", true, 1}, {"not taken", false, 2}} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			data := t.TempDir()
			gateway := twiliotest.New(t)
			arrived := make(chan struct{})
			gateway.Then(func(_ http.ResponseWriter, r *http.Request, take func() string) {
				if c.taken {
					take()
				}
				close(arrived)
				<-r.Context().Done() // the server is gone
			})
			s := start(t, gateway.Settings(), "--data", data, "--log-level", "error")
			s.ask("POST", "/phone_call_redirects", s.token, `{"phone":"+353832345678"}`)
			select {
			case <-arrived:
			case <-time.After(patience):
				t.Fatal("nothing reached the gateway")
			}
			s.signal(syscall.SIGKILL)
			s.wait()

			passAnHour(t, data)
			after := start(t, gateway.Settings(), "--data", data, "--log-level", "error")
			var line struct {
				State     string
				Attempts  int
				GatewayID string `json:"gateway_id"`
			}
			for deadline := time.Now().Add(patience); line.State != "sent"; time.Sleep(20 * time.Millisecond) {
				stdout, stderr, code := run(t, nil, "outbox", "--data", data, "--json")
				if code != 0 || json.Unmarshal([]byte(stdout), &line) != nil || time.Now().After(deadline) {
					t.Fatalf("the outbox: %s%s", stdout, stderr)
				}
			}
			after.stop()
			all := gateway.Taken()
			if len(all) != 1 || all[0].SID != line.GatewayID || line.Attempts != c.attempts || !strings.Contains(all[0].Body, s.url+"/msgr/") {
				t.Errorf("the gateway has %+v, and the outbox says %+v", all, line)
			}
		})
	}
}

// passAnHour has an hour pass for what a killed server was about: leases end, and
// what was under way is that no more. The program has the machine's clock.
func passAnHour(t *testing.T, data string) {
	t.Helper()
	d, err := app.OpenDatabase(t.Context(), app.Options{Data: data, Clock: time.Now, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	err = d.Update(t.Context(), func(tx *db.Tx) error {
		for _, statement := range []string{`UPDATE jobs SET leased_until = leased_until - 3600`,
			`UPDATE outgoing_sms SET created_at = created_at - 3600, tried_at = tried_at - 3600`} {
			if _, err := tx.Exec(statement); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
