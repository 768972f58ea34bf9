package api

import (
	"strconv"

	"parley/internal/model"
	"parley/internal/wire"
)

// GET /me
func (a *API) identifyAdmin(r *request, _ none) (wire.Me, error) {
	me, err := a.Workspace.FindAdmin(r.Context(), r.actor, r.actor.Admin)
	if err != nil {
		return wire.Me{}, err
	}
	return wire.FromMe(me, r.actor.Workspace), nil
}

// GET /admins
func (a *API) listAdmins(r *request, _ none) (wire.AdminList, error) {
	from, err := r.adminForm()
	if err != nil {
		return wire.AdminList{}, err
	}
	admins, err := a.Workspace.ListAdmins(r.Context(), r.actor)
	if err != nil {
		return wire.AdminList{}, err
	}
	return wire.NewAdminList(admins, from), nil
}

// GET /admins/{id}
func (a *API) retrieveAdmin(r *request, _ none) (wire.Admin, error) {
	from, err := r.adminForm()
	if err != nil {
		return wire.Admin{}, err
	}
	admin, err := a.Workspace.FindAdmin(r.Context(), r.actor, r.adminID())
	return one(admin, err, from)
}

// PUT /admins/{id}/away
func (a *API) setAwayAdmin(r *request, in wire.AwayRequest) (wire.Admin, error) {
	if err := in.Validate(); err != nil {
		return wire.Admin{}, err
	}
	admin, err := a.Workspace.SetAway(r.Context(), r.actor, r.adminID(),
		bool(in.AwayModeEnabled.Value), bool(in.AwayModeReassign.Value))
	return one(admin, err, wire.FromAdmin)
}

// activityPaging is how the activity log is cut into pages.
var activityPaging = paging{usual: 20, most: 150}

// GET /admins/activity_logs
func (a *API) listActivityLogs(r *request, _ none) (wire.ActivityLogList, error) {
	var empty wire.ActivityLogList
	if r.query("created_at_after") == "" {
		return empty, model.ParameterNotFound("created_at_after is required")
	}
	after, err := r.seconds("created_at_after")
	if err != nil {
		return empty, err
	}
	before, err := r.seconds("created_at_before")
	if err != nil {
		return empty, err
	}
	page, err := r.linkPage(activityPaging, model.NewestFirst())
	if err != nil {
		return empty, err
	}
	found, err := a.Workspace.ListActivity(r.Context(), r.actor, after, before, page)
	if err != nil {
		return empty, err
	}
	return wire.NewActivityLogList(found, nextLink(r, found, model.NewestFirst())), nil
}

func (r *request) adminID() model.AdminID { return model.Decimal[model.AdminID](r.path("id")) }

// adminForm is how admins are shown: with their avatars where display_avatar
// asks for them.
func (r *request) adminForm() (func(*model.Admin) wire.Admin, error) {
	avatar, err := r.flag("display_avatar")
	if avatar {
		return wire.FromAdminWithAvatar, err
	}
	return wire.FromAdmin, err
}

// seconds is a time in the query string: Unix seconds; 0 if it is not there.
func (r *request) seconds(name string) (int64, error) {
	value := r.query(name)
	if value == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(value, 10, 64)
	if err != nil || n < 0 {
		return 0, model.ParameterInvalid("%s must be a time in Unix seconds", name)
	}
	return n, nil
}
