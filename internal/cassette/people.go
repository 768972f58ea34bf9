package cassette

import (
	"fmt"
	"strconv"
	"strings"

	"parley/internal/lazy"
)

var (
	address   = lazy.Regexp(`[^\s"'<>()\[\]{},;:@/?&=|\\%]+(?:@|%40)[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+`)
	phoneLike = lazy.Regexp(`\+[1-9][0-9 ().-]{5,20}[0-9]`)
	bareText  = lazy.Regexp(`^[0-9 ().+/-]{5,32}$`)
)

// Person matches what stands for an e-mail address or a telephone number in a cassette.
var Person = lazy.Regexp(`person-[0-9]{1,9}@redacted\.example|\+(?:447700900|442079460|441632960)[0-9]{3}`)

// peopleIn replaces the e-mail addresses and international telephone numbers in a text.
func (r *redactor) peopleIn(s string) string {
	if !strings.Contains(s, "@") && !strings.Contains(s, "%40") {
		return phoneLike().ReplaceAllStringFunc(s, r.phone)
	}
	s = address().ReplaceAllStringFunc(s, func(m string) string {
		key := strings.ToLower(strings.Replace(m, "%40", "@", 1))
		if numberedPerson().MatchString(key) {
			return m
		}
		p, ok := r.persons[key]
		if !ok {
			r.last.person++
			p = fmt.Sprintf("person-%d@redacted.example", r.last.person)
			r.persons[key] = p
		}
		return p
	})
	return phoneLike().ReplaceAllStringFunc(s, r.phone)
}

// phoneNamed replaces a telephone number, however it is written, that its name tells.
func (r *redactor) phoneNamed(name, s string) string {
	name = strings.ToLower(name)
	if !strings.Contains(name, "phone") && !strings.Contains(name, "mobile") && !strings.Contains(name, "whatsapp") || !bareText().MatchString(s) {
		return s
	}
	return r.phone(s)
}

func (r *redactor) phone(s string) string {
	digits := strings.Map(func(c rune) rune {
		if c < '0' || c > '9' {
			return -1
		}
		return c
	}, s)
	if phoneNumberOf("+"+digits) >= 0 {
		return s
	}
	p, ok := r.persons[digits]
	if !ok {
		p = fictionalPhone(r.last.phone)
		r.last.phone++
		r.persons[digits] = p
	}
	return p
}

// Numbers that are kept free for fiction, a thousand with each prefix: they pass for
// real ones, and nobody's telephone rings.
var fictional = [...]string{"+447700900", "+442079460", "+441632960"}

// fictionalPhone is the nth placeholder of a telephone number. After three thousand
// they come again.
func fictionalPhone(n int) string {
	n %= 1000 * len(fictional)
	return fmt.Sprintf("%s%03d", fictional[n/1000], n%1000)
}

// phoneNumberOf is the place of a placeholder among them, or -1.
func phoneNumberOf(s string) int {
	for i, prefix := range fictional {
		if rest, ok := strings.CutPrefix(s, prefix); ok && len(rest) == 3 {
			if n, err := strconv.Atoi(rest); err == nil {
				return i*1000 + n
			}
		}
	}
	return -1
}
