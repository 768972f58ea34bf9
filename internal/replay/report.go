package replay

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
)

// JSON writes the report as one object.
func (r *Report) JSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(r)
}

// Table writes the report for people: a line for each exchange, what differs below it,
// and a summary.
func (r *Report) Table(w io.Writer) error {
	var b strings.Builder
	for _, x := range r.Results {
		fmt.Fprintf(&b, "%4d  %-6s %s  %d", x.Number, x.Method, printable(cut(x.Path)), x.Status)
		switch {
		case len(x.Differences) > 0:
		case x.Compared:
			b.WriteString("  same")
		default:
			b.WriteString("  same, but for the body, which was not recorded")
		}
		b.WriteByte('\n')
		for _, d := range x.Differences {
			at := printable(d.At)
			if at == "" {
				at = "the whole body"
			}
			fmt.Fprintf(&b, "        %-5s  %s\n                 recorded  %s\n                 replayed  %s\n", d.Kind, at, printable(d.Recorded), printable(d.Replayed))
		}
		if x.More > 0 {
			fmt.Fprintf(&b, "        and %d more\n", x.More)
		}
	}
	t := r.Totals
	if r.Torn {
		b.WriteString("the cassette ends within an exchange, which was left out\n")
	}
	fmt.Fprintf(&b, "\n%d exchanges: %d the same; %d differences of shape, %d of value\n", t.Exchanges, t.Same, t.Shapes, t.Values)
	_, err := io.WriteString(w, b.String())
	return err
}

// printable is a text that does nothing to a terminal.
func printable(s string) string {
	return strings.Map(func(c rune) rune {
		if c == unicode.ReplacementChar || !strconv.IsPrint(c) {
			return '·'
		}
		return c
	}, s)
}
