package wire

import "parley/internal/model"

// A SubscriptionType is a kind of message that contacts choose to get or not.
type SubscriptionType struct {
	Type               string        `json:"type" enum:"subscription"`
	ID                 string        `json:"id"`
	State              string        `json:"state" enum:"live,draft,archived"`
	ConsentType        string        `json:"consent_type" enum:"opt_out,opt_in"`
	DefaultTranslation Translation   `json:"default_translation"`
	Translations       []Translation `json:"translations"`
	ContentTypes       []string      `json:"content_types"`
}

// A Translation is what a subscription type is called in a language.
type Translation struct {
	Name        string `json:"name"`
	Description string `json:"description"`
	Locale      string `json:"locale"`
}

func fromTranslation(t model.Translation) Translation {
	return Translation{t.Name, t.Description, t.Locale}
}

// FromSubscriptionType translates a subscription type.
func FromSubscriptionType(t *model.SubscriptionType) SubscriptionType {
	return SubscriptionType{"subscription", t.ID.String(), string(t.State), string(t.ConsentType),
		fromTranslation(t.Default()), each(t.Translations, fromTranslation),
		each(t.ContentTypes, func(c model.ContentType) string { return string(c) })}
}

// A SubscriptionRequest is a contact's choice on a subscription type.
type SubscriptionRequest struct {
	ID          Opt[Text]   `json:"id"`
	ConsentType Opt[string] `json:"consent_type" enum:"opt_out,opt_in"`
}

// Validate checks that what is required is there.
func (r SubscriptionRequest) Validate() error {
	if !r.ID.Has() {
		return model.ParameterNotFound("id is required")
	}
	return model.ConsentType(r.ConsentType.Value).Validate()
}
