package parleytest_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"parley/parleytest"
)

// TestLine holds that a client within the process sees what one sees that has a socket.
func TestLine(t *testing.T) {
	t.Parallel()
	post := func(ctx context.Context, client *http.Client, p *parleytest.Parley, path, body string) (*http.Response, error) {
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, p.URL+path, strings.NewReader(body))
		if err != nil {
			return nil, err
		}
		r.Header.Set("Authorization", "Bearer "+p.Token)
		r.Header.Set("Content-Type", "application/json")
		return client.Do(r)
	}
	const contact = `{"email":"a@b.test"}`
	for _, c := range []struct {
		name string
		run  func(t *testing.T, client *http.Client, p *parleytest.Parley)
	}{
		{"dropped before", func(t *testing.T, client *http.Client, p *parleytest.Parley) {
			id := p.Fault(parleytest.Fault{Path: "/contacts", Drop: true, Times: 1})
			if answer, err := post(t.Context(), client, p, "/contacts", contact); !errors.Is(err, io.EOF) {
				t.Errorf("answered %v, %v", answer, err)
			}
			if n := p.FaultCounts()[id]; n != (parleytest.FaultCount{Calls: 1, Acted: 1}) {
				t.Errorf("the fault met %+v", n)
			}
			if n := contacts(p); n != 0 {
				t.Errorf("there are %d contacts", n)
			}
		}},
		{"dropped after", func(t *testing.T, client *http.Client, p *parleytest.Parley) {
			p.Fault(parleytest.Fault{Operation: "createContact", Drop: true, After: true})
			if answer, err := post(t.Context(), client, p, "/contacts", contact); !errors.Is(err, io.EOF) {
				t.Errorf("answered %v, %v", answer, err)
			}
			if n := contacts(p); n != 1 {
				t.Errorf("there are %d contacts", n)
			}
			p.ClearFaults()
			if answer, err := post(t.Context(), client, p, "/contacts", contact); err != nil || answer.StatusCode != http.StatusConflict {
				t.Errorf("answered %v, %v", answer, err)
			} else {
				answer.Body.Close()
			}
		}},
		{"truncated", func(t *testing.T, client *http.Client, p *parleytest.Parley) {
			id := p.Fault(parleytest.Fault{Method: http.MethodPost, Truncate: 10})
			answer, err := post(t.Context(), client, p, "/contacts", contact)
			if err != nil {
				t.Fatal(err)
			}
			defer answer.Body.Close()
			body, err := io.ReadAll(answer.Body)
			if len(body) != 10 || !errors.Is(err, io.ErrUnexpectedEOF) || answer.ContentLength < 100 {
				t.Errorf("%d bytes of %d, %v", len(body), answer.ContentLength, err)
			}
			p.ClearFault(id)
		}},
		{"too many", func(t *testing.T, client *http.Client, p *parleytest.Parley) {
			p.Fault(parleytest.Fault{RateLimit: true, RetryAfter: 3 * time.Second, Times: 1})
			answer, err := post(t.Context(), client, p, "/contacts", contact)
			if err != nil {
				t.Fatal(err)
			}
			answer.Body.Close()
			if answer.StatusCode != http.StatusTooManyRequests || answer.Header.Get("Retry-After") != "3" || answer.Header.Get("X-RateLimit-Remaining") != "0" {
				t.Errorf("answered %d %v", answer.StatusCode, answer.Header)
			}
		}},
		{"given up", func(t *testing.T, client *http.Client, p *parleytest.Parley) {
			p.Fault(parleytest.Fault{Latency: 20 * time.Second})
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
			defer cancel()
			if answer, err := post(ctx, client, p, "/contacts", contact); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("answered %v, %v", answer, err)
			}
			p.ClearFaults()
			if n := contacts(p); n != 0 {
				t.Errorf("there are %d contacts", n)
			}
		}},
		{"bit by bit", func(t *testing.T, client *http.Client, p *parleytest.Parley) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			time.AfterFunc(10*time.Second, cancel) // where what should come does not
			r, err := http.NewRequestWithContext(ctx, http.MethodGet, p.URL+"/_parley/events", nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Authorization", "Bearer "+p.Token)
			answer, err := client.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer answer.Body.Close()
			readTo(t, answer.Body, "event: ready")
			p.Call(http.MethodPost, "/contacts", object{"email": "a@b.test"}, nil)
			readTo(t, answer.Body, "event: contact.user.created") // and the answer has no end
			cancel()
			if _, err := io.ReadAll(answer.Body); !errors.Is(err, context.Canceled) {
				t.Errorf("ends with %v", err)
			}
		}},
		{"large", func(t *testing.T, client *http.Client, p *parleytest.Parley) {
			var list struct {
				Data []struct{ ID string }
			}
			p.Call(http.MethodPost, "/contacts", object{"email": "a@b.test"}, nil)
			p.Call(http.MethodGet, "/contacts", nil, &list)
			note := bytes.Repeat([]byte("x"), 99_000)
			p.Call(http.MethodPost, "/contacts/"+list.Data[0].ID+"/notes", object{"body": string(note)}, nil)
			answer, err := post(t.Context(), client, p, "/contacts", `{"email":"`+strings.Repeat("x", 6<<20)+`"}`)
			if err == nil { // a socket may be closed before all was sent
				answer.Body.Close()
				if answer.StatusCode != http.StatusRequestEntityTooLarge {
					t.Errorf("6 MB are answered %d", answer.StatusCode)
				}
			}
			r, err := http.NewRequest(http.MethodGet, p.URL+"/contacts/"+list.Data[0].ID+"/notes", nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Authorization", "Bearer "+p.Token)
			if answer, err = client.Do(r); err != nil {
				t.Fatal(err)
			}
			defer answer.Body.Close()
			if body, err := io.ReadAll(answer.Body); err != nil || !bytes.Contains(body, note) {
				t.Errorf("%d bytes, %v", len(body), err)
			}
		}},
	} {
		for _, way := range []string{"within the process", "by a socket"} {
			t.Run(fmt.Sprint(c.name, " ", way), func(t *testing.T) {
				t.Parallel()
				p := parleytest.Start(t)
				client := p.Client()
				if way == "by a socket" {
					p.Serve()
					own := &http.Transport{}
					t.Cleanup(own.CloseIdleConnections)
					client = &http.Client{Transport: own}
				}
				c.run(t, client, p)
			})
		}
	}
}

// readTo reads until it has read a text.
func readTo(t *testing.T, from io.Reader, text string) {
	t.Helper()
	seen := ""
	for buf := make([]byte, 512); !strings.Contains(seen, text); {
		n, err := from.Read(buf)
		if seen += string(buf[:n]); err != nil {
			t.Fatalf("%v after %s", err, seen)
		}
	}
}

// contacts is how many there are.
func contacts(p *parleytest.Parley) int {
	var list struct {
		Total int `json:"total_count"`
	}
	p.Call(http.MethodGet, "/contacts", nil, &list)
	return list.Total
}

// TestEnded has a client be used after its test.
func TestEnded(t *testing.T) {
	t.Parallel()
	var client *http.Client
	var open *http.Response
	t.Run("first", func(t *testing.T) {
		p := parleytest.Start(t)
		client = p.Client()
		r, err := http.NewRequest(http.MethodGet, p.URL+"/_parley/events", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+p.Token)
		if open, err = client.Do(r); err != nil || open.StatusCode != http.StatusOK {
			t.Fatalf("%v, %v", open, err)
		}
	})
	defer open.Body.Close()
	if _, err := io.ReadAll(open.Body); err == nil {
		t.Error("what was open has come to its end")
	}
	if answer, err := client.Get("https://api.intercom.io/me"); err == nil || !strings.Contains(err.Error(), "the test has ended") {
		t.Errorf("answered %v, %v", answer, err)
	}
}
