package wire

import (
	"bytes"
	"reflect"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"parley/internal/model"
)

// A Company leaves out what is unset, where a contact has null.
type Company struct {
	Type             string           `json:"type" enum:"company"`
	CompanyID        string           `json:"company_id,omitzero" doc:"The workspace's own id."`
	ID               string           `json:"id"`
	AppID            string           `json:"app_id"`
	Name             string           `json:"name,omitzero"`
	RemoteCreatedAt  int64            `json:"remote_created_at"`
	CreatedAt        int64            `json:"created_at"`
	UpdatedAt        int64            `json:"updated_at"`
	LastRequestAt    int64            `json:"last_request_at,omitzero"`
	Size             *int64           `json:"size,omitzero"`
	Website          string           `json:"website,omitzero"`
	Industry         string           `json:"industry,omitzero"`
	MonthlySpend     int64            `json:"monthly_spend"`
	SessionCount     int64            `json:"session_count"`
	UserCount        int64            `json:"user_count"`
	Tags             CompanyTags      `json:"tags"`
	Segments         Segments         `json:"segments"`
	Plan             Plan             `json:"plan"`
	CustomAttributes AnswerAttributes `json:"custom_attributes"`
}

// A Plan is what a company pays for; an empty object if nothing.
type Plan struct {
	Type string `json:"type,omitzero" enum:"plan"`
	ID   string `json:"id,omitzero"`
	Name string `json:"name,omitzero"`
}

// CompanyTags are the tags of a company.
type CompanyTags struct {
	Type string `json:"type" enum:"tag.list"`
	Tags []Tag  `json:"tags"`
}

// FromCompany translates a company of a workspace.
func FromCompany(ws model.WorkspaceID) func(*model.Company) Company {
	return func(c *model.Company) Company {
		out := Company{
			Type: "company", CompanyID: c.CompanyID, ID: string(c.ID), AppID: string(ws), Name: c.Name,
			RemoteCreatedAt: c.RemoteCreatedAt, CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt,
			LastRequestAt: c.LastRequestAt, Size: c.Size, Website: c.Website, Industry: c.Industry,
			MonthlySpend: c.MonthlySpend, SessionCount: c.SessionCount, UserCount: c.UserCount,
			Tags:             CompanyTags{"tag.list", each(c.Tags, FromTag)},
			Segments:         NewSegments(c.Segments, FromSegment),
			CustomAttributes: AnswerAttributes(c.Attributes),
		}
		if c.Plan.ID != 0 {
			out.Plan = Plan{"plan", c.Plan.ID.String(), c.Plan.Name}
		}
		return out
	}
}

// CompanyOrList is a company where one was asked for, or else a list.
type CompanyOrList struct {
	Company *Company
	List    *LinkList[Company]
}

func (c CompanyOrList) MarshalJSONTo(e *jsontext.Encoder) error {
	if c.Company != nil {
		return json.MarshalEncode(e, c.Company)
	}
	return json.MarshalEncode(e, c.List)
}

// Schema describes the type in the contract.
func (CompanyOrList) Schema() map[string]any {
	return map[string]any{"anyOf": []any{reflect.TypeFor[Company](), reflect.TypeFor[LinkList[Company]]()}}
}

// A CompanyScroll is a page of a scroll. On the last page, an empty one, there
// is no scroll_param.
type CompanyScroll struct {
	Type        string     `json:"type" enum:"list"`
	Data        []Company  `json:"data"`
	Pages       *LinkPages `json:"pages"`
	TotalCount  NullInt    `json:"total_count"`
	ScrollParam string     `json:"scroll_param,omitzero"`
}

// NewCompanyScroll makes a page of a scroll; param asks for the next page, or is
// empty.
func NewCompanyScroll(ws model.WorkspaceID, companies []*model.Company, param string) CompanyScroll {
	return CompanyScroll{Type: "list", Data: each(companies, FromCompany(ws)), ScrollParam: param}
}

// FromDeletedCompany is what is left to say of a company.
func FromDeletedCompany(c *model.Company) Deleted { return Deleted{string(c.ID), "company", true} }

// A CompanyRequest is a new company, or what to change of one. Other fields are
// ignored, unless there are only such.
type CompanyRequest struct {
	CompanyID        Opt[Text]    `json:"company_id,omitzero"`
	Name             Opt[Text]    `json:"name,omitzero"`
	Plan             Opt[Text]    `json:"plan,omitzero" doc:"The plan's name."`
	Size             Opt[Int]     `json:"size,omitzero"`
	Website          Opt[Text]    `json:"website,omitzero"`
	Industry         Opt[Text]    `json:"industry,omitzero"`
	MonthlySpend     Opt[Number]  `json:"monthly_spend,omitzero"`
	RemoteCreatedAt  Opt[Seconds] `json:"remote_created_at,omitzero"`
	CustomAttributes Attributes   `json:"custom_attributes,omitzero"`

	Others jsontext.Value `json:",embed"`
}

// Patch is what the request asks to set and clear.
func (r CompanyRequest) Patch() (model.CompanyPatch, error) {
	text := func(t Text) string { return string(t) }
	p := model.CompanyPatch{
		CompanyID: convert(r.CompanyID, text), Name: convert(r.Name, text), Plan: convert(r.Plan, text),
		Size:    convert(r.Size, func(n Int) int64 { return int64(n) }),
		Website: convert(r.Website, text), Industry: convert(r.Industry, text),
		MonthlySpend:    convert(r.MonthlySpend, func(n Number) float64 { return float64(n) }),
		RemoteCreatedAt: convert(r.RemoteCreatedAt, func(s Seconds) int64 { return int64(s) }),
		Attributes:      model.Attributes(r.CustomAttributes),
	}
	for _, set := range []bool{r.CompanyID.Set, r.Name.Set, r.Plan.Set, r.Size.Set, r.Website.Set, r.Industry.Set,
		r.MonthlySpend.Set, r.RemoteCreatedAt.Set, r.CustomAttributes != nil} {
		if set {
			return p, nil
		}
	}
	if name, ok := firstName(r.Others); ok {
		return p, &model.Error{Kind: model.Invalid, Code: "bad_request", Message: "bad '" + clip(name) + "' parameter"}
	}
	return p, nil
}

// firstName is the name of the first member of an object, if it has any.
func firstName(object jsontext.Value) (string, bool) {
	d := jsontext.NewDecoder(bytes.NewReader(object))
	if _, err := d.ReadToken(); err != nil {
		return "", false
	}
	name, err := d.ReadToken()
	return name.String(), err == nil && name.Kind() == '"'
}
