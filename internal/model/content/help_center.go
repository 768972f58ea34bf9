package content

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"parley/internal/model"
)

// MaxHelpCenters is how many help centers a workspace can have.
const MaxHelpCenters = 20

// MaxIdentifier is how long an identifier of a help center is at most.
const MaxIdentifier = 63

// A HelpCenter is a site of articles. The first of a workspace is its default one,
// which is made when something is first put into it.
type HelpCenter struct {
	ID              HelpCenterID
	Identifier      string // in its URL; no two help centers of a server share one
	DisplayName     string // seen by teammates only
	WebsiteTurnedOn bool
	CustomDomain    string
	DefaultLocale   Locale
	Locales         []Locale // beside the default one
	CreatedAt       int64
	UpdatedAt       int64
}

// Multilingual reports whether the help center has more than its default locale.
// Only then does the API show translations.
func (h *HelpCenter) Multilingual() bool { return len(h.Locales) > 0 }

// Speaks reports whether the help center shows a locale.
func (h *HelpCenter) Speaks(l Locale) bool {
	return l == h.DefaultLocale || slices.Contains(h.Locales, l)
}

// A HelpCenterPatch says what to change. A new help center is a patch of an empty
// one.
type HelpCenterPatch struct {
	DisplayName     model.Opt[string]
	WebsiteTurnedOn model.Opt[bool]
	CustomDomain    model.Opt[string]
	DefaultLocale   model.Opt[Locale]
	Locales         model.Opt[[]Locale]
}

// NewHelpCenter makes a help center of a patch. Its id is left to be given.
func NewHelpCenter(identifier string, p HelpCenterPatch, now int64) (*HelpCenter, error) {
	if !identifierForm().MatchString(identifier) {
		return nil, model.ParameterInvalid("An identifier of a help center has lower-case letters, digits and hyphens, 63 at most, not %q", identifier)
	}
	h := &HelpCenter{Identifier: identifier, DefaultLocale: English, CreatedAt: now}
	return h, h.Update(p, now)
}

// What a start can do without is made ready when it is asked for.
var (
	identifierForm = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`) })
	domainForm     = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$`)
	})
)

// Update applies a patch.
func (h *HelpCenter) Update(p HelpCenterPatch, now int64) error {
	next := *h
	p.DisplayName.Apply(&next.DisplayName)
	p.WebsiteTurnedOn.Apply(&next.WebsiteTurnedOn)
	p.CustomDomain.Apply(&next.CustomDomain)
	next.DisplayName = strings.TrimSpace(next.DisplayName)
	next.CustomDomain = strings.ToLower(strings.TrimSpace(next.CustomDomain))
	if l := p.DefaultLocale; l.Has() && l.Value != next.DefaultLocale {
		if h.ID != 0 { // what there is has its content in the old one
			return model.ParameterInvalid("The default locale of a help center cannot be changed")
		}
		next.DefaultLocale = l.Value
	}
	if p.Locales.Set {
		next.Locales = slices.Clone(p.Locales.Value)
	}
	next.Locales = slices.DeleteFunc(next.Locales, func(l Locale) bool { return l == next.DefaultLocale })
	slices.Sort(next.Locales)
	next.Locales = slices.Compact(next.Locales)
	for _, l := range append([]Locale{next.DefaultLocale}, next.Locales...) {
		if err := l.Validate(); err != nil {
			return err
		}
	}
	switch {
	case next.DisplayName == "":
		return model.ParameterNotFound("A help center needs a display name")
	case len(next.CustomDomain) > model.MaxText || next.CustomDomain != "" && !domainForm().MatchString(next.CustomDomain):
		return model.ParameterInvalid("%.80q is not a domain like help.acme.example", next.CustomDomain)
	}
	if err := model.ValidateText("Display name", next.DisplayName, model.MaxText); err != nil {
		return err
	}
	next.UpdatedAt = now
	*h = next
	return nil
}

// IdentifierTaken is the answer to a second help center with an identifier.
func IdentifierTaken(identifier string) *model.Error {
	return &model.Error{Kind: model.Conflict, Code: "conflict", Message: "There is a help center " + identifier + " already"}
}

// HelpCenterLimitReached is the answer to one help center too many.
func HelpCenterLimitReached() *model.Error {
	return model.ParameterInvalid("A workspace can have %d help centers at most", MaxHelpCenters)
}
