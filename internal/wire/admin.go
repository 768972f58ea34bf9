package wire

import "parley/internal/model"

// An App is the workspace, as /me shows it.
type App struct {
	Type                 string `json:"type" enum:"app"`
	IDCode               string `json:"id_code"`
	Name                 string `json:"name"`
	CreatedAt            int64  `json:"created_at"`
	Secure               bool   `json:"secure"`
	IdentityVerification bool   `json:"identity_verification"`
	Timezone             string `json:"timezone"`
	Region               string `json:"region"`
}

// Me is the admin whose token it is, and the workspace.
type Me struct {
	Type          string `json:"type" enum:"admin"`
	ID            string `json:"id"`
	Email         string `json:"email"`
	Name          string `json:"name"`
	EmailVerified bool   `json:"email_verified"`
	App           App    `json:"app"`
	Avatar        Avatar `json:"avatar"`
	HasInboxSeat  bool   `json:"has_inbox_seat"`
}

// FromMe translates the admin who asks.
func FromMe(a *model.Admin, w *model.Workspace) Me {
	return Me{"admin", a.ID.String(), a.Email, a.Name, true,
		App{"app", string(w.ID), w.Name, w.CreatedAt, false, false, w.Timezone, w.Region},
		Avatar{"avatar", NullText(a.Avatar)}, a.HasInboxSeat}
}

// An Admin is a teammate. What is optional is left out where it is unset, and
// the avatar also where it was not asked for.
type Admin struct {
	Type              string             `json:"type" enum:"admin"`
	ID                string             `json:"id"`
	Name              string             `json:"name"`
	Email             string             `json:"email"`
	JobTitle          string             `json:"job_title,omitzero"`
	AwayModeEnabled   bool               `json:"away_mode_enabled"`
	AwayModeReassign  bool               `json:"away_mode_reassign"`
	HasInboxSeat      bool               `json:"has_inbox_seat"`
	TeamIDs           []int64            `json:"team_ids"`
	Avatar            *Avatar            `json:"avatar,omitzero"`
	TeamPriorityLevel *TeamPriorityLevel `json:"team_priority_level,omitzero"`
}

// A TeamPriorityLevel tells in which teams an admin comes first, and in which
// second.
type TeamPriorityLevel struct {
	PrimaryTeamIDs   []int64 `json:"primary_team_ids"`
	SecondaryTeamIDs []int64 `json:"secondary_team_ids"`
}

// FromAdmin translates an admin, without the avatar.
func FromAdmin(a *model.Admin) Admin {
	out := Admin{Type: "admin", ID: a.ID.String(), Name: a.Name, Email: a.Email, JobTitle: a.JobTitle,
		AwayModeEnabled: a.AwayModeEnabled, AwayModeReassign: a.AwayModeReassign, HasInboxSeat: a.HasInboxSeat,
		TeamIDs: numbers(a.TeamIDs)}
	if len(a.PrimaryTeamIDs)+len(a.SecondaryTeamIDs) > 0 {
		out.TeamPriorityLevel = &TeamPriorityLevel{numbers(a.PrimaryTeamIDs), numbers(a.SecondaryTeamIDs)}
	}
	return out
}

// FromAdminWithAvatar translates an admin. One without a picture has an avatar
// that says so.
func FromAdminWithAvatar(a *model.Admin) Admin {
	out := FromAdmin(a)
	out.Avatar = &Avatar{"avatar", NullText(a.Avatar)}
	return out
}

// numbers are ids as other objects refer to them.
func numbers[ID ~int64](ids []ID) []int64 { return each(ids, func(id ID) int64 { return int64(id) }) }

// An AdminList is all admins.
type AdminList struct {
	Type   string  `json:"type" enum:"admin.list"`
	Admins []Admin `json:"admins"`
}

// NewAdminList translates all admins by from.
func NewAdminList(admins []*model.Admin, from func(*model.Admin) Admin) AdminList {
	return AdminList{"admin.list", each(admins, from)}
}

// An AwayRequest turns away mode on or off. Both fields are required.
type AwayRequest struct {
	AwayModeEnabled  Opt[Bool] `json:"away_mode_enabled" doc:"Whether the admin is away."`
	AwayModeReassign Opt[Bool] `json:"away_mode_reassign" doc:"Whether replies to the admin's conversations go to the default inbox meanwhile."`
}

// Validate checks that what is required is there.
func (r AwayRequest) Validate() error {
	switch {
	case !r.AwayModeEnabled.Has():
		return model.ParameterNotFound("away_mode_enabled is required")
	case !r.AwayModeReassign.Has():
		return model.ParameterNotFound("away_mode_reassign is required")
	}
	return nil
}
