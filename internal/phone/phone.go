// Package phone reads phone numbers as people write them and tells which of them
// can be real.
// It must not know whose a number is, nor call anybody.
package phone

import "strings"

// MaxLength is how long a text may be that is read as a number, in bytes.
const MaxLength = 64

// The digits of a number with its country code, as E.164 has them.
const minDigits, maxDigits = 7, 15

// A Number is a phone number that is valid by the plan of its country.
type Number struct {
	code, national string
	outcome        outcome
}

// Parse reads a number in E.164 form: a plus, the code of a country and the number
// there. Spaces, dashes, dots and parentheses between the digits mean nothing.
// Whatever dials abroad in place of the plus (00, 011) differs from country to
// country, so that a number without the plus is none.
func Parse(text string) (Number, bool) {
	text = strings.Trim(text, " \t\r\n")
	rest, international := strings.CutPrefix(text, "+")
	if !international || len(text) > MaxLength {
		return Number{}, false
	}
	digits := make([]byte, 0, maxDigits)
	for i := range len(rest) {
		switch c := rest[i]; {
		case '0' <= c && c <= '9':
			digits = append(digits, c)
		case strings.IndexByte(" -.()", c) < 0:
			return Number{}, false
		}
	}
	if len(digits) < minDigits || len(digits) > maxDigits+1 { // a national 0 in parentheses may be among them
		return Number{}, false
	}
	p := known()
	c, n := p.find(string(digits))
	if c == nil {
		return Number{}, false
	}
	number := Number{code: string(digits[:n]), national: p.strip(c, string(digits[n:]))}
	number.outcome = p.outcome(c, number.national)
	// Some plans know numbers of more digits, which E.164 does not.
	return number, number.outcome.flags&valid != 0 && len(number.code)+len(number.national) <= maxDigits
}

// String is the number in E.164 form: a plus and at most 15 digits.
func (n Number) String() string { return "+" + n.code + n.national }

// TakesTexts reports whether the plan of the country lets text messages reach such
// a number. Those of landlines, of services and of whoever pays for being called do
// not; where a plan does not tell landlines from mobile phones, it may be one.
func (n Number) TakesTexts() bool { return n.outcome.flags&texts != 0 }

// Spellings are the ways in which the number is usually written down, E.164 first:
// without the plus, with 00 in its place, and in groups with spaces or dashes.
func (n Number) Spellings() []string {
	e164, grouped := n.String(), n.grouped()
	return []string{e164, e164[1:], "00" + e164[1:], grouped,
		strings.ReplaceAll(grouped, "-", " "), strings.ReplaceAll(grouped, " ", "-")}
}

// grouped is the number as the plan of its country writes it for those abroad.
func (n Number) grouped() string {
	b := append([]byte("+"), n.code...)
	b = append(b, ' ')
	rest, count := n.national, 0
	for _, c := range []byte(n.outcome.groups) {
		if '0' <= c && c <= '9' {
			count = count*10 + int(c-'0')
			continue
		}
		b = append(append(b, rest[:count]...), c)
		rest, count = rest[count:], 0
	}
	return string(append(b, rest...))
}
