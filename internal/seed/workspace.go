package seed

import (
	"context"
	"slices"
	"strings"

	"parley/internal/model"
)

// openWorkspace finds or makes the workspace that the file is for. One that is
// there keeps its name and its time zone; its office hours become what the file
// says, if it does.
func (r *run) openWorkspace(ctx context.Context, into model.WorkspaceID) error {
	var all []*model.Workspace
	var err error
	if into != "" {
		var one *model.Workspace
		if one, err = r.Workspace.Find(ctx, into); err == nil {
			all = append(all, one)
		} else if isNotFound(err) {
			err = nil
		}
	} else {
		all, err = r.Workspace.List(ctx)
	}
	if err != nil {
		return err
	}
	w := r.file.Workspace
	if w == nil {
		w = &Workspace{}
	}
	if into != "" && w.ID != "" && into != w.ID {
		return faultf("the seed is for the workspace %s, not for %s", w.ID, into)
	}
	found, err := chooseWorkspace(all, w, into)
	if err != nil {
		return err
	}
	hours, err := model.ParseOfficeHours(w.OfficeHours)
	if err != nil {
		return in(err, "workspace")
	}
	r.fresh = found == nil
	if r.fresh {
		if len(r.file.Admins) == 0 {
			return faultf("a seed that makes a workspace needs an admin, who will own it")
		}
		zone := w.Timezone
		if zone == "" {
			zone = "UTC"
		}
		found, err = r.Workspace.Create(ctx, model.Workspace{ID: w.ID, Name: w.Name, Timezone: zone, Region: w.Region,
			OfficeHours: hours})
		if err != nil {
			return in(err, "workspace")
		}
	}
	if r.by, err = r.Workspace.Operator(ctx, found.ID); err != nil {
		return err
	}
	changed := w.OfficeHours != nil && !hours.Equal(found.OfficeHours)
	if changed {
		if r.by.Workspace, err = r.Workspace.SetOfficeHours(ctx, r.by, hours); err != nil {
			return err
		}
	}
	if w.Name != "" || w.ID != "" || w.OfficeHours != nil {
		r.report.count("workspaces", became(r.fresh, changed))
	}
	return nil
}

// chooseWorkspace finds the workspace that is meant, or none if it is to be
// made.
func chooseWorkspace(all []*model.Workspace, w *Workspace, into model.WorkspaceID) (*model.Workspace, error) {
	id := into
	if id == "" {
		id = w.ID
	}
	var candidates []*model.Workspace
	for _, have := range all {
		if id != "" && have.ID == id || id == "" && (w.Name == "" || have.Name == w.Name) {
			candidates = append(candidates, have)
		}
	}
	switch {
	case len(candidates) == 1:
		return candidates[0], nil
	case len(candidates) > 1:
		return nil, faultf("there are several workspaces: say which is meant by its id")
	case into != "":
		return nil, faultf("there is no workspace %s", into)
	case w.Name == "":
		return nil, faultf("the seed does not name a workspace, and there is none yet")
	default:
		return nil, nil
	}
}

// admins are made where they are missing. One that is there keeps its name and
// title; its away mode becomes what the file says, if it does.
func (r *run) admins(ctx context.Context) error {
	have, err := r.Workspace.ListAdmins(ctx, r.by)
	if err != nil {
		return err
	}
	r.adminIDs = map[string]model.AdminID{}
	away := map[model.AdminID]Away{} // of those who are
	for _, a := range have {
		r.adminIDs[a.Email] = a.ID
		if a.AwayModeEnabled {
			away[a.ID] = Away{a.AwayModeReassign}
		}
	}
	err = each(r.file.Admins, "admins", func(a *Admin) error {
		email := adminKey(a.Email)
		id, there := r.adminIDs[email]
		if !there {
			made, err := r.Workspace.CreateAdmin(ctx, r.by, model.Admin{Email: a.Email, Name: a.Name, JobTitle: a.JobTitle,
				Avatar: a.Avatar, HasInboxSeat: a.InboxSeat == nil || *a.InboxSeat})
			if err != nil {
				return err
			}
			id = made.ID
			r.adminIDs[email] = id
		}
		is, isAway := away[id]
		changed := a.Away != nil && (!isAway || is != *a.Away)
		if changed {
			if _, err := r.Workspace.SetAway(ctx, r.by, id, true, a.Away.Reassign); err != nil {
				return err
			}
		}
		r.report.count("admins", became(!there, changed))
		return nil
	})
	if err != nil {
		return err
	}
	r.by, err = r.Workspace.Operator(ctx, r.by.Workspace.ID)
	return err
}

func adminKey(email string) string { return model.Fold(strings.TrimSpace(email)) }

// admin finds the admin of an e-mail address; of none, the owner.
func (r *run) admin(email string) (model.AdminID, error) {
	if email == "" {
		return r.by.Admin, nil
	}
	return known(r.adminIDs, "admin", adminKey(email))
}

func (r *run) teams(ctx context.Context) error {
	have, err := r.Workspace.ListTeams(ctx, r.by)
	if err != nil {
		return err
	}
	r.teamIDs = map[string]model.TeamID{}
	for _, t := range have {
		r.teamIDs[t.Name] = t.ID
	}
	return each(r.file.Teams, "teams", func(t *Team) error {
		want := model.Team{Name: t.Name}
		for _, m := range t.Members {
			id, err := r.admin(m.Admin)
			if err != nil {
				return err
			}
			want.Members = append(want.Members, model.TeamMember{Admin: id, Priority: m.Priority})
		}
		if err := want.Validate(); err != nil { // puts the members into their order
			return err
		}
		i := slices.IndexFunc(have, func(h *model.Team) bool { return h.Name == want.Name })
		changed := false
		switch {
		case i < 0:
			var made *model.Team
			if made, err = r.Workspace.CreateTeam(ctx, r.by, want); err == nil {
				r.teamIDs[made.Name] = made.ID
			}
		case !slices.Equal(have[i].Members, want.Members):
			want.ID, changed = have[i].ID, true
			_, err = r.Workspace.UpdateTeam(ctx, r.by, want)
		}
		r.report.count("teams", became(i < 0, changed))
		return err
	})
}
