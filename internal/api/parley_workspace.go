package api

import (
	"parley/internal/model"
	"parley/internal/wire"
)

// GET /_parley/workspaces
func (a *API) listWorkspaces(r *request, _ none) (wire.List[wire.Workspace], error) {
	all, err := a.Sandbox.List(r.Context())
	if err != nil {
		return wire.List[wire.Workspace]{}, err
	}
	return wire.NewList(all, listedWorkspace), nil
}

func listedWorkspace(w *model.Workspace) wire.Workspace { return wire.FromWorkspace(w, "") }

// POST /_parley/workspaces
func (a *API) createWorkspace(r *request, in wire.WorkspaceRequest) (wire.Workspace, error) {
	w, token, err := a.Sandbox.Create(r.Context(), in.Workspace())
	return one(w, err, func(w *model.Workspace) wire.Workspace { return wire.FromWorkspace(w, token) })
}

// GET /_parley/workspaces/{workspace_id}
func (a *API) retrieveWorkspace(r *request, _ none) (wire.Workspace, error) {
	return listedWorkspace(r.actor.Workspace), nil
}

// DELETE /_parley/workspaces/{workspace_id}
func (a *API) deleteWorkspace(r *request, _ none) (wire.Deleted, error) {
	id := r.actor.Workspace.ID
	return wire.Deleted{ID: string(id), Object: "workspace", Deleted: true}, a.Sandbox.Delete(r.Context(), id)
}
