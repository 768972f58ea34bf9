package richtext

import (
	"errors"
	"strings"
)

// The bounds of what is read as an article. Each tag costs some hundred bytes of
// memory, and time that grows with the elements around it, of which the parser
// takes 512. 5 MB of dense documentation have 300,000 tags.
const (
	maxTags     = 400_000
	maxDeepTags = 50_000 // where more than maxNested elements are open
	maxNested   = 64
)

var errCrowded = errors.New("too many tags")

// renamed begins the names that only the parser sees.
const renamed = "x-"

// tame writes what a policy let through in such a way that the parser takes time
// and memory in proportion to it. Left to itself it
//
//   - opens b, i and their kind, once left open, anew in every block that follows,
//     dozens at a time: here they have names that it does not know;
//   - copies all of a text for each end tag in it that ends nothing, and for each
//     part of a table that is none: here the text behind a tag that may be such a one
//     is in an element of its own, and space between blocks is left out.
//
// Its error is that there are too many tags.
func tame(s string) (string, error) {
	var out strings.Builder
	out.Grow(len(s) + len(s)/8)
	open := map[string]int{}
	tags, nested, deepest := 0, 0, 0
	ended, block := false, false // what the tag before the text may do
	for {
		// A policy writes "<" and ">" for nothing but tags.
		text, rest, ok := strings.Cut(s, "<")
		switch {
		case text == "":
		case !ended:
			out.WriteString(text)
		case !block:
			out.WriteString("<" + renamed + "text>" + text + "</" + renamed + "text>")
		case strings.Trim(text, blank) != "":
			// The words of two cells that are in no table are not one.
			out.WriteString("<" + renamed + "text> " + text + "</" + renamed + "text>")
		}
		if !ok {
			return out.String(), nil
		}
		var tag string
		tag, s, _ = strings.Cut(rest, ">")
		name := tag
		if end := strings.IndexAny(tag[1:], " /"); end >= 0 {
			name = tag[:1+end]
		}
		name, ended = strings.CutPrefix(name, "/")
		block = isBlockName(name)
		switch {
		case ended:
			if open[name] > 0 {
				open[name]--
				nested--
			}
		case staysOpen(name):
			open[name]++
			nested++
			deepest = max(deepest, nested)
		}
		if tags++; tags > maxTags || tags > maxDeepTags && deepest > maxNested {
			return "", errCrowded
		}
		switch name {
		case "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u":
			if ended {
				tag = "/" + renamed + tag[1:]
			} else {
				tag = renamed + tag
			}
		case "table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td":
			ended = true
		}
		out.WriteByte('<')
		out.WriteString(tag)
		out.WriteByte('>')
	}
}

// staysOpen tells the elements that stay open until they are closed, not only
// until the next of their kind.
func staysOpen(name string) bool {
	switch name {
	case "br", "hr", "img", "wbr", "iframe", "a", "p", "li", "dt", "dd", "caption", "thead", "tbody", "tfoot", "tr", "th", "td",
		"rb", "rp", "rt", "rtc":
		return false
	}
	return true
}
