package model

import (
	"slices"
	"strings"
)

// A SubscriptionType is a kind of message that contacts choose to get or not.
type SubscriptionType struct {
	ID            SubscriptionTypeID
	State         SubscriptionState
	ConsentType   ConsentType
	DefaultLocale string
	Translations  []Translation // one per locale, the default locale's among them
	ContentTypes  []ContentType
	CreatedAt     int64
}

// A Translation is what a subscription type is called in a language.
type Translation struct {
	Locale      string
	Name        string
	Description string
}

// A SubscriptionState says whether a subscription type is in use.
type SubscriptionState string

const (
	SubscriptionLive     SubscriptionState = "live"
	SubscriptionDraft    SubscriptionState = "draft"
	SubscriptionArchived SubscriptionState = "archived"
)

// A ConsentType says what a contact's choice on a subscription type means: that
// it opted out, or that it opted in.
type ConsentType string

const (
	OptOut ConsentType = "opt_out"
	OptIn  ConsentType = "opt_in"
)

// A ContentType is a way that messages of a subscription type are sent.
type ContentType string

const (
	ContentEmail ContentType = "email"
	ContentSMS   ContentType = "sms_message"
)

// Validate checks what a person chose.
func (t *SubscriptionType) Validate() error {
	switch t.State {
	case SubscriptionLive, SubscriptionDraft, SubscriptionArchived:
	default:
		return ParameterInvalid("A subscription type is live, draft or archived, not %q", t.State)
	}
	if err := t.ConsentType.Validate(); err != nil {
		return err
	}
	if len(t.ContentTypes) == 0 {
		return ParameterNotFound("A subscription type needs a content type")
	}
	for _, c := range t.ContentTypes {
		if c != ContentEmail && c != ContentSMS {
			return ParameterInvalid("A content type is email or sms_message, not %q", c)
		}
	}
	seen := map[string]bool{}
	for _, tr := range t.Translations {
		switch {
		case tr.Locale == "" || strings.TrimSpace(tr.Name) == "":
			return ParameterNotFound("A translation needs a locale and a name")
		case seen[tr.Locale]:
			return ParameterInvalid("There are two translations to %s", tr.Locale)
		}
		seen[tr.Locale] = true
		if err := ValidateText("Name", tr.Name, MaxText); err != nil {
			return err
		}
		if err := ValidateText("Description", tr.Description, MaxText); err != nil {
			return err
		}
	}
	if !seen[t.DefaultLocale] {
		return ParameterNotFound("A subscription type needs a translation to its default locale")
	}
	return nil
}

// Default is the translation to the default locale.
func (t *SubscriptionType) Default() Translation {
	i := slices.IndexFunc(t.Translations, func(tr Translation) bool { return tr.Locale == t.DefaultLocale })
	if i < 0 {
		return Translation{Locale: t.DefaultLocale}
	}
	return t.Translations[i]
}

// Validate checks that it is one of the two.
func (c ConsentType) Validate() error {
	switch c {
	case OptOut, OptIn:
		return nil
	case "":
		return ParameterNotFound("consent_type is required")
	default:
		return ParameterInvalid("consent_type must be either opt_out or opt_in")
	}
}

// Accept checks that a choice on the type is of the sort that the type records.
// To take the type's word instead would do to the contact the reverse of what
// was asked for.
func (t *SubscriptionType) Accept(c ConsentType) error {
	if err := c.Validate(); err != nil {
		return err
	}
	if c != t.ConsentType {
		return ParameterInvalid("The consent_type of this subscription type is %s", t.ConsentType)
	}
	return nil
}
