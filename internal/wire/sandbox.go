package wire

import "parley/internal/model"

// A Workspace as developers see it.
type Workspace struct {
	Type        string `json:"type" enum:"workspace"`
	ID          string `json:"id" doc:"The API's app_id, id_code and workspace_id."`
	Name        string `json:"name"`
	Timezone    string `json:"timezone"`
	Region      string `json:"region" enum:"US,EU,AU"`
	CreatedAt   int64  `json:"created_at"`
	AccessToken string `json:"access_token,omitzero" doc:"Of the admin who owns it. Shown when the workspace is made, and never again."`
}

// FromWorkspace translates a workspace, with its token where one was made.
func FromWorkspace(w *model.Workspace, token string) Workspace {
	return Workspace{Type: "workspace", ID: string(w.ID), Name: w.Name, Timezone: w.Timezone, Region: w.Region, CreatedAt: w.CreatedAt, AccessToken: token}
}

// A WorkspaceRequest makes a workspace.
type WorkspaceRequest struct {
	ID       Text `json:"id,omitzero" doc:"8 lower-case letters and digits; random if absent."`
	Name     Text `json:"name,omitzero" doc:"Sandbox if absent."`
	Timezone Text `json:"timezone,omitzero" doc:"Of the IANA database; UTC if absent."`
	Region   Text `json:"region,omitzero" doc:"US, EU or AU; US if absent."`
}

// Workspace is the workspace that is asked for.
func (r WorkspaceRequest) Workspace() model.Workspace {
	w := model.Workspace{ID: model.WorkspaceID(r.ID), Name: string(r.Name), Timezone: string(r.Timezone), Region: string(r.Region)}
	if w.Name == "" {
		w.Name = "Sandbox"
	}
	if w.Timezone == "" {
		w.Timezone = "UTC"
	}
	return w
}
