package words_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"parley/internal/model/words"
)

func TestWords(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"nothing", "", nil},
		{"only signs", " -- … !? \n\t", nil},
		{"each once, in order", "The cat, the hat; THE END.", []string{"the", "cat", "hat", "end"}},
		{"letters and digits", "Order A17 of 2026-03-01", []string{"order", "a17", "of", "2026", "03", "01"}},
		{"an apostrophe parts", "Ann's don’t l'eau O'Brien", []string{"ann", "s", "don", "t", "l", "eau", "o", "brien"}},
		{"an address", "ann.b@acme.test", []string{"ann", "b", "acme", "test"}},
		{"a hyphen and a low line part", "well-known snake_case", []string{"well", "known", "snake", "case"}},
		{"folded", "ΣΊΣΥΦΟΣ Straße K2", []string{"σίσυφοσ", "straße", "k2"}},
		{"marks belong to the letter", "cafe\u0301 हिन्दी", []string{"cafe\u0301", "हिन्दी"}},
		{"a mark alone", " \u0301 a", []string{"a"}},
		{"invisible signs", "co\u00adop \u200eleft\u200d 1\ufe0f", []string{"coop", "left", "1"}},
		{"emoji", "yes 👍🏽❤️ no", []string{"yes", "no"}},
		{"Chinese", "我爱你, 我!", []string{"我", "爱", "你"}},
		{"Japanese", "コーヒーが好き", []string{"コ", "ー", "ヒ", "が", "好", "き"}},
		{"letters amid characters", "用Go写2遍", []string{"用", "go", "写", "2", "遍"}},
		{"Korean has spaces", "안녕 세계", []string{"안녕", "세계"}},
		{"Thai", "กำไร ๒๕", []string{"ก", "ำ", "ไ", "ร", "๒๕"}},
		{"a mark on a Thai letter", "ที่", []string{"ที่"}},
		{"not UTF-8", "a\xffb", []string{"a", "b"}},
		{"too long a word", strings.Repeat("ä", 65) + " b", []string{strings.Repeat("ä", 64), "b"}},
		{"a letter under too many marks", "a" + strings.Repeat("\u0301", 100), []string{"a" + strings.Repeat("\u0301", 63)}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, words.Of(c.text)); diff != "" {
				t.Error(diff)
			}
		})
	}

	var many strings.Builder
	for n := range 3000 {
		fmt.Fprint(&many, n%2500, " ")
	}
	if found := words.Of(many.String()); len(found) != 2000 || found[1999] != "1999" {
		t.Errorf("of too many words %d are taken, the last of them %q", len(found), found[len(found)-1])
	}
}

// Words are words still when they are split again, and those of a part of a text,
// cut between words, are words of the text.
func FuzzWords(f *testing.F) {
	for _, seed := range []string{"", "Ann's cat", "用Go写2遍", "ที่", "\xff", "İ ſ ǅ", "a\u0301\u200db", "ー\u3099か\u3099"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		found := words.Of(s)
		for i, w := range found {
			if w == "" || utf8.RuneCountInString(w) > 64 || slices.Contains(found[:min(i, 50)], w) {
				t.Errorf("%q has the word %q", s, w)
			}
			if again := words.Of(w); len(again) != 1 || again[0] != w {
				t.Errorf("the word %q has the words %q", w, again)
			}
		}
		if len(found) == 2000 {
			return
		}
		for part := range strings.FieldsFuncSeq(s, unicode.IsSpace) {
			for _, w := range words.Of(part) {
				if !slices.Contains(found, w) {
					t.Errorf("%q has the word %q of its part %q not", s, w, part)
				}
			}
		}
	})
}
