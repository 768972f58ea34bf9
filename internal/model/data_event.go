package model

import (
	"cmp"
	"strings"
	"unicode/utf8"
)

// A DataEvent is something a contact did, as the workspace reported it. What one
// contact did in one second under one name is one event.
type DataEvent struct {
	ID        string // a UUID
	Contact   ContactID
	Name      string
	CreatedAt int64 // when it happened, not when it was reported
	Metadata  Metadata
}

// The bounds of data events.
const (
	MaxMetadata = 10                // of one event; callers drop those that follow
	ListedFor   = 90 * 24 * 60 * 60 // seconds that an event can be listed for; it counts for ever
)

// Metadata are what is said of an event, in the order it was said.
type Metadata []Metadatum

// A Metadatum is one of them. The value is a string, a bool, an int64, a float64,
// a RichLink or an Amount.
type Metadatum struct {
	Key   string
	Value any
}

// A RichLink is a URL with words of its own.
type RichLink struct{ URL, Value string }

// An Amount is money, in cents.
type Amount struct {
	Cents    int64
	Currency string
}

// NewDataEvent makes an event. Whose it is, is left to be filled in.
func NewDataEvent(name string, createdAt int64, metadata Metadata) (*DataEvent, error) {
	if err := validateEventName(name); err != nil {
		return nil, err
	}
	if createdAt == 0 {
		return nil, ParameterNotFound("created_at is required")
	}
	if err := validateEventTime("created_at", createdAt); err != nil {
		return nil, err
	}
	for _, m := range metadata {
		if err := m.validate(); err != nil {
			return nil, err
		}
	}
	return &DataEvent{ID: NewUUID(), Name: name, CreatedAt: createdAt, Metadata: metadata}, nil
}

func validateEventName(name string) error {
	switch {
	case isBlank(name):
		return ParameterNotFound("event_name is required")
	case strings.ContainsAny(name, ".$"):
		return ParameterInvalid("event_name cannot contain '.' or '$'")
	}
	return ValidateText("Event name", name, MaxText)
}

func validateEventTime(label string, t int64) error {
	if t < 0 || t > maxTime {
		return ParameterInvalid("%s must be a time in Unix seconds", label)
	}
	return nil
}

func (m Metadatum) validate() error {
	if isBlank(m.Key) || utf8.RuneCountInString(m.Key) > MaxText {
		return ParameterInvalid("A metadata key must have between 1 and %d characters", MaxText)
	}
	var texts []string
	switch v := m.Value.(type) {
	case string:
		texts = append(texts, v)
	case RichLink:
		texts = append(texts, v.URL, v.Value)
	case Amount:
		texts = append(texts, v.Currency)
		if v.Cents < 0 || v.Cents > MaxNumber {
			return ParameterInvalid("The amount of metadata '%s' must be a positive number of cents", m.Key)
		}
	}
	for _, s := range texts {
		if err := ValidateText("Metadata '"+m.Key+"'", s, MaxURL); err != nil {
			return err
		}
	}
	return nil
}

// An EventSummary is how often a contact did something, and when first and last.
type EventSummary struct {
	Name  string
	Count int64
	First int64
	Last  int64
}

// NewEventSummary makes a summary of what was counted elsewhere. Where first or
// last is unset it is as the other; where both are, they are left to be filled in.
func NewEventSummary(name string, count, first, last int64) (*EventSummary, error) {
	s := &EventSummary{Name: name, Count: count, First: cmp.Or(first, last), Last: cmp.Or(last, first)}
	if err := validateEventName(name); err != nil {
		return nil, err
	}
	if count < 1 || count > MaxNumber {
		return nil, ParameterInvalid("count must be a positive number")
	}
	if err := validateEventTime("first", s.First); err != nil {
		return nil, err
	}
	if err := validateEventTime("last", s.Last); err != nil {
		return nil, err
	}
	if s.First > s.Last {
		return nil, ParameterInvalid("first must not be after last")
	}
	return s, nil
}

// EventCountTooLarge is the answer to counting beyond what JSON holds exactly.
func EventCountTooLarge() *Error {
	return ParameterInvalid("count is more than can be added to this summary")
}

// ContactNotSpecified is the answer to an event of nobody.
func ContactNotSpecified() *Error {
	return ParameterNotFound("user_id, email or id is required")
}
