package wire

import (
	"parley/internal/model"
	"parley/internal/model/sandbox"
)

// A Workspace as developers see it.
type Workspace struct {
	Type        string `json:"type" enum:"workspace"`
	ID          string `json:"id" doc:"The API's app_id, id_code and workspace_id."`
	Name        string `json:"name"`
	Timezone    string `json:"timezone"`
	Region      string `json:"region" enum:"US,EU,AU"`
	CreatedAt   int64  `json:"created_at"`
	SearchLag   int64  `json:"search_lag,omitzero" doc:"Seconds for which searches do not find what is new; absent for none."`
	AccessToken string `json:"access_token,omitzero" doc:"Of the admin who owns it. Shown when it is made, and never again."`
}

// FromWorkspace translates a workspace, with its token where one was made.
func FromWorkspace(w *model.Workspace, token string) Workspace {
	return Workspace{Type: "workspace", ID: string(w.ID), Name: w.Name, Timezone: w.Timezone, Region: w.Region, CreatedAt: w.CreatedAt,
		SearchLag: w.Sandbox.SearchLag, AccessToken: token}
}

// A WorkspacePage is a page of the workspaces of a server.
type WorkspacePage struct {
	Type    string      `json:"type" enum:"list"`
	Data    []Workspace `json:"data"`
	HasMore bool        `json:"has_more" doc:"Another page begins after the id of the last one."`
}

// A WorkspaceRequest makes a workspace.
type WorkspaceRequest struct {
	ID       Text            `json:"id,omitzero" doc:"8 lower-case letters and digits; random if absent."`
	Name     Text            `json:"name,omitzero" doc:"Sandbox if absent, or what the seed says."`
	Timezone Text            `json:"timezone,omitzero" doc:"Of the IANA database; if absent that of the snapshot or seed, or UTC."`
	Region   Text            `json:"region,omitzero" doc:"US, EU or AU; if absent that of the snapshot or seed, or US."`
	Token    Text            `json:"token,omitzero" doc:"An access token of your own choice, of visible ASCII characters without a colon; random if absent."`
	Seed     Text            `json:"seed,omitzero" doc:"demo, for the example company, or the YAML text of a seed."`
	Snapshot *SnapshotSource `json:"snapshot,omitzero"`
	IDs      Text            `json:"ids,omitzero" doc:"What its ids are made of, so that the same calls give the same ids; random if absent."`
	ClockRequest
}

// A SnapshotSource names a snapshot of any workspace.
type SnapshotSource struct {
	Workspace Text `json:"workspace_id"`
	Name      Text `json:"name"`
}

// Workspace is the workspace that is asked for.
func (r WorkspaceRequest) Workspace() model.Workspace {
	return model.Workspace{ID: model.WorkspaceID(r.ID), Name: string(r.Name), Timezone: string(r.Timezone), Region: string(r.Region),
		Sandbox: sandbox.State{IDs: string(r.IDs)}}
}
