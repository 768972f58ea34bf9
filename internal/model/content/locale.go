package content

import (
	"slices"

	"parley/internal/model"
)

// A Locale is a language as the API names it: "en", "pt-BR".
type Locale string

// English is the default locale of a help center that was given none.
const English Locale = "en"

// Locales are all that content can be translated into, in the order of the API.
func Locales() []Locale {
	return []Locale{"ar", "bg", "bs", "ca", "cs", "da", "de", "el", "en", "es", "et", "fi", "fr", "he", "hr", "hu", "id", "it",
		"ja", "ko", "lt", "lv", "mn", "nb", "nl", "pl", "pt", "ro", "ru", "sl", "sr", "sv", "tr", "vi", "pt-BR", "zh-CN", "zh-TW"}
}

// Validate refuses what is no locale of the API.
func (l Locale) Validate() error {
	if !slices.Contains(Locales(), l) {
		return model.ParameterInvalid("%.20q is not a supported locale", string(l))
	}
	return nil
}
