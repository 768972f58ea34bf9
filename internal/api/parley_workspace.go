package api

import (
	"parley/internal/model"
	"parley/internal/service/sandbox"
	"parley/internal/wire"
)

// workspacePaging is of the list of workspaces.
var workspacePaging = paging{usual: 50, most: 150}

// GET /_parley/workspaces
func (a *API) listWorkspaces(r *request, _ none) (wire.WorkspacePage, error) {
	perPage, err := workspacePaging.perPage(r.query("per_page"))
	if err != nil {
		return wire.WorkspacePage{}, err
	}
	list, err := a.Sandbox.List(r.Context(), model.WorkspaceID(r.query("starting_after")), r.query("name"), perPage+1)
	more := len(list) > perPage
	if more {
		list = list[:perPage]
	}
	return wire.WorkspacePage{Type: "list", Data: wire.NewList(list, listedWorkspace).Data, HasMore: more}, err
}

func listedWorkspace(w *model.Workspace) wire.Workspace { return wire.FromWorkspace(w, "") }

// POST /_parley/workspaces
func (a *API) createWorkspace(r *request, in wire.WorkspaceRequest) (wire.Workspace, error) {
	asked := sandbox.Request{Workspace: in.Workspace(), Token: string(in.Token), Seed: string(in.Seed), Clock: clockPatch(in.ClockRequest)}
	if in.Snapshot != nil {
		asked.From = &sandbox.Source{Workspace: model.WorkspaceID(in.Snapshot.Workspace), Name: string(in.Snapshot.Name)}
	}
	w, token, err := a.Sandbox.Create(r.Context(), asked)
	return one(w, err, func(w *model.Workspace) wire.Workspace { return wire.FromWorkspace(w, token) })
}

// GET /_parley/workspaces/{workspace_id}
func (a *API) retrieveWorkspace(r *request, _ none) (wire.Workspace, error) {
	return listedWorkspace(r.actor.Workspace), nil
}

// DELETE /_parley/workspaces/{workspace_id}
func (a *API) deleteWorkspace(r *request, _ none) (wire.Deleted, error) {
	id := r.actor.Workspace.ID
	a.Requests.Clear(string(id))
	return wire.Deleted{ID: string(id), Object: "workspace", Deleted: true}, a.Sandbox.Delete(r.Context(), id)
}

// tokenName is how tokens are known that a developer asked for.
const tokenName = "developer"

// POST /_parley/workspaces/{workspace_id}/tokens
func (a *API) createWorkspaceToken(r *request, _ none) (wire.Workspace, error) {
	token, err := a.Workspace.CreateToken(r.Context(), r.actor, r.actor.Admin, tokenName, "")
	return wire.FromWorkspace(r.actor.Workspace, token), err
}
