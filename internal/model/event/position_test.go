package event_test

import (
	"strings"
	"testing"

	"parley/internal/model/event"
)

// FuzzParsePosition holds that a text is a position only if that is how the position
// is written.
func FuzzParsePosition(f *testing.F) {
	for _, s := range []string{"", "-", "0-0", "0-1", "58316-143", "9223372036854775807-9223372036854775807", "9223372036854775808-1",
		"+1-1", "01-1", "-1-1", "1--1", "1-1-1", "1-1 ", "1_0-1", "١-1", strings.Repeat("9", 1000)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, ok := event.ParsePosition(s)
		if ok && (p.String() != s || p.Transaction < 0 || p.Number < 0) {
			t.Errorf("%q is read as %+v", s, p)
		}
		if again, ok := event.ParsePosition(p.String()); p.Transaction >= 0 && p.Number >= 0 && (!ok || again != p) {
			t.Errorf("%+v is written as %q and read as %+v", p, p.String(), again)
		}
	})
}
