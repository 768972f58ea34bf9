package statement

import (
	"strconv"
	"strings"
)

// Numbered writes the parameters of a statement, $1, in a way that SQLite numbers without looking for them: ? for the one
// after the greatest so far, ?1 for another. To SQLite $1 is a name, which it looks for among all names before it, so that
// compiling would take time in the square of the parameters.
func Numbered(text string) string {
	if !strings.Contains(text, "$") {
		return text
	}
	var out strings.Builder
	out.Grow(len(text))
	most := 0
	for i := 0; i < len(text); {
		end := i + 1
		switch c := text[i]; {
		case c == '\'' || c == '"':
			end = after(text, end, string(c))
		case strings.HasPrefix(text[i:], "--"):
			end = after(text, end, "\n")
		case strings.HasPrefix(text[i:], "/*"):
			end = after(text, i+2, "*/")
		case c == ';': // another statement begins
			most = 0
		case c == '$':
			for end < len(text) && text[end] >= '0' && text[end] <= '9' {
				end++
			}
			if n, err := strconv.Atoi(text[i+1 : end]); err == nil {
				out.WriteByte('?')
				if n != most+1 {
					out.WriteString(text[i+1 : end])
				}
				most = max(most, n)
				i = end
				continue
			}
		}
		out.WriteString(text[i:end])
		i = end
	}
	return out.String()
}

// after is the place behind the next mark in a text, its end if there is none.
func after(text string, from int, mark string) int {
	if at := strings.Index(text[from:], mark); at >= 0 {
		return from + at + len(mark)
	}
	return len(text)
}
