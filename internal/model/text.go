package model

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxText is the length, in characters, of every one-line text field. It keeps
// an index entry well under what a database page can hold.
const MaxText = 255

// MaxURL is the length of a URL that is stored, in characters.
const MaxURL = 2048

// MaxBody is the length of a text of many lines (a note), in characters.
const MaxBody = 100_000

// Fold makes two spellings of a word equal that differ only in case. Searches,
// tag names and e-mail addresses are compared folded; it is done here and not
// in SQL because databases disagree on what a letter is.
func Fold(s string) string {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c >= utf8.RuneSelf || 'A' <= c && c <= 'Z' {
			return strings.Map(foldRune, s)
		}
	}
	return s
}

// foldRune maps each rune to the least of its case orbit, lower-cased, so that
// 'K' (Kelvin sign), 'K' and 'k' all become 'k'.
func foldRune(r rune) rune {
	least := r
	for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
		least = min(least, f)
	}
	return unicode.ToLower(least)
}

// ValidateText refuses a text of more than so many characters; label is what the
// message calls it.
func ValidateText(label, s string, most int) error {
	if utf8.RuneCountInString(s) > most {
		return ParameterInvalid("%s is too long (maximum is %d characters)", label, most)
	}
	return nil
}

// A textPatch is what a patch says of one text field of a noun.
type textPatch struct {
	label string // as the messages call it
	value Opt[string]
	most  int // characters
	field *string
}

func applyTexts(patches ...textPatch) error {
	for _, p := range patches {
		if err := ValidateText(p.label, p.value.Value, p.most); err != nil {
			return err
		}
		p.value.Apply(p.field)
	}
	return nil
}

func validateEmail(s string) error {
	if err := ValidateText("Email", s, MaxText); err != nil {
		return err
	}
	local, domain, ok := strings.Cut(s, "@")
	if !ok || local == "" || domain == "" || strings.Contains(domain, "@") ||
		strings.ContainsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) {
		return ParameterInvalid("Email is invalid")
	}
	return nil
}
