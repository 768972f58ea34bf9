package emoji_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"parley/internal/model/emoji"
)

// One emoji is no text, and two are not one.
func FuzzIs(f *testing.F) {
	for _, s := range []string{"👍", "❤️", "👩‍👩‍👧‍👦", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "🇩🇪", "🇩", "1️⃣", "#⃣", "1", "a", "", "👍🏽", "🏽", "\u200d", "👍\u200d", "\ufe0f", "\xf0\x9f", "👍👍", "🏴" + strings.Repeat("\U000e0067", 40)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !emoji.Is(s) {
			return
		}
		if !utf8.ValidString(s) || s == "" || len(s) > 128 || strings.ContainsFunc(s, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsSpace(r) || unicode.IsControl(r) }) {
			t.Errorf("%q is an emoji", s)
		}
		if r, _ := utf8.DecodeRuneInString(s); r < 0x1f1e6 || r > 0x1f1ff { // two letters of flags are one, as two of them are four
			if emoji.Is(s + s) {
				t.Errorf("%q twice is one emoji", s)
			}
		}
		if !emoji.Is(s+"\u200d"+"👍") && len(s) < 100 {
			t.Errorf("%q cannot be joined with another", s)
		}
	})
}
