package contract

import (
	"bytes"

	"github.com/go-json-experiment/json"
	"github.com/goccy/go-yaml"
)

// decode reads JSON or YAML into maps, slices and plain values.
func decode(text []byte) (tree any, err error) {
	if bytes.HasPrefix(bytes.TrimSpace(text), []byte("{")) {
		err = json.Unmarshal(text, &tree)
		return tree, err
	}
	err = yaml.Unmarshal(fillEmptyItems(text), &tree)
	return tree, err
}

// fillEmptyItems says null where a lone dash is followed by a key of the same
// column:
//
//	reactions:
//	-
//	created_at: 1717021618
//
// The key belongs to the mapping around the list, but goccy/go-yaml v1.19.2
// reads it as the item (its issue 766).
func fillEmptyItems(text []byte) []byte {
	lines := bytes.Split(text, []byte("\n"))
	for i := range len(lines) - 1 {
		if string(bytes.TrimSpace(lines[i])) != "-" {
			continue
		}
		dash := bytes.IndexByte(lines[i], '-')
		next := bytes.TrimLeft(lines[i+1], " ")
		if len(lines[i+1])-len(next) == dash && len(next) > 0 && next[0] != '-' {
			lines[i] = append(bytes.Clone(lines[i][:dash]), "- null"...)
		}
	}
	return bytes.Join(lines, []byte("\n"))
}
