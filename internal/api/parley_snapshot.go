package api

import "parley/internal/wire"

// POST /_parley/workspaces/{workspace_id}/reset
func (a *API) resetWorkspace(r *request, _ none) (wire.Workspace, error) {
	return listedWorkspace(r.actor.Workspace), a.Sandbox.Reset(r.Context(), r.actor.Workspace.ID)
}

// GET /_parley/workspaces/{workspace_id}/snapshots
func (a *API) listSnapshots(r *request, _ none) (wire.List[wire.Snapshot], error) {
	all, err := a.Sandbox.Snapshots(r.Context(), r.actor.Workspace.ID)
	return wire.NewList(all, wire.FromSnapshot), err
}

// POST /_parley/workspaces/{workspace_id}/snapshots
func (a *API) createSnapshot(r *request, in wire.SnapshotRequest) (wire.Snapshot, error) {
	s, err := a.Sandbox.Snapshot(r.Context(), r.actor.Workspace.ID, string(in.Name), bool(in.Replace))
	return one(s, err, wire.FromSnapshot)
}

// DELETE /_parley/workspaces/{workspace_id}/snapshots/{name}
func (a *API) deleteSnapshot(r *request, _ none) (wire.DeletedSnapshot, error) {
	name := r.path("name")
	return wire.DeletedSnapshot{Name: name, Object: "snapshot", Deleted: true}, a.Sandbox.DeleteSnapshot(r.Context(), r.actor.Workspace.ID, name)
}

// POST /_parley/workspaces/{workspace_id}/snapshots/{name}/restore
func (a *API) restoreSnapshot(r *request, _ none) (wire.Workspace, error) {
	return listedWorkspace(r.actor.Workspace), a.Sandbox.Restore(r.Context(), r.actor.Workspace.ID, r.path("name"))
}

// GET /_parley/workspaces/{workspace_id}/snapshots/{name}/diff
func (a *API) diffSnapshot(r *request, _ none) (wire.SnapshotDiff, error) {
	d, err := a.Sandbox.Diff(r.Context(), r.actor.Workspace.ID, r.path("name"), r.query("to"))
	return one(d, err, wire.FromDiff)
}
