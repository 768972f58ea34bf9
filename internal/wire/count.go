package wire

import (
	"github.com/go-json-experiment/json/jsontext"

	"parley/internal/model"
)

// Counts are numbers: of everything in a workspace, or of one noun, as one
// number or one for each of what it is counted by.
type Counts struct {
	Type         string              `json:"type" enum:"count.hash,count"`
	Company      *Count              `json:"company,omitzero"`
	User         *Count              `json:"user,omitzero"`
	Lead         *Count              `json:"lead,omitzero"`
	Tag          *Count              `json:"tag,omitzero"`
	Segment      *Count              `json:"segment,omitzero"`
	Conversation *ConversationCounts `json:"conversation,omitzero"`
}

// A Count is one number, or one for each tag, segment or company.
type Count struct {
	Count   *int         `json:"count,omitzero"`
	Tag     []NamedCount `json:"tag,omitzero"`
	Segment []NamedCount `json:"segment,omitzero"`
	User    []NamedCount `json:"user,omitzero"`
}

// NewCount is one number.
func NewCount(n int) *Count { return &Count{Count: &n} }

// FromTotals translates how many there are of everything.
func FromTotals(t *model.Totals) Counts {
	return Counts{Type: "count.hash", Company: NewCount(t.Companies), User: NewCount(t.Users), Lead: NewCount(t.Leads),
		Tag: NewCount(t.Tags), Segment: NewCount(t.Segments)}
}

// Of is one of the numbers; all of them for no type.
func (c Counts) Of(kind string) (Counts, error) {
	one := Counts{Type: "count"}
	switch kind {
	case "":
		return c, nil
	case "company":
		one.Company = c.Company
	case "user":
		one.User = c.User
	case "lead":
		one.Lead = c.Lead
	case "tag":
		one.Tag = c.Tag
	case "segment":
		one.Segment = c.Segment
	default:
		return c, UnknownCount()
	}
	return one, nil
}

// UnknownCount is the answer to a type and a count that do not go together.
func UnknownCount() error {
	return model.ParameterInvalid("There is no such count: type is user, lead, company, tag, segment or conversation, and" +
		" count is tag or segment of a user or company, user of a company, or admin of a conversation")
}

// A NamedCount is an object whose one member is a number by a name. That of a
// company also has the workspace's own id for it.
type NamedCount struct{ model.NamedCount }

// FromNamedCounts translates numbers by name.
func FromNamedCounts(counts []model.NamedCount) []NamedCount {
	return each(counts, func(c model.NamedCount) NamedCount { return NamedCount{c} })
}

// FromSegmentCounts translates segments that were counted.
func FromSegmentCounts(segments []*model.Segment) []NamedCount {
	return each(segments, func(g *model.Segment) NamedCount {
		return NamedCount{model.NamedCount{Name: g.Name, Count: g.Count}}
	})
}

const remoteCompanyID = "remote_company_id"

func (c NamedCount) MarshalJSONTo(e *jsontext.Encoder) error {
	tokens := []jsontext.Token{jsontext.BeginObject, jsontext.String(c.Name), jsontext.Int(int64(c.Count))}
	if c.CompanyID != "" && c.Name != remoteCompanyID { // no two members have one name
		tokens = append(tokens, jsontext.String(remoteCompanyID), jsontext.String(c.CompanyID))
	}
	for _, t := range append(tokens, jsontext.EndObject) {
		if err := e.WriteToken(t); err != nil {
			return err
		}
	}
	return nil
}

// Schema describes the type in the contract.
func (NamedCount) Schema() map[string]any {
	return map[string]any{"type": "object",
		"description":          "A number by the name of what was counted; a company's also has its remote_company_id.",
		"additionalProperties": map[string]any{"type": []string{"integer", "string"}}}
}

// ConversationCounts are numbers of conversations: of all by their state, or of
// each admin's.
type ConversationCounts struct {
	Assigned   *int          `json:"assigned,omitzero"`
	Closed     *int          `json:"closed,omitzero"`
	Open       *int          `json:"open,omitzero"`
	Unassigned *int          `json:"unassigned,omitzero"`
	Admin      []AdminCounts `json:"admin,omitzero"`
}

// AdminCounts are numbers of an admin's conversations.
type AdminCounts struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Open   int    `json:"open"`
	Closed int    `json:"closed"`
}

// FromConversationTotals translates numbers of conversations.
func FromConversationTotals(t *model.ConversationTotals) *ConversationCounts {
	return &ConversationCounts{Assigned: &t.Assigned, Closed: &t.Closed, Open: &t.Open, Unassigned: &t.Unassigned}
}

// FromAdminTotals translates numbers of admins' conversations.
func FromAdminTotals(counts []model.AdminTotals) *ConversationCounts {
	return &ConversationCounts{Admin: each(counts, func(t model.AdminTotals) AdminCounts {
		return AdminCounts{t.Admin.String(), t.Name, t.Open, t.Closed}
	})}
}
