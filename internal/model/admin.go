package model

import "strings"

// An Admin is a teammate.
type Admin struct {
	ID               AdminID
	Name             string
	Email            string // lower-cased; no two admins of a workspace share one
	JobTitle         string
	Avatar           string // URL of the picture
	AwayModeEnabled  bool
	AwayModeReassign bool
	HasInboxSeat     bool
	Owner            bool // owns the workspace; acts for commands typed on the server
	CreatedAt        int64
	UpdatedAt        int64
	TeamIDs          []TeamID // as loaded: the teams it is in
	PrimaryTeamIDs   []TeamID // as loaded: the teams it answers first for
	SecondaryTeamIDs []TeamID // as loaded: the teams it helps out in
}

// Validate checks what a person chose and puts it into its form.
func (a *Admin) Validate() error {
	a.Name, a.Email = strings.TrimSpace(a.Name), Fold(strings.TrimSpace(a.Email))
	if a.Name == "" {
		return ParameterNotFound("An admin needs a name")
	}
	for _, f := range []struct {
		label, value string
		most         int
	}{{"Name", a.Name, MaxText}, {"Job title", a.JobTitle, MaxText}, {"Avatar", a.Avatar, MaxURL}} {
		if err := ValidateText(f.label, f.value, f.most); err != nil {
			return err
		}
	}
	return validateEmail(a.Email)
}

// SetAway turns away mode on or off, and says whether replies to the admin's
// conversations go to the others meanwhile. It reports whether that changed
// anything.
func (a *Admin) SetAway(enabled, reassign bool, now int64) bool {
	if a.AwayModeEnabled == enabled && a.AwayModeReassign == reassign {
		return false
	}
	a.AwayModeEnabled, a.AwayModeReassign, a.UpdatedAt = enabled, reassign, now
	return true
}

// AdminNotFound is the answer to an unknown admin on /admins/{id}.
func AdminNotFound() *Error { return &Error{NotFound, "admin_not_found", "Admin not found"} }

// AwayAdminNotFound is the answer to an unknown admin on /admins/{id}/away,
// where the live API uses other words.
func AwayAdminNotFound() *Error {
	return &Error{NotFound, "admin_not_found", "Admin for admin_id not found"}
}

// AdminEmailTaken is the answer to a new admin with the e-mail address of
// another.
func AdminEmailTaken(email string) *Error {
	return &Error{Conflict, "conflict", "There is an admin with the e-mail address " + email + " already"}
}
