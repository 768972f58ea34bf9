package event

import (
	"strconv"
	"strings"
)

// ParsePosition reads a position as String writes it. It reports false for any other
// text.
func ParsePosition(s string) (Position, bool) {
	transaction, number, _ := strings.Cut(s, "-")
	t, ok := parseCount(transaction)
	n, also := parseCount(number)
	return Position{t, n}, ok && also
}

// parseCount reads a whole number that is not negative, in the one way it is written.
func parseCount(s string) (int64, bool) {
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil && n >= 0 && strconv.FormatInt(n, 10) == s
}
