package conformance

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
)

// Table writes the report for people: a line for each operation with the first
// thing that is wrong, or all of them, and the totals.
func (r *Report) Table(w io.Writer, verbose bool) error {
	out := bufio.NewWriter(w)
	width := 0
	for _, o := range r.Operations {
		width = max(width, len(o.ID))
	}
	group := ""
	for _, o := range r.Operations {
		if o.Group != group {
			group = o.Group
			fmt.Fprintf(out, "%s\n", group)
		}
		status := ""
		if o.Status != 0 {
			status = strconv.Itoa(o.Status)
		}
		said := o.Problems
		if o.Result == Skipped {
			said = []string{o.Reason}
		}
		first := ""
		if len(said) > 0 {
			first = clean(said[0])
		}
		if len(said) > 1 && !verbose {
			first += fmt.Sprintf(" (and %d more)", len(said)-1)
		}
		line := fmt.Sprintf("  %-*s  %-7s  %-3s  %s", width, o.ID, o.Result, status, first)
		fmt.Fprintln(out, strings.TrimRight(line, " "))
		if verbose {
			for _, p := range said[min(1, len(said)):] {
				fmt.Fprintf(out, "  %-*s  %-7s  %-3s  %s\n", width, "", "", "", clean(p))
			}
		}
	}
	t := r.Totals
	fmt.Fprintf(out, "\n%d operations: %d passed, %d failed, %d skipped\n", t.Operations, t.Passed, t.Failed, t.Skipped)
	if t.Excused > 0 {
		fmt.Fprintf(out, "%d of those that passed depart from the description where it is known to be mistaken: they are as it should have it\n", t.Excused)
	}
	if r.Interrupted {
		fmt.Fprintln(out, "The run was interrupted")
	}
	for _, left := range r.LeftBehind {
		fmt.Fprintf(out, "Left behind: %s\n", clean(left))
	}
	if r.Mark != "" && len(r.LeftBehind) > 0 {
		fmt.Fprintf(out, "All that was made carries the mark %q\n", r.Mark)
	}
	return out.Flush()
}

// maxLine bounds what a server says in a line of the table.
const maxLine = 400

// clean keeps a text of a server from drawing on the terminal.
func clean(text string) string {
	text = strings.Map(func(c rune) rune {
		if !unicode.IsPrint(c) {
			return ' '
		}
		return c
	}, text)
	if runes := []rune(text); len(runes) > maxLine {
		text = string(runes[:maxLine]) + "…"
	}
	return text
}
