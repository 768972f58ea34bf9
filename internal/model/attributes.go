package model

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Attributes are custom attributes by name. A value is a string, a bool, an
// int64 or a float64; in a patch, nil clears the name.
type Attributes map[string]any

// Merge applies a patch name by name.
func (a Attributes) Merge(patch Attributes) {
	for name, v := range patch {
		if v == nil {
			delete(a, name)
		} else {
			a[name] = v
		}
	}
}

// MaxNumber is the largest whole number that every reader of JSON reads alike,
// and so the largest that is kept.
const MaxNumber = 1<<53 - 1

// The times that have a date: the years 1 to 9999.
const (
	minTime = -62_135_596_800
	maxTime = 253_402_300_799
)

// Conform brings a value into the form that values of the attribute are kept in:
// a number that was sent as a string becomes the number, and a number that was
// sent for a text becomes the text. What cannot be so is an invalid_document. A
// list takes values outside its options, as the live API does.
func (a *DataAttribute) Conform(v any) (any, error) {
	var ok bool
	want := "text"
	switch a.Type {
	case TypeInteger:
		v, ok = toInteger(v)
		want = "a whole number"
	case TypeFloat:
		v, ok = toNumber(v)
		want = "a number"
	case TypeBoolean:
		v, ok = toBool(v)
		want = "true or false"
	case TypeDate:
		v, ok = toTime(v)
		want = "a date in Unix seconds"
	default:
		var s string
		if s, ok = toText(v); ok && utf8.RuneCountInString(s) > MaxText {
			return nil, invalidDocument("Custom attribute '" + a.Name + "' is too long (maximum is " + strconv.Itoa(MaxText) + " characters)")
		}
		v = s
	}
	if !ok {
		return nil, invalidDocument("Custom attribute '" + a.Name + "' must be " + want)
	}
	return v, nil
}

func toText(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case int64:
		return strconv.FormatInt(v, 10), true
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), true
	case bool:
		return strconv.FormatBool(v), true
	default:
		return "", false
	}
}

func toBool(v any) (bool, bool) {
	switch v {
	case true, "true":
		return true, true
	case false, "false":
		return false, true
	default:
		return false, false
	}
}

func toInteger(v any) (int64, bool) {
	v, ok := toNumber(v)
	switch v := v.(type) {
	case int64:
		return v, ok
	case float64:
		return int64(v), ok && v == math.Trunc(v)
	default:
		return 0, false
	}
}

// toTime drops the fraction of a second.
func toTime(v any) (int64, bool) {
	if v, ok := toNumber(v); ok {
		if f, fractional := v.(float64); fractional {
			v = int64(math.Floor(f))
		}
		n := v.(int64)
		return n, minTime <= n && n <= maxTime
	}
	return 0, false
}

// toNumber is v as an int64 or a float64, within what JSON holds exactly.
func toNumber(v any) (any, bool) {
	switch v := v.(type) {
	case int64:
		return v, -MaxNumber <= v && v <= MaxNumber
	case float64:
		return v, math.Abs(v) <= MaxNumber
	case string:
		s := strings.TrimSpace(v)
		if n, err := strconv.ParseInt(s, 10, 64); err == nil {
			return toNumber(n)
		}
		if strings.Trim(s, "+-.0123456789eE") != "" {
			return nil, false // a word that stands for a number, or another notation
		}
		if f, err := strconv.ParseFloat(s, 64); err == nil {
			return toNumber(f)
		}
	}
	return nil, false
}

// UnknownAttribute is the answer to a value of a custom attribute that the
// workspace has not declared, or has archived.
func (m AttributeModel) UnknownAttribute(name string) *Error {
	if r := []rune(name); len(r) > maxAttributeName {
		name = string(r[:maxAttributeName]) + "…"
	}
	kind := "Custom"
	if m == ConversationAttributes {
		kind = "Conversation"
	}
	return ParameterInvalid("%s attribute '%s' does not exist", kind, name)
}

func invalidDocument(message string) *Error { return &Error{Invalid, "invalid_document", message} }
