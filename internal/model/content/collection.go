package content

import (
	"strings"

	"parley/internal/model"
)

// The bounds of collections.
const (
	MaxCollections = 5_000 // of a workspace, sections included
	MaxLevels      = 3     // a collection, a section in it, a section in that
	maxDescription = 1_000 // characters
)

// The icons of new collections and of those that lost theirs.
const DefaultIcon = "book-bookmark"

// A Collection holds articles, and sections: collections within it, which the API
// shows apart from those that are in none.
type Collection struct {
	ID         CollectionID
	HelpCenter *HelpCenter
	Parent     CollectionID // 0 of a collection; of a section, the collection or section it is in
	Order      int64        // among its siblings, from 1
	Icon       string
	CreatedAt  int64
	UpdatedAt  int64

	Contents  map[Locale]CollectionContent // that of the default locale too
	Published bool                         // there is something published in it; as it is read
}

// A CollectionContent is what a collection is called in one locale.
type CollectionContent struct {
	Name        string
	Description string // of collections alone
}

// Section reports a collection within another.
func (c *Collection) Section() bool { return c.Parent != 0 }

// Content is what the collection is called in the default locale.
func (c *Collection) Content() CollectionContent { return c.Contents[c.HelpCenter.DefaultLocale] }

// A CollectionPatch says what to change. A new collection is a patch of an empty
// one.
type CollectionPatch struct {
	CollectionContentPatch                                              // in the default locale
	Translations           map[Locale]model.Opt[CollectionContentPatch] // null takes one away; the default locale may be among them
	Icon                   model.Opt[string]
	HelpCenter             model.Opt[HelpCenterID] // of a new collection
	Parent                 model.Opt[CollectionID] // of a section
}

// A CollectionContentPatch says what to change in one locale.
type CollectionContentPatch struct {
	Name        model.Opt[string]
	Description model.Opt[string]
}

// NewCollection makes a collection, or a section if it has a parent, in a help
// center. Its id and its place are left to be given.
func NewCollection(in *HelpCenter, parent CollectionID, p CollectionPatch, now int64) (*Collection, error) {
	c := &Collection{HelpCenter: in, Parent: parent, CreatedAt: now, Icon: DefaultIcon}
	return c, c.Update(p, now)
}

// Update applies a patch, but for the parent, which takes more than the collection
// to know.
func (c *Collection) Update(p CollectionPatch, now int64) error {
	next := *c
	next.Contents = map[Locale]CollectionContent{}
	for l, content := range c.Contents {
		next.Contents[l] = content
	}
	main := c.HelpCenter.DefaultLocale
	for l, t := range p.Translations {
		if err := l.Validate(); err != nil {
			return err
		}
		switch {
		case l == main && t.Null:
			return model.ParameterInvalid("The content in the default locale cannot be removed")
		case t.Null:
			delete(next.Contents, l)
		case l == main:
			p.Name, p.Description = either(p.Name, t.Value.Name), either(p.Description, t.Value.Description)
		default:
			if err := next.translate(l, t.Value); err != nil {
				return err
			}
		}
	}
	if err := next.translate(main, p.CollectionContentPatch); err != nil {
		return err
	}
	if p.Icon.Set {
		if next.Icon = strings.TrimSpace(p.Icon.Value); next.Icon == "" {
			next.Icon = DefaultIcon
		}
		if err := model.ValidateText("Icon", next.Icon, model.MaxText); err != nil {
			return err
		}
	}
	next.UpdatedAt = now
	*c = next
	return nil
}

func (c *Collection) translate(l Locale, p CollectionContentPatch) error {
	content, there := c.Contents[l]
	if !there && !p.Name.Has() {
		return NameRequired()
	}
	p.Name.Apply(&content.Name)
	p.Description.Apply(&content.Description)
	if content.Name = strings.TrimSpace(content.Name); content.Name == "" {
		return model.ParameterInvalid("Name cannot be blank")
	}
	if err := model.ValidateText("Name", content.Name, model.MaxText); err != nil {
		return err
	}
	if err := model.ValidateText("Description", content.Description, maxDescription); err != nil {
		return err
	}
	c.Contents[l] = content
	return nil
}

// either is the first of two values, unless that is null or absent and the second
// is there.
func either[T any](a, b model.Opt[T]) model.Opt[T] {
	if a.Has() || !b.Set {
		return a
	}
	return b
}

// NameRequired is the answer to a collection or section without a name.
func NameRequired() *model.Error { return model.ParameterNotFound("Name is a required parameter.") }

// ParentRequired is the answer to a section that is in nothing.
func ParentRequired() *model.Error {
	return model.ParameterNotFound("parent_id is a required parameter.")
}

// ParentUnknown is the answer to a parent that is not there.
func ParentUnknown() *model.Error {
	return model.ParameterInvalid("parent_id is not the id of a collection or a section")
}

// HelpCenterUnknown is the answer to a help center that is not there.
func HelpCenterUnknown() *model.Error {
	return model.ParameterInvalid("help_center_id is not the id of a help center")
}

// ParentWithin is the answer to a section that is to be within itself.
func ParentWithin() *model.Error { return model.ParameterInvalid("A section cannot be within itself") }

// LevelsExceeded is the answer to a section too deep.
func LevelsExceeded() *model.Error {
	return model.ParameterInvalid("Collections and sections can have %d levels at most", MaxLevels)
}

// CollectionLimitReached is the answer to one collection too many.
func CollectionLimitReached() *model.Error {
	return model.ParameterInvalid("A workspace can have %d collections and sections at most", MaxCollections)
}

// ParentElsewhere is the answer to a section that is to go to another help center.
func ParentElsewhere() *model.Error {
	return model.ParameterInvalid("A section stays in its help center")
}
