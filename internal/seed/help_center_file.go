package seed

import (
	"parley/internal/model/content"
)

// A HelpCenter is known by its identifier. One without is the default one.
type HelpCenter struct {
	Identifier      string           `yaml:"identifier"`
	Name            string           `yaml:"name"`
	DefaultLocale   content.Locale   `yaml:"default_locale"`
	Locales         []content.Locale `yaml:"locales"`
	CustomDomain    string           `yaml:"custom_domain"`
	WebsiteTurnedOn *bool            `yaml:"website_turned_on"`
	At              Time             `yaml:"at"`
}

// A Collection is known by its name, in the default locale: among the collections
// of its help center, or within what it is a section of.
type Collection struct {
	HelpCenter   string                                   `yaml:"help_center"` // an identifier; the default one if empty; of collections alone
	Name         string                                   `yaml:"name"`
	Description  string                                   `yaml:"description"`
	Icon         string                                   `yaml:"icon"`
	At           Time                                     `yaml:"at"`
	Translations map[content.Locale]CollectionTranslation `yaml:"translations"`
	Articles     []Article                                `yaml:"articles"`
	Sections     []Collection                             `yaml:"sections"`
}

// A CollectionTranslation is what a collection is called in another locale.
type CollectionTranslation struct {
	Name        string `yaml:"name"`
	Description string `yaml:"description"`
}

// An Article is known by its title, in the default locale, where it is: in a
// collection, in a section, or alone.
type Article struct {
	ArticleText  `yaml:",inline"`
	At           Time                           `yaml:"at"`
	UpdatedAt    Time                           `yaml:"updated_at"` // when it was published
	Translations map[content.Locale]ArticleText `yaml:"translations"`
	Views        int64                          `yaml:"views"`
	Reactions    map[content.Reaction][]string  `yaml:"reactions"` // of contacts, by external id or e-mail address
}

// An ArticleText is an article in one locale.
type ArticleText struct {
	Title       string               `yaml:"title"`
	Description string               `yaml:"description"`
	Body        string               `yaml:"body"`
	Author      string               `yaml:"author"` // an admin's e-mail address; the owner of the workspace, or the author of the article, if empty
	State       content.ArticleState `yaml:"state"`
}
