package backup

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strconv"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"parley/internal/db"
)

// appendRow writes a row behind what is there: a line.
func appendRow(to []byte, columns []db.Column, row []any) ([]byte, error) {
	for i, value := range row {
		separator := byte(',')
		if i == 0 {
			separator = '['
		}
		var err error
		if to, err = appendValue(append(to, separator), columns[i].Type, value); err != nil {
			return nil, fmt.Errorf("the column %s: %w", columns[i].Name, err)
		}
	}
	return append(to, ']', '\n'), nil
}

// appendValue writes a value as the database gave it. What could not be read again is an error now.
func appendValue(to []byte, kind db.ColumnType, value any) ([]byte, error) {
	switch v := value.(type) {
	case nil:
		return append(to, "null"...), nil
	case string:
		if kind == db.Text || kind == db.JSON || kind == db.Untyped {
			return appendText(to, v)
		}
	case []byte:
		if kind == db.JSON { // PostgreSQL's driver gives JSON as bytes
			return appendText(to, string(v))
		}
	case int64:
		switch {
		case kind == db.Integer || kind == db.Untyped:
			return strconv.AppendInt(to, v, 10), nil
		case kind == db.Double:
			return strconv.AppendFloat(to, float64(v), 'g', -1, 64), nil
		case kind == db.Boolean && (v == 0 || v == 1): // as SQLite has it
			return strconv.AppendBool(to, v == 1), nil
		}
	case bool:
		if kind == db.Boolean {
			return strconv.AppendBool(to, v), nil
		}
	case float64:
		if kind == db.Double {
			return strconv.AppendFloat(to, v, 'g', -1, 64), nil
		}
	}
	return nil, fmt.Errorf("a value of the type %T is none of a column of the type %s", value, kind)
}

func appendText(to []byte, text string) ([]byte, error) {
	if utf8.ValidString(text) {
		return jsontext.AppendQuote(to, text)
	}
	to = append(to, `{"base64":"`...)
	to = base64.StdEncoding.AppendEncode(to, []byte(text))
	return append(to, `"}`...), nil
}

// errRow answers what is no row.
var errRow = errors.New("a row is a list with a value for each column")

// readRow reads the next row into values; io.EOF says that there is none.
func readRow(from *jsontext.Decoder, columns []db.Column, into []any) error {
	start, err := from.ReadToken()
	if err != nil {
		return err
	}
	if start.Kind() != '[' {
		return errRow
	}
	for i, c := range columns {
		if into[i], err = readValue(from, c.Type); err != nil {
			return fmt.Errorf("the column %s: %w", c.Name, noEnd(err))
		}
	}
	end, err := from.ReadToken()
	if err != nil {
		return noEnd(err)
	}
	if end.Kind() != ']' {
		return errRow
	}
	return nil
}

// noEnd is an error in the middle of something: the end comes too early there.
func noEnd(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// readValue reads a value of a column of that type.
func readValue(from *jsontext.Decoder, kind db.ColumnType) (any, error) {
	found := from.PeekKind()
	switch {
	case found == 'n':
		_, err := from.ReadToken()
		return nil, err
	case found == '"' && (kind == db.Text || kind == db.JSON || kind == db.Untyped):
		token, err := from.ReadToken()
		if err != nil {
			return nil, err
		}
		text := token.String()
		return text, checkJSON(kind, text)
	case found == '{' && (kind == db.Text || kind == db.Untyped):
		return readBytes(from)
	case found == '0' && kind != db.Text && kind != db.JSON && kind != db.Boolean:
		number, err := from.ReadValue()
		if err != nil {
			return nil, err
		}
		if kind == db.Double {
			return strconv.ParseFloat(string(number), 64)
		}
		return strconv.ParseInt(string(number), 10, 64)
	case (found == 't' || found == 'f') && kind == db.Boolean:
		_, err := from.ReadToken()
		return found == 't', err
	}
	value, err := from.ReadValue() // tells what is no JSON at all
	if err != nil {
		return nil, err
	}
	return nil, fmt.Errorf("%s is no value of the type %s", shortened(value), kind)
}

// checkJSON checks that the text of a column for JSON is an object or a list: SQLite would take anything.
func checkJSON(kind db.ColumnType, text string) error {
	if kind != db.JSON {
		return nil
	}
	value := jsontext.Value(text)
	if k := value.Kind(); (k == '{' || k == '[') && value.IsValid(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)) {
		return nil
	}
	return fmt.Errorf("%s is neither a JSON object nor a list", shortened(value))
}

// readBytes reads a text that is not UTF-8.
func readBytes(from *jsontext.Decoder) (string, error) {
	var parts [4]string
	for i := range parts {
		token, err := from.ReadToken()
		if err != nil {
			return "", err
		}
		if parts[i] = token.String(); parts[i] == "}" {
			break
		}
	}
	if parts[0] != "{" || parts[1] != "base64" || parts[3] != "}" {
		return "", errors.New(`an object in place of a text is {"base64": "…"}`)
	}
	text, err := base64.StdEncoding.DecodeString(parts[2])
	return string(text), err
}

// shortened is the beginning of a value, for messages.
func shortened(value []byte) string {
	const most = 60
	if len(value) > most {
		return string(value[:most]) + "…"
	}
	return string(value)
}
