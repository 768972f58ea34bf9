package wire

import "parley/internal/model"

// A Visitor has the older shape of people: flat, with its lists named by type.
type Visitor struct {
	Type                   string                `json:"type" enum:"visitor"`
	ID                     string                `json:"id"`
	UserID                 string                `json:"user_id"`
	Anonymous              bool                  `json:"anonymous"`
	Email                  string                `json:"email"`
	Phone                  NullText              `json:"phone"`
	Name                   NullText              `json:"name"`
	Pseudonym              NullText              `json:"pseudonym"`
	Avatar                 Avatar                `json:"avatar"`
	AppID                  string                `json:"app_id"`
	Companies              VisitorCompanies      `json:"companies"`
	LocationData           LocationData          `json:"location_data"`
	LastRequestAt          NullInt               `json:"last_request_at"`
	CreatedAt              int64                 `json:"created_at"`
	RemoteCreatedAt        int64                 `json:"remote_created_at"`
	SignedUpAt             int64                 `json:"signed_up_at"`
	UpdatedAt              int64                 `json:"updated_at"`
	SessionCount           int64                 `json:"session_count"`
	SocialProfiles         VisitorSocialProfiles `json:"social_profiles"`
	OwnerID                NullInt               `json:"owner_id"`
	UnsubscribedFromEmails bool                  `json:"unsubscribed_from_emails"`
	MarkedEmailAsSpam      bool                  `json:"marked_email_as_spam"`
	HasHardBounced         bool                  `json:"has_hard_bounced"`
	Tags                   VisitorTags           `json:"tags"`
	Segments               VisitorSegments       `json:"segments"`
	CustomAttributes       AnswerAttributes      `json:"custom_attributes"`
	Referrer               NullText              `json:"referrer"`
	UTMCampaign            NullText              `json:"utm_campaign"`
	UTMContent             NullText              `json:"utm_content"`
	UTMMedium              NullText              `json:"utm_medium"`
	UTMSource              NullText              `json:"utm_source"`
	UTMTerm                NullText              `json:"utm_term"`
	DoNotTrack             *bool                 `json:"do_not_track" doc:"Not recorded: always null."`
}

// LocationData is where a visitor was last seen; what is unknown is left out.
type LocationData struct {
	Type          string `json:"type,omitzero" enum:"location_data"`
	CityName      string `json:"city_name,omitzero"`
	ContinentCode string `json:"continent_code,omitzero"`
	CountryCode   string `json:"country_code,omitzero"`
	CountryName   string `json:"country_name,omitzero"`
	RegionName    string `json:"region_name,omitzero"`
}

// What a visitor cannot have before it becomes a contact: companies, tags and
// segments. Its lists of them are empty.
type (
	VisitorCompanies struct {
		Type      string      `json:"type" enum:"company.list"`
		Companies []Reference `json:"companies"`
	}
	VisitorTags struct {
		Type string      `json:"type" enum:"tag.list"`
		Tags []Reference `json:"tags"`
	}
	VisitorSegments struct {
		Type     string      `json:"type" enum:"segment.list"`
		Segments []Reference `json:"segments"`
	}
)

// VisitorSocialProfiles are a visitor's accounts elsewhere.
type VisitorSocialProfiles struct {
	Type           string          `json:"type" enum:"social_profile.list"`
	SocialProfiles []SocialProfile `json:"social_profiles"`
}

// FromVisitor translates a visitor of a workspace.
func FromVisitor(ws model.WorkspaceID) func(*model.Contact) Visitor {
	return func(c *model.Contact) Visitor {
		p := &c.Profile
		return Visitor{
			Type: "visitor", ID: string(c.ID), UserID: c.ExternalID, Anonymous: true, Email: c.Email,
			Phone: NullText(c.Phone), Name: NullText(c.Name), Pseudonym: NullText(c.Pseudonym),
			Avatar: Avatar{"avatar", NullText(c.Avatar)}, AppID: string(ws),
			Companies: VisitorCompanies{Type: "company.list"}, LocationData: newLocationData(p),
			LastRequestAt: NullInt(c.LastSeenAt), CreatedAt: c.CreatedAt, RemoteCreatedAt: c.CreatedAt,
			SignedUpAt: c.SignedUpAt, UpdatedAt: c.UpdatedAt, SessionCount: c.SessionCount,
			SocialProfiles: VisitorSocialProfiles{"social_profile.list", each(p.SocialProfiles, newSocialProfile)},
			OwnerID:        NullInt(c.OwnerID), UnsubscribedFromEmails: c.UnsubscribedFromEmails,
			MarkedEmailAsSpam: c.MarkedEmailAsSpam, HasHardBounced: c.HasHardBounced,
			Tags: VisitorTags{Type: "tag.list"}, Segments: VisitorSegments{Type: "segment.list"},
			CustomAttributes: AnswerAttributes(c.Attributes), Referrer: NullText(p.Referrer),
			UTMCampaign: NullText(p.UTMCampaign), UTMContent: NullText(p.UTMContent),
			UTMMedium: NullText(p.UTMMedium), UTMSource: NullText(p.UTMSource), UTMTerm: NullText(p.UTMTerm),
		}
	}
}

func newLocationData(p *model.Profile) LocationData {
	l := LocationData{CityName: p.City, ContinentCode: p.ContinentCode, CountryCode: p.CountryCode,
		CountryName: p.Country, RegionName: p.Region}
	if l != (LocationData{}) {
		l.Type = "location_data"
	}
	return l
}

// A DeletedVisitor is what is left to say of one.
type DeletedVisitor struct {
	ID     string `json:"id"`
	Type   string `json:"type" enum:"visitor"`
	UserID string `json:"user_id"`
}

// FromDeletedVisitor translates a visitor that was deleted.
func FromDeletedVisitor(c *model.Contact) DeletedVisitor {
	return DeletedVisitor{string(c.ID), "visitor", c.ExternalID}
}

// A VisitorRequest says what to change of a visitor and, where the path does
// not, of which. Other fields are ignored.
type VisitorRequest struct {
	ID               Text        `json:"id,omitzero"`
	UserID           Text        `json:"user_id,omitzero"`
	Name             Opt[string] `json:"name,omitzero"`
	CustomAttributes Attributes  `json:"custom_attributes,omitzero"`
}

// Ref is the visitor that the request names.
func (r VisitorRequest) Ref() (model.ContactRef, error) {
	ref := model.ContactRef{ID: model.ContactID(r.ID), ExternalID: string(r.UserID)}
	if ref == (model.ContactRef{}) {
		return ref, model.ParameterNotFound("A visitor is named by its id or its user_id")
	}
	return ref, nil
}

// Patch is what the request asks to set and clear.
func (r VisitorRequest) Patch() model.VisitorPatch {
	return model.VisitorPatch{Name: r.Name.Opt, Attributes: model.Attributes(r.CustomAttributes)}
}

// A ConvertRequest asks to make a user or a lead of a visitor.
type ConvertRequest struct {
	Type    string          `json:"type" enum:"user,lead"`
	Visitor Opt[ContactRef] `json:"visitor"`
	User    Opt[ContactRef] `json:"user,omitzero" doc:"Who the visitor turns out to be; not needed for a lead."`
}

// A ContactRef names a contact or a visitor, by the first of its fields that is
// there.
type ContactRef struct {
	ID     Text `json:"id,omitzero"`
	UserID Text `json:"user_id,omitzero" doc:"Of a contact: its external id."`
	Email  Text `json:"email,omitzero"`
}

func (r ContactRef) ref() model.ContactRef {
	return model.ContactRef{ID: model.ContactID(r.ID), ExternalID: string(r.UserID), Email: string(r.Email)}
}

// Conversion is what the request asks for.
func (r ConvertRequest) Conversion() model.Conversion {
	return model.Conversion{Visitor: r.Visitor.Value.ref(), Role: model.Role(r.Type), Target: r.User.Value.ref()}
}
