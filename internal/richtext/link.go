package richtext

import (
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The lengths of addresses that become links.
const (
	maxWeb    = 2048 // bytes
	maxLocal  = 64   // of an e-mail address, before the @
	maxDomain = 253
)

// link escapes a line of plain text and makes links of the addresses in it: of the
// web, with http, https or www. in front, and of e-mail. The punctuation of the
// sentence around an address is not of it.
func link(line string) string {
	var out strings.Builder
	written := 0
	add := func(start, end int, href string) {
		out.WriteString(textEscaper.Replace(line[written:start]))
		out.WriteString(startTag("a", "href", href, "rel", rel))
		out.WriteString(textEscaper.Replace(line[start:end]))
		out.WriteString("</a>")
		written = end
	}
	for i := strings.IndexAny(line, "hHwW@"); i >= 0 && i < len(line); i++ {
		switch line[i] {
		case 'h', 'H', 'w', 'W':
			length, href := webAddress(line, i)
			if href != "" {
				add(i, i+length, href)
			}
			i += max(length, 1) - 1
		case '@':
			if start, end := mailAddress(line, written, i); start < end {
				add(start, end, "mailto:"+line[start:end])
				i = end - 1
			}
		}
	}
	if written == 0 {
		return textEscaper.Replace(line)
	}
	out.WriteString(textEscaper.Replace(line[written:]))
	return out.String()
}

// webAddress is how long the web address is that begins at a place, 0 if none
// does, and where it leads: nowhere if it cannot be followed.
func webAddress(line string, at int) (length int, href string) {
	rest, scheme := line[at:], ""
	before, _ := utf8.DecodeLastRuneInString(line[:at])
	switch {
	case joins(before):
		return 0, ""
	case hasPrefixFold(rest, "http://"), hasPrefixFold(rest, "https://"):
	case hasPrefixFold(rest, "www.") && !strings.ContainsRune("./-_@", before):
		scheme = "http://"
	default:
		return 0, ""
	}
	if end := strings.IndexFunc(rest, endsWeb); end >= 0 {
		rest = rest[:end]
	}
	rest = trimSentence(rest)
	u, err := url.Parse(scheme + rest)
	if err != nil || len(rest) > maxWeb || !strings.ContainsFunc(u.Hostname(), joins) {
		return len(rest), ""
	}
	if scheme != "" && (u.User != nil || strings.Count(u.Hostname(), ".") < 2) {
		return len(rest), ""
	}
	href = u.String()
	if again, err := url.Parse(href); err != nil || again.String() != href {
		return len(rest), "" // it would not stay as it is when it is read again
	}
	return len(rest), href
}

// mailAddress is where the e-mail address around an @ starts, not before from, and
// ends; 0, 0 if there is none.
func mailAddress(line string, from, at int) (start, end int) {
	start = at
	for start > from && at-start <= maxLocal && isLocal(line[start-1]) {
		start--
	}
	for start < at && (line[start] == '.' || line[start] == '\'') {
		start++
	}
	domain := line[at+1:]
	if i := strings.IndexFunc(domain, func(r rune) bool { return !isDomain(r) }); i >= 0 {
		domain = domain[:i]
	}
	domain = strings.TrimRight(domain, ".-")
	end = at + 1 + len(domain)
	before, _ := utf8.DecodeLastRuneInString(line[:start])
	after, _ := utf8.DecodeRuneInString(line[end:])
	local := line[start:at]
	if local == "" || len(local) > maxLocal || strings.HasSuffix(local, ".") || strings.Contains(local, "..") ||
		joins(before) || before == '/' || before == '@' || joins(after) || after == '_' || after == '@' || !isHost(domain) {
		return 0, 0
	}
	return start, end
}

// isHost reports whether a name is one of a host on the internet: labels between
// dots, the last of them no number.
func isHost(name string) bool {
	labels := strings.Split(name, ".")
	for _, label := range labels {
		if label == "" || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
	}
	last := labels[len(labels)-1]
	return len(labels) > 1 && len(name) <= maxDomain && len(last) > 1 && !unicode.IsDigit(rune(last[0]))
}

func isLocal(c byte) bool { return isDomain(rune(c)) || c == '_' || c == '+' || c == '\'' }

func isDomain(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '.' || r == '-'
}

// joins tells the runes that make one word with the address next to them. Those of
// East Asia do not: there is no space between words there.
func joins(r rune) bool {
	return r < '\u2e80' && (unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r))
}

// endsWeb tells the runes that no web address has in it: space, quotation marks,
// punctuation beyond ASCII, and whatever cannot be seen.
func endsWeb(r rune) bool {
	switch {
	case r < utf8.RuneSelf:
		return r <= ' ' || r == '\x7f' || strings.ContainsRune("<>\"`", r)
	case '\u2000' <= r && r <= '\u206f':
		return true
	case '\u3000' <= r && r <= '\u303f', '\uff00' <= r && r <= '\uffef':
		return !unicode.IsLetter(r) && !unicode.IsNumber(r)
	}
	return unicode.IsSpace(r) || unicode.In(r, unicode.Pi, unicode.Pf, unicode.Cc, unicode.Cf)
}

// trimSentence takes off what the end of an address has of the sentence around it:
// punctuation, and brackets without their other half.
func trimSentence(s string) string {
	const opening, closing = "([{", ")]}"
	var open [len(opening)]int // how many are opened, less those that are closed
	for i := range len(s) {
		if k := strings.IndexByte(opening, s[i]); k >= 0 {
			open[k]++
		} else if k := strings.IndexByte(closing, s[i]); k >= 0 {
			open[k]--
		}
	}
	for ; s != ""; s = s[:len(s)-1] {
		last := s[len(s)-1]
		if k := strings.IndexByte(opening, last); k >= 0 {
			open[k]--
		} else if k := strings.IndexByte(closing, last); k >= 0 {
			if open[k] >= 0 {
				return s
			}
			open[k]++
		} else if strings.IndexByte(".,:;!?'*", last) < 0 {
			return s
		}
	}
	return s
}

// hasPrefixFold reports whether s begins with a prefix of ASCII, in any case.
func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}
