package model

import (
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// The bounds of what a ticket has of an attribute.
const (
	maxTicketLine  = 2048 // characters of a text that is not multiline
	maxTicketFiles = 10
)

// CheckAttributes refuses values of a ticket's attributes that the type does not
// have, or that do not fit it, and brings the others into the form that they are
// kept in: a string, the id of a list's item, an int64, a float64, a bool, a time
// in Unix seconds, or the URLs of files as a []string. What is blank is nil: of a
// ticket that is being created it is left out, of one that is there it clears.
// The values are as JSON has them: nil, string, bool, int64, float64, []any.
//
// An item that was dropped from its list is refused, so that values which a
// ticket has already are not to be given again.
func (t *TicketType) CheckAttributes(values map[string]any, creating bool) (map[string]any, error) {
	checked := make(map[string]any, len(values))
	for _, name := range slices.Sorted(maps.Keys(values)) { // in one order, so that it is always the same mistake that is told
		a, ok := t.Attribute(name)
		if !ok {
			return nil, unknownTicketAttribute(name)
		}
		v, err := a.conform(values[name])
		if err != nil {
			return nil, err
		}
		if v != nil || !creating {
			checked[name] = v
		}
	}
	var missing []string
	for _, a := range t.Attributes {
		v, given := checked[a.Name]
		if a.RequiredToCreate && !a.Archived && v == nil && (creating || given) {
			missing = append(missing, a.Name)
		}
	}
	if len(missing) > 0 {
		return nil, ParameterInvalid("Missing required ticket attributes: %s", strings.Join(missing, ", "))
	}
	return checked, nil
}

// conform brings a value into the form that it is kept in.
func (a *TicketTypeAttribute) conform(v any) (any, error) {
	if isNoValue(v) {
		return nil, nil
	}
	var ok bool
	want := "text"
	switch a.DataType {
	case TicketList:
		return a.choose(v)
	case TicketFiles:
		return a.files(v)
	case TicketInteger:
		v, ok = toInteger(v)
		want = "a whole number"
	case TicketDecimal:
		v, ok = toDecimal(v)
		want = "a number"
	case TicketBoolean:
		v, ok = toBool(v)
		want = "true or false"
	case TicketDatetime:
		v, ok = toMoment(v)
		want = "a time, in Unix seconds or as ISO 8601 has it"
	default:
		var s string
		if _, isBool := v.(bool); !isBool {
			s, ok = toText(v)
		}
		most := maxTicketLine
		if a.Multiline {
			most = MaxBody
		}
		if utf8.RuneCountInString(s) > most {
			return nil, a.refuse("is too long (maximum is %d characters)", most)
		}
		v = s
	}
	if !ok {
		return nil, a.refuse("must be %s", want)
	}
	return v, nil
}

// isNoValue reports what stands for no value at all.
func isNoValue(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return isBlank(v)
	case []any:
		return len(v) == 0
	default:
		return false
	}
}

// choose finds the item that is meant, by its id or else by its name.
func (a *TicketTypeAttribute) choose(v any) (any, error) {
	s, ok := toText(v)
	if !ok {
		return nil, a.refuse("must be the id of an item of the list")
	}
	item, ok := a.Item(s)
	if !ok {
		for _, other := range a.Items {
			if other.Name == strings.TrimSpace(s) {
				item, ok = other, true
			}
		}
	}
	switch {
	case !ok:
		return nil, a.refuse("must be the id of an item of the list")
	case item.Archived:
		return nil, a.refuse("cannot be '%s' any more: the item is no longer on the list", item.Name)
	}
	return item.ID, nil
}

// files reads where files are: one URL, or a list of them.
func (a *TicketTypeAttribute) files(v any) (any, error) {
	list, isList := v.([]any)
	if !isList {
		list = []any{v}
	}
	most := 1
	if a.AllowMultiple {
		most = maxTicketFiles
	}
	switch {
	case len(list) > most && most == 1:
		return nil, a.refuse("takes one file only")
	case len(list) > most:
		return nil, a.refuse("takes %d files at most", most)
	}
	urls := make([]string, len(list))
	for i, v := range list {
		s, _ := v.(string)
		if utf8.RuneCountInString(s) > MaxURL {
			return nil, a.refuse("has a URL that is too long (maximum is %d characters)", MaxURL)
		}
		u, err := url.Parse(s)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
			return nil, a.refuse("must be the http or https URL of a file, or a list of such URLs")
		}
		urls[i] = s
	}
	return urls, nil
}

func (a *TicketTypeAttribute) refuse(format string, args ...any) *Error {
	return ParameterInvalid("Ticket attribute '%s' "+format, append([]any{a.Name}, args...)...)
}

func toDecimal(v any) (float64, bool) {
	v, ok := toNumber(v)
	switch v := v.(type) {
	case int64:
		return float64(v), ok
	case float64:
		return v + 0, ok // minus zero would be spelt in another way
	default:
		return 0, false
	}
}

// toMoment reads a time: Unix seconds, or a date of ISO 8601 with or without the
// time of day. What names no zone is in UTC, and fractions of a second are
// dropped.
func toMoment(v any) (int64, bool) {
	if seconds, ok := toTime(v); ok {
		return seconds, true
	}
	s, _ := v.(string)
	s = strings.TrimSpace(s)
	for _, layout := range momentLayouts() {
		if t, err := time.Parse(layout, s); err == nil {
			return toTime(t.Unix())
		}
	}
	return 0, false
}

func momentLayouts() []string {
	return []string{time.RFC3339, "2006-01-02T15:04:05Z0700", "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05", "2006-01-02T15:04",
		time.DateTime, time.DateOnly}
}

func unknownTicketAttribute(name string) *Error {
	if r := []rune(name); len(r) > MaxText {
		name = string(r[:MaxText]) + "…"
	}
	return ParameterInvalid("Ticket attribute '%s' does not exist", name)
}
