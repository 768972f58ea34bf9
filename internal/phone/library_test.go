package phone_test

import (
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/nyaruka/phonenumbers"

	"parley/internal/phone"
)

// agree compares what a text is read as with what the library reads.
func agree(t *testing.T, text string) (valid bool) {
	t.Helper()
	n, ok := phone.Parse(text)
	parsed, err := phonenumbers.Parse(text, "")
	want := err == nil && phonenumbers.IsValidNumber(parsed)
	if want && len(phonenumbers.Format(parsed, phonenumbers.E164)) > 16 {
		want = false // which E.164 does not know
	}
	if ok != want {
		t.Errorf("%s is read as a number: %v, by the library: %v (%v)", text, ok, want, err)
	}
	if !ok || !want {
		return false
	}
	if got, want := n.String(), phonenumbers.Format(parsed, phonenumbers.E164); got != want {
		t.Errorf("%s is %s, by the library %s", text, got, want)
	}
	if got, want := n.Spellings()[3], phonenumbers.Format(parsed, phonenumbers.INTERNATIONAL); got != want {
		t.Errorf("%s is written %q, by the library %q", text, got, want)
	}
	reached := false
	switch phonenumbers.GetNumberType(parsed) {
	case phonenumbers.MOBILE, phonenumbers.FIXED_LINE_OR_MOBILE, phonenumbers.VOIP, phonenumbers.PERSONAL_NUMBER:
		reached = true
	}
	if n.TakesTexts() != reached {
		t.Errorf("%s takes texts: %v, by the library %v", text, n.TakesTexts(), reached)
	}
	return true
}

// TestLibrary compares numbers of all countries and kinds, and what is nearly one, with what the library makes of them.
// PARLEY_TEST_PHONES=1000000 tries more of them.
func TestLibrary(t *testing.T) {
	t.Parallel()
	count := 10_000
	if s := os.Getenv("PARLEY_TEST_PHONES"); s != "" {
		var err error
		if count, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	list := countries(t)
	numbers := 0
	for range count {
		c := list[random.IntN(len(list))]
		national := c.random(random)
		switch random.IntN(8) {
		case 0, 1:
			national = c.regions[0].GetNationalPrefix() + national
		case 2:
			national = strconv.Itoa(random.IntN(1000)) + national
		case 3:
			at := random.IntN(len(national) + 1)
			national = national[:at] + strconv.Itoa(random.IntN(10)) + national[at:]
		case 4:
			if at := random.IntN(len(national) + 1); at > 0 {
				national = national[:at-1] + national[at:]
			}
		}
		if text := "+" + c.code + national; len(text) > 7 && len(text) <= 17 && agree(t, text) {
			numbers++
		}
		if t.Failed() {
			return
		}
	}
	if numbers < count/4 {
		t.Errorf("%d of %d are numbers", numbers, count)
	}
}

// random is a number that one of the patterns allows, or as much of it as there is.
func (c *country) random(random *rand.Rand) string {
	p := c.patterns[random.IntN(len(c.regions)*kinds)]
	if p == nil || !slices.ContainsFunc([]rune("0123456789"), func(d rune) bool { next := p.step(p.start(), d); return next.matches || len(next.at) > 0 }) {
		p = c.patterns[general] // there are no such numbers
	}
	var b strings.Builder
	for s := p.start(); len(s.at) > 0 && b.Len() < 15; {
		if s.matches && random.IntN(3) == 0 {
			break
		}
		// The digits from a random one on, until one leads on.
		digit := random.IntN(10)
		next := p.step(s, rune('0'+digit))
		for !next.matches && len(next.at) == 0 {
			digit = (digit + 1) % 10
			next = p.step(s, rune('0'+digit))
		}
		b.WriteByte(byte('0' + digit))
		s = next
	}
	return b.String()
}
