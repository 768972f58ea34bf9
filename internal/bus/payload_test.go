package bus

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// FuzzParse reads what may come from a server of any version: a message has a kind,
// and what is written as it was read says the same.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"", "parley 1", "parley 1\n", "parley 1\na b c\nhello", "parley 1\n \n a\nb ", "parley 2\na b", "parley 1\r\na"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, payload string) {
		messages, ok := parse(payload)
		if !ok {
			if len(messages) > 0 || strings.HasPrefix(payload, header) {
				t.Fatalf("%q is refused, with %q", payload, messages)
			}
			return
		}
		again := header
		for _, m := range messages {
			if m.Kind == "" || strings.ContainsAny(m.Kind, " \n") || strings.Contains(m.Body, "\n") {
				t.Fatalf("%q has %q", payload, m)
			}
			again += m.Kind + " " + m.Body + "\n"
		}
		if same, _ := parse(again); !slices.Equal(same, messages) {
			t.Fatalf("%q is written as %q", messages, again)
		}
	})
}

// TestQueueMakesPayloads fills a queue with messages of many lengths: payloads are
// of a size that PostgreSQL takes, few at once, and say all of it once.
func TestQueueMakesPayloads(t *testing.T) {
	t.Parallel()
	var q queue
	const many = 5000
	for i := range many {
		if !q.put("n", fmt.Sprint(i), fmt.Sprint(i, " ", strings.Repeat("x", i*7%1500))) {
			t.Fatalf("%d is not taken", i)
		}
	}
	next := 0
	for !q.empty() {
		payloads, n := q.take()
		if len(payloads) > maxAtOnce || n == 0 {
			t.Fatalf("%d payloads of %d messages", len(payloads), n)
		}
		for _, p := range payloads {
			messages, ok := parse(p)
			if len(p) >= 8000 || !ok || len(messages) == 0 {
				t.Fatalf("a payload of %d bytes", len(p))
			}
			n -= len(messages)
			for _, m := range messages {
				if !strings.HasPrefix(m.Body, fmt.Sprint(next, " ")) {
					t.Fatalf("%.20q comes instead of %d", m.Body, next)
				}
				next++
			}
		}
		if n != 0 {
			t.Fatalf("%d messages were counted and not sent", n)
		}
	}
	if next != many {
		t.Errorf("%d messages came, want %d", next, many)
	}
	if !q.put("n", "0", "again") || q.empty() {
		t.Error("what was sent cannot be said again")
	}
}
