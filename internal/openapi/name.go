package openapi

import (
	"strings"
	"unicode"
)

// typeName turns the name of a Go type into that of a schema. The arguments of
// a generic type come first: List[wire.Tag] is tag_list.
func typeName(name string) string {
	base, args, generic := strings.Cut(name, "[")
	base, _, _ = strings.Cut(base, "·") // declared inside a function
	base = base[strings.LastIndexAny(base, "./")+1:]
	if !generic {
		return snake(base)
	}
	var parts []string
	for _, arg := range splitArgs(strings.TrimSuffix(args, "]")) {
		parts = append(parts, argName(arg))
	}
	return strings.Join(append(parts, snake(base)), "_")
}

func argName(arg string) string {
	arg = strings.TrimLeft(arg, "*")
	if elem, ok := strings.CutPrefix(arg, "[]"); ok {
		return argName(elem) + "_array"
	}
	if pair, ok := strings.CutPrefix(arg, "map["); ok {
		_, value, _ := strings.Cut(pair, "]")
		return argName(value) + "_map"
	}
	return typeName(arg)
}

// splitArgs splits at the commas that are not inside brackets.
func splitArgs(args string) []string {
	var list []string
	depth, from := 0, 0
	for i, c := range args {
		switch c {
		case '[':
			depth++
		case ']':
			depth--
		case ',':
			if depth == 0 {
				list = append(list, args[from:i])
				from = i + 1
			}
		}
	}
	return append(list, args[from:])
}

// snake turns GoNames into go_names; a run of capitals is one word.
func snake(name string) string {
	letters := []rune(name)
	var out strings.Builder
	for i, c := range letters {
		if unicode.IsUpper(c) && i > 0 {
			afterWord := !unicode.IsUpper(letters[i-1]) && letters[i-1] != '_'
			beforeWord := i+1 < len(letters) && unicode.IsLower(letters[i+1]) && letters[i-1] != '_'
			if afterWord || beforeWord {
				out.WriteByte('_')
			}
		}
		out.WriteRune(unicode.ToLower(c))
	}
	return out.String()
}
