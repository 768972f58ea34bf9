package wire

import (
	"parley/internal/model"
	"parley/internal/model/content"
)

// A HelpCenter is a site of articles.
type HelpCenter struct {
	ID              string   `json:"id"`
	WorkspaceID     string   `json:"workspace_id"`
	CreatedAt       int64    `json:"created_at"`
	UpdatedAt       int64    `json:"updated_at"`
	Identifier      string   `json:"identifier"`
	WebsiteTurnedOn bool     `json:"website_turned_on"`
	DisplayName     string   `json:"display_name"`
	URL             string   `json:"url"`
	CustomDomain    NullText `json:"custom_domain"`
}

// FromHelpCenter translates a help center of a workspace. Base is where this
// server is.
func FromHelpCenter(ws model.WorkspaceID, base string) func(*content.HelpCenter) HelpCenter {
	return func(h *content.HelpCenter) HelpCenter {
		return HelpCenter{h.ID.String(), string(ws), h.CreatedAt, h.UpdatedAt, h.Identifier, h.WebsiteTurnedOn, h.DisplayName,
			h.URL(base), NullText(h.CustomDomain)}
	}
}
