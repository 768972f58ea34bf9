// Package lazy puts off work until somebody wants its result.
// It must not know what the work is for.
package lazy

import (
	"regexp"
	"sync"
)

// Regexp is a regular expression that is made ready when it is first asked for, for one that most starts of the program do without:
// to make one ready takes 20 to 200 µs. It panics then if the text is none; TestExpressions compiles all that there are.
func Regexp(text string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(text) })
}
