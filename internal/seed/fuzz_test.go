package seed

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// Any text is a seed, or is refused in one line that names the file.
func FuzzParse(f *testing.F) {
	for _, text := range []string{
		"", "admins: [{email: a@b.test, name: Ann}]", "contacts:\n  - email: joe@x.test\n    created_at: -30d\n    custom_attributes: {seats: 3, due: +1w}\n    notes: [{body: Tall, at: now}]",
		"a: &a [x, x]\nb: &b [*a, *a]\ntags: [*b]", "tags: &t [*t]", "tags: [VIP", "tags: {a: b}", "tags: !!binary aGk=", "? [a]\n: b", "%YAML 9.9\n---\n", "tags: [\"\\ud800\"]", "contacts: [{created_at: 18446744073709551615}]",
		"segments: [{name: A, person_type: user, filter: {field: last_seen_at, operator: '>', value: {days_ago: 30}}}]", "workspace: {office_hours: {monday: ['09:00-12:30']}}", "<<: {tags: [a]}", "tags: |\n  a\n\tb", "\xff\xfe", "tags: [\x00]",
		strings.Repeat("[", 20_000), strings.Repeat("- ", 20_000), strings.Repeat("? ", 20_000), strings.Repeat("[\n", 65), strings.Repeat("[", 64) + strings.Repeat("]", 64),
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		began := time.Now()
		file, err := Parse("seed.yaml", text)
		if took := time.Since(began); took > 10*time.Second {
			t.Fatalf("%d bytes took %s", len(text), took)
		}
		again, other := Parse("seed.yaml", text)
		if (err == nil) != (other == nil) || err != nil && err.Error() != other.Error() {
			t.Fatalf("the same text is read as %v and %v", err, other)
		}
		if err != nil {
			if message := err.Error(); !IsFault(err) || !strings.HasPrefix(message, "seed.yaml") || strings.Contains(message, "\n") || !utf8.ValidString(message) {
				t.Errorf("it is refused with %q", message)
			}
			return
		}
		if diff := cmp.Diff(file, again, cmp.AllowUnexported(Time{})); diff != "" {
			t.Errorf("the same text is read as two seeds:\n%s", diff)
		}
	})
}

// A time is read, or refused; and a distance is as far in one direction as in the other.
func FuzzTime(f *testing.F) {
	for _, s := range []string{"now", "-3d", "+2h30m", "-999999999w", "2026-03-01", "2026-03-01T09:00:00Z", "0000-01-01", "9999-12-31T23:59:59+14:00", "-d", "+", "- 1d"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		at, err := parseTime(s)
		if err != nil {
			return
		}
		if !at.given {
			t.Fatalf("%q is no time, and none is missing", s)
		}
		if rest, back := strings.CutPrefix(s, "-"); back && at.distance {
			ahead, err := parseTime("+" + rest)
			if err != nil || ahead.seconds != -at.seconds {
				t.Errorf("%q is %d seconds, and the other way %d, %v", s, at.seconds, ahead.seconds, err)
			}
		}
	})
}
