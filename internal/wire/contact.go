package wire

import (
	"parley/internal/model"
)

// A Contact carries every key, with null for what is unset.
type Contact struct {
	Type                      string           `json:"type" enum:"contact"`
	ID                        string           `json:"id"`
	WorkspaceID               string           `json:"workspace_id"`
	ExternalID                NullText         `json:"external_id"`
	Role                      string           `json:"role" enum:"user,lead"`
	Email                     NullText         `json:"email"`
	Phone                     NullText         `json:"phone"`
	Name                      NullText         `json:"name"`
	Avatar                    *Avatar          `json:"avatar"`
	OwnerID                   NullInt          `json:"owner_id"`
	SocialProfiles            SocialProfiles   `json:"social_profiles"`
	HasHardBounced            bool             `json:"has_hard_bounced"`
	MarkedEmailAsSpam         bool             `json:"marked_email_as_spam"`
	UnsubscribedFromEmails    bool             `json:"unsubscribed_from_emails"`
	CreatedAt                 int64            `json:"created_at"`
	UpdatedAt                 int64            `json:"updated_at"`
	SignedUpAt                NullInt          `json:"signed_up_at"`
	LastSeenAt                NullInt          `json:"last_seen_at"`
	LastRepliedAt             NullInt          `json:"last_replied_at"`
	LastContactedAt           NullInt          `json:"last_contacted_at"`
	LastEmailOpenedAt         NullInt          `json:"last_email_opened_at"`
	LastEmailClickedAt        NullInt          `json:"last_email_clicked_at"`
	LanguageOverride          NullText         `json:"language_override"`
	Browser                   NullText         `json:"browser"`
	BrowserVersion            NullText         `json:"browser_version"`
	BrowserLanguage           NullText         `json:"browser_language"`
	OS                        NullText         `json:"os"`
	Location                  Location         `json:"location"`
	AndroidAppName            NullText         `json:"android_app_name"`
	AndroidAppVersion         NullText         `json:"android_app_version"`
	AndroidDevice             NullText         `json:"android_device"`
	AndroidOSVersion          NullText         `json:"android_os_version"`
	AndroidSDKVersion         NullText         `json:"android_sdk_version"`
	AndroidLastSeenAt         NullInt          `json:"android_last_seen_at"`
	IOSAppName                NullText         `json:"ios_app_name"`
	IOSAppVersion             NullText         `json:"ios_app_version"`
	IOSDevice                 NullText         `json:"ios_device"`
	IOSOSVersion              NullText         `json:"ios_os_version"`
	IOSSDKVersion             NullText         `json:"ios_sdk_version"`
	IOSLastSeenAt             NullInt          `json:"ios_last_seen_at"`
	CustomAttributes          AnswerAttributes `json:"custom_attributes"`
	Tags                      AddressableList  `json:"tags"`
	Notes                     AddressableList  `json:"notes"`
	Companies                 AddressableList  `json:"companies"`
	OptedOutSubscriptionTypes AddressableList  `json:"opted_out_subscription_types"`
	OptedInSubscriptionTypes  AddressableList  `json:"opted_in_subscription_types"`
	UTMCampaign               NullText         `json:"utm_campaign"`
	UTMContent                NullText         `json:"utm_content"`
	UTMMedium                 NullText         `json:"utm_medium"`
	UTMSource                 NullText         `json:"utm_source"`
	UTMTerm                   NullText         `json:"utm_term"`
	Referrer                  NullText         `json:"referrer"`

	encoded encoded
}

// An Avatar is a picture.
type Avatar struct {
	Type     string   `json:"type" enum:"avatar"`
	ImageURL NullText `json:"image_url"`
}

func newAvatar(url string) *Avatar {
	if url == "" {
		return nil
	}
	return &Avatar{"avatar", NullText(url)}
}

// A Location is where a contact was last seen, as far as known.
type Location struct {
	Type          string   `json:"type" enum:"location"`
	Country       NullText `json:"country"`
	Region        NullText `json:"region"`
	City          NullText `json:"city"`
	CountryCode   NullText `json:"country_code"`
	ContinentCode NullText `json:"continent_code"`
}

// SocialProfiles are a contact's accounts elsewhere.
type SocialProfiles struct {
	Type string          `json:"type" enum:"list"`
	Data []SocialProfile `json:"data"`
}

// A SocialProfile is an account elsewhere.
type SocialProfile struct {
	Type string `json:"type" enum:"social_profile"`
	Name string `json:"name"`
	URL  string `json:"url"`
}

func newSocialProfile(p model.SocialProfile) SocialProfile {
	return SocialProfile{"social_profile", p.Name, p.URL}
}

// An AddressableList is the first ten of what belongs to a contact, and where to
// read the rest.
type AddressableList struct {
	Type       string        `json:"type" enum:"list"`
	Data       []Addressable `json:"data"`
	URL        string        `json:"url"`
	TotalCount int           `json:"total_count"`
	HasMore    bool          `json:"has_more"`
}

// An Addressable is an object and the path it can be read at.
type Addressable struct {
	Type string `json:"type"`
	ID   string `json:"id"`
	URL  string `json:"url"`
}

// FromContact translates a contact of a workspace.
func FromContact(ws model.WorkspaceID) func(*model.Contact) Contact {
	return func(c *model.Contact) Contact {
		p := &c.Profile
		own := "/contacts/" + string(c.ID)
		out := Contact{
			encoded: encoded{c.Encoded},
			Type:    "contact", ID: string(c.ID), WorkspaceID: string(ws), ExternalID: NullText(c.ExternalID),
			Role: string(c.Role), Email: NullText(c.Email), Phone: NullText(c.Phone), Name: NullText(c.Name),
			Avatar: newAvatar(c.Avatar), OwnerID: NullInt(c.OwnerID),
			SocialProfiles: SocialProfiles{"list", each(p.SocialProfiles, newSocialProfile)},
			HasHardBounced: c.HasHardBounced, MarkedEmailAsSpam: c.MarkedEmailAsSpam,
			UnsubscribedFromEmails: c.UnsubscribedFromEmails, CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt,
			SignedUpAt: NullInt(c.SignedUpAt), LastSeenAt: NullInt(c.LastSeenAt), LastRepliedAt: NullInt(c.LastRepliedAt),
			LastContactedAt: NullInt(c.LastContactedAt), LastEmailOpenedAt: NullInt(c.LastEmailOpenedAt),
			LastEmailClickedAt: NullInt(c.LastEmailClickedAt), LanguageOverride: NullText(p.LanguageOverride),
			Browser: NullText(p.Browser), BrowserVersion: NullText(p.BrowserVersion),
			BrowserLanguage: NullText(p.BrowserLanguage), OS: NullText(p.OS),
			Location: Location{"location", NullText(p.Country), NullText(p.Region), NullText(p.City),
				NullText(p.CountryCode), NullText(p.ContinentCode)},
			AndroidAppName: NullText(p.AndroidAppName), AndroidAppVersion: NullText(p.AndroidAppVersion),
			AndroidDevice: NullText(p.AndroidDevice), AndroidOSVersion: NullText(p.AndroidOSVersion),
			AndroidSDKVersion: NullText(p.AndroidSDKVersion), AndroidLastSeenAt: NullInt(p.AndroidLastSeenAt),
			IOSAppName: NullText(p.IOSAppName), IOSAppVersion: NullText(p.IOSAppVersion), IOSDevice: NullText(p.IOSDevice),
			IOSOSVersion: NullText(p.IOSOSVersion), IOSSDKVersion: NullText(p.IOSSDKVersion),
			IOSLastSeenAt:             NullInt(p.IOSLastSeenAt),
			CustomAttributes:          AnswerAttributes(c.Attributes),
			Tags:                      addressable("tag", "/tags/", own+"/tags", c.Relatives.Tags),
			Notes:                     addressable("note", "/notes/", own+"/notes", c.Relatives.Notes),
			Companies:                 addressable("company", "/companies/", own+"/companies", c.Relatives.Companies),
			OptedOutSubscriptionTypes: addressable("subscription", "/subscription_types/", own+"/subscriptions", c.Relatives.OptedOut),
			OptedInSubscriptionTypes:  addressable("subscription", "/subscription_types/", own+"/subscriptions", c.Relatives.OptedIn),
			UTMCampaign:               NullText(p.UTMCampaign), UTMContent: NullText(p.UTMContent), UTMMedium: NullText(p.UTMMedium),
			UTMSource: NullText(p.UTMSource), UTMTerm: NullText(p.UTMTerm), Referrer: NullText(p.Referrer),
		}
		return out
	}
}

// A ContactCursorList is a page of contacts whose next page is named by a cursor.
type ContactCursorList struct {
	Type       string      `json:"type"`
	Data       []Contact   `json:"data"`
	TotalCount int         `json:"total_count"`
	Pages      CursorPages `json:"pages"`

	items items // in the place of Data
}

// AppendJSON implements Appender.
func (l ContactCursorList) AppendJSON(to []byte) ([]byte, error) {
	return l.items.appendTo(to, l, "data")
}

// NewContactCursorList makes a page of contacts of a workspace; cursor is the next page's, if there is one.
func NewContactCursorList(p *model.Page[*model.Contact], cursor string, ws model.WorkspaceID) ContactCursorList {
	from := FromContact(ws)
	return ContactCursorList{Type: "list", Data: []Contact{}, TotalCount: p.Total, Pages: NewCursorPages(p, cursor),
		items: items{len(p.Items), func(i int) ([]byte, error) {
			c := p.Items[i]
			return encoded{c.Encoded}.or(func() ([]byte, error) {
				made := from(c)
				return marshal(&made)
			})
		}}}
}

func addressable(kind, path, url string, refs model.References) AddressableList {
	return AddressableList{
		Type: "list", URL: url, TotalCount: refs.Total, HasMore: refs.Total > len(refs.IDs),
		Data: each(refs.IDs, func(id string) Addressable { return Addressable{kind, id, path + id} }),
	}
}

// A ContactRequest is a new contact, or what to change of one. Other fields are
// ignored.
type ContactRequest struct {
	Role                   Opt[string]  `json:"role,omitzero" doc:"user or lead"`
	ExternalID             Opt[Text]    `json:"external_id,omitzero"`
	Email                  Opt[string]  `json:"email,omitzero"`
	Phone                  Opt[Text]    `json:"phone,omitzero"`
	Name                   Opt[string]  `json:"name,omitzero"`
	Avatar                 Opt[string]  `json:"avatar,omitzero"`
	SignedUpAt             Opt[Seconds] `json:"signed_up_at,omitzero"`
	LastSeenAt             Opt[Seconds] `json:"last_seen_at,omitzero"`
	OwnerID                Opt[Int]     `json:"owner_id,omitzero"`
	UnsubscribedFromEmails Opt[Bool]    `json:"unsubscribed_from_emails,omitzero"`
	CustomAttributes       Attributes   `json:"custom_attributes,omitzero"`
}

// Patch is what the request asks to set and clear.
func (r ContactRequest) Patch() model.ContactPatch {
	text := func(t Text) string { return string(t) }
	seconds := func(s Seconds) int64 { return int64(s) }
	return model.ContactPatch{
		Role:       convert(r.Role, func(s string) model.Role { return model.Role(s) }),
		ExternalID: convert(r.ExternalID, text), Email: r.Email.Opt, Phone: convert(r.Phone, text),
		Name: r.Name.Opt, Avatar: r.Avatar.Opt,
		SignedUpAt: convert(r.SignedUpAt, seconds), LastSeenAt: convert(r.LastSeenAt, seconds),
		OwnerID:                convert(r.OwnerID, func(n Int) model.AdminID { return model.AdminID(n) }),
		UnsubscribedFromEmails: convert(r.UnsubscribedFromEmails, func(b Bool) bool { return bool(b) }),
		Attributes:             model.Attributes(r.CustomAttributes),
	}
}

// A MergeRequest names the lead to merge and the user to merge it into.
type MergeRequest struct {
	From Text `json:"from"`
	Into Text `json:"into"`
}

// An ArchivedContact says whether a contact is archived now.
type ArchivedContact struct {
	ID       string `json:"id"`
	Object   string `json:"object" enum:"contact"`
	Archived bool   `json:"archived"`
}

// FromArchived translates a contact that was archived or brought back.
func FromArchived(c *model.Contact) ArchivedContact {
	return ArchivedContact{string(c.ID), "contact", c.ArchivedAt != 0}
}

// FromDeletedContact translates a contact that was deleted.
func FromDeletedContact(c *model.Contact) Deleted { return Deleted{string(c.ID), "contact", true} }
