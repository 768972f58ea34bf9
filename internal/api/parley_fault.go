package api

import (
	"parley/internal/model"
	"parley/internal/service/sandbox"
	"parley/internal/wire"
	"parley/internal/wire/dev"
)

// PUT /_parley/workspaces/{workspace_id}
func (a *API) updateWorkspace(r *request, in dev.WorkspaceChange) (wire.Workspace, error) {
	if err := a.strict(r); err != nil {
		return wire.Workspace{}, err
	}
	lag := model.Opt[int64]{Set: in.SearchLag.Set, Null: in.SearchLag.Null, Value: int64(in.SearchLag.Value)}
	w, err := a.Sandbox.Change(r.Context(), r.actor, sandbox.Patch{SearchLag: lag})
	return one(w, err, listedWorkspace)
}

// POST /_parley/workspaces/{workspace_id}/faults
func (a *API) createFault(r *request, in dev.FaultRequest) (dev.Fault, error) {
	if err := a.strict(r); err != nil {
		return dev.Fault{}, err
	}
	if err := a.checkOperation(in.Operation); err != nil {
		return dev.Fault{}, err
	}
	f, err := in.Fault()
	if err != nil {
		return dev.Fault{}, err
	}
	added, err := a.Sandbox.AddFault(r.Context(), r.actor, f)
	return one(added, err, fromFault)
}

// GET /_parley/workspaces/{workspace_id}/faults
func (a *API) listFaults(r *request, _ none) (wire.List[dev.Fault], error) {
	all, err := a.Sandbox.ListFaults(r.Context(), r.actor)
	if err != nil {
		return wire.List[dev.Fault]{}, err
	}
	return wire.NewList(all, fromFault), nil
}

func fromFault(f *sandbox.Fault) dev.Fault { return dev.FromFault(&f.Fault, f.Calls, f.Acted) }

// DELETE /_parley/workspaces/{workspace_id}/faults
func (a *API) deleteFaults(r *request, _ none) (wire.Deleted, error) {
	return wire.Deleted{ID: string(r.actor.Workspace.ID), Object: "faults", Deleted: true}, a.Sandbox.RemoveFaults(r.Context(), r.actor)
}

// DELETE /_parley/workspaces/{workspace_id}/faults/{id}
func (a *API) deleteFault(r *request, _ none) (wire.Deleted, error) {
	id := model.Decimal[int64](r.path("id"))
	return wire.Deleted{ID: r.path("id"), Object: "fault", Deleted: true}, a.Sandbox.RemoveFault(r.Context(), r.actor, id)
}

// strict refuses a body with members that the operation does not read. A typing error in
// what a test sets up would else be found by nobody.
func (a *API) strict(r *request) error {
	if unread := wire.Unread(r.body, r.op.meta.Request); len(unread) > 0 {
		return model.ParameterInvalid("There is no member %.200q", unread[0])
	}
	return nil
}

// checkOperation refuses what is not the id of an operation of the REST API.
func (a *API) checkOperation(id string) error {
	if id != "" && !a.known[id] {
		return model.ParameterInvalid("%.80q is not an operation of the API", id)
	}
	return nil
}
