package query

import (
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"parley/internal/model"
)

// held writes that what is searched in the folded JSON column has a value, where the
// database has an index of that. It reports whether it has.
func (c *compiler) held(fd field, f *model.Filter) (bool, error) {
	if fd.key == "" || f.Operator != model.Equal || f.Value == nil || fd.kind == date || c.env.Dialect.Holds("", "") == "" {
		return false, nil
	}
	v, ok := fd.convert()(f.Value)
	if !ok {
		return false, wrongValue(f)
	}
	c.Text(c.env.Dialect.Holds(c.searchable, c.Arg(toJSONObject(fd.key, v))))
	return true, nil
}

// mention writes, before the test whether a text in the folded JSON column is equal to another, that the column has that text anywhere.
// Looking for it is cheaper than to read the column as JSON, which is left for those that have it.
func (c *compiler) mention(fd field, f *model.Filter) {
	if fd.key == "" || fd.kind != textual || f.Operator != model.Equal || f.Value == nil {
		return
	}
	if v, ok := asText(f.Value); ok && isPlain(v.(string)) && c.env.Dialect.Mentions("", "") != "" {
		c.Text(c.env.Dialect.Mentions(c.searchable, c.Arg(`"`+v.(string)+`"`)), " AND ")
	}
}

// isPlain reports whether a text stands in JSON as it is, whoever writes it.
func isPlain(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return r < ' ' || r == '"' || r == '\\' || r == '<' || r == '>' || r == '&' || r >= 0x7f && r < 0xa0 || r == '\u2028' || r == '\u2029'
	})
}

func toJSONObject(key string, v any) string {
	b, err := json.Marshal(map[string]any{key: v}, jsontext.AllowInvalidUTF8(true))
	if err != nil {
		panic(err) // texts and numbers only
	}
	return string(b)
}

func toJSON(value any) string {
	b, err := json.Marshal(value, jsontext.AllowInvalidUTF8(true))
	if err != nil {
		panic(err) // texts and numbers only
	}
	return string(b)
}
