package wire

import (
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"parley/internal/model"
	"parley/internal/model/content"
)

// A Collection holds articles and sections.
type Collection struct {
	ID                string              `json:"id"`
	WorkspaceID       string              `json:"workspace_id"`
	Name              string              `json:"name"`
	URL               string              `json:"url" doc:"Where readers find it; of a collection in which nothing is published, the help center."`
	Order             int64               `json:"order"`
	CreatedAt         int64               `json:"created_at"`
	UpdatedAt         int64               `json:"updated_at"`
	Description       string              `json:"description"`
	Icon              string              `json:"icon"`
	HelpCenterID      int64               `json:"help_center_id"`
	Type              string              `json:"type" enum:"collection"`
	DefaultLocale     string              `json:"default_locale,omitzero"`
	TranslatedContent *CollectionContents `json:"translated_content,omitzero"`
}

// A Section is a collection within another, or within a section.
type Section struct {
	ID                string              `json:"id"`
	WorkspaceID       string              `json:"workspace_id"`
	Name              string              `json:"name"`
	URL               string              `json:"url" doc:"Where readers find it; of a section in which nothing is published, the help center."`
	Order             int64               `json:"order"`
	CreatedAt         int64               `json:"created_at"`
	UpdatedAt         int64               `json:"updated_at"`
	Type              string              `json:"type" enum:"section"`
	ParentID          SectionParent       `json:"parent_id"`
	DefaultLocale     string              `json:"default_locale,omitzero"`
	TranslatedContent *CollectionContents `json:"translated_content,omitzero"`
}

// CollectionContents are what a collection or section is called in each of its
// locales.
type CollectionContents = Localised[CollectionContent]

// A CollectionContent is what a collection or section is called in one locale.
type CollectionContent struct {
	Type        string `json:"type" enum:"group_content"`
	Name        string `json:"name"`
	Description string `json:"description"`
}

// A SectionParent is what a section is within: a number where a section is read,
// a string where it was written.
type SectionParent struct {
	ID      content.CollectionID
	Written bool
}

func (p SectionParent) MarshalJSONTo(e *jsontext.Encoder) error {
	if p.Written {
		return e.WriteToken(jsontext.String(p.ID.String()))
	}
	return e.WriteToken(jsontext.Int(int64(p.ID)))
}

// Schema describes the type in the contract.
func (SectionParent) Schema() map[string]any {
	return map[string]any{"type": []string{"integer", "string"}, "description": "A number where a section is read, a string where it was written."}
}

// FromCollection translates a collection of a workspace. Base is where this server
// is.
func FromCollection(ws model.WorkspaceID, base string) func(*content.Collection) Collection {
	return func(c *content.Collection) Collection {
		out := Collection{ID: c.ID.String(), WorkspaceID: string(ws), Name: c.Content().Name, URL: c.URL(base), Order: c.Order,
			CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt, Description: c.Content().Description, Icon: c.Icon,
			HelpCenterID: int64(c.HelpCenter.ID), Type: "collection"}
		out.DefaultLocale, out.TranslatedContent = collectionContents(c)
		return out
	}
}

// FromSection translates a section of a workspace, as it is read or as it was
// written.
func FromSection(ws model.WorkspaceID, base string, written bool) func(*content.Collection) Section {
	return func(c *content.Collection) Section {
		out := Section{ID: c.ID.String(), WorkspaceID: string(ws), Name: c.Content().Name, URL: c.URL(base), Order: c.Order,
			CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt, Type: "section", ParentID: SectionParent{c.Parent, written}}
		out.DefaultLocale, out.TranslatedContent = collectionContents(c)
		return out
	}
}

func collectionContents(c *content.Collection) (string, *CollectionContents) {
	return localise("group_translated_content", c.HelpCenter, c.Contents, func(_ content.Locale, t content.CollectionContent) CollectionContent {
		return CollectionContent{"group_content", t.Name, t.Description}
	})
}

// NewDeletedCollection is what is left to say of a collection or, under that name,
// of a section.
func NewDeletedCollection(id content.CollectionID, object string) Deleted {
	return Deleted{strconv.FormatInt(int64(id), 10), object, true}
}

// A NewCollectionRequest is a new collection.
type NewCollectionRequest struct {
	CollectionRequest
	HelpCenterID Opt[Text] `json:"help_center_id,omitzero" doc:"null for the default help center."`
}

// A CollectionRequest is what to change of a collection. It stays in its help center.
type CollectionRequest struct {
	CollectionContentRequest
	Icon              Opt[Text]                              `json:"icon,omitzero" doc:"The name of an icon, which the published description does not take."`
	TranslatedContent Translations[CollectionContentRequest] `json:"translated_content,omitzero"`
}

// A SectionRequest is a new section, or what to change of one.
type SectionRequest struct {
	Name              Opt[Text]                              `json:"name,omitzero"`
	ParentID          Opt[Text]                              `json:"parent_id,omitzero" doc:"The collection or section that it is within."`
	TranslatedContent Translations[CollectionContentRequest] `json:"translated_content,omitzero"`
}

// A CollectionContentRequest is what a collection is to be called in one locale.
type CollectionContentRequest struct {
	Name        Opt[Text] `json:"name,omitzero"`
	Description Opt[Text] `json:"description,omitzero"`
}

func (r CollectionContentRequest) patch() content.CollectionContentPatch {
	return content.CollectionContentPatch{Name: plain(r.Name), Description: plain(r.Description)}
}

// Patch is what the request asks to set.
func (r NewCollectionRequest) Patch() content.CollectionPatch {
	p := r.CollectionRequest.Patch()
	p.HelpCenter = convert(r.HelpCenterID, func(t Text) content.HelpCenterID { return model.Decimal[content.HelpCenterID](string(t)) })
	return p
}

// Patch is what the request asks to set and clear.
func (r CollectionRequest) Patch() content.CollectionPatch {
	return content.CollectionPatch{CollectionContentPatch: r.patch(), Icon: plain(r.Icon),
		Translations: translations(r.TranslatedContent, CollectionContentRequest.patch)}
}

// Patch is what the request asks to set and clear.
func (r SectionRequest) Patch() content.CollectionPatch {
	return content.CollectionPatch{CollectionContentPatch: content.CollectionContentPatch{Name: plain(r.Name)},
		Translations: translations(r.TranslatedContent, CollectionContentRequest.patch),
		Parent:       convert(r.ParentID, collectionID)}
}
