package wire

import "parley/internal/model"

// A Team is a group of admins. The ranks are left out where it has none.
type Team struct {
	Type               string              `json:"type" enum:"team"`
	ID                 string              `json:"id"`
	Name               string              `json:"name"`
	AdminIDs           []int64             `json:"admin_ids"`
	AdminPriorityLevel *AdminPriorityLevel `json:"admin_priority_level,omitzero"`
}

// An AdminPriorityLevel tells who comes first in a team, and who second.
type AdminPriorityLevel struct {
	PrimaryAdminIDs   []int64 `json:"primary_admin_ids"`
	SecondaryAdminIDs []int64 `json:"secondary_admin_ids"`
}

// FromTeam translates a team.
func FromTeam(t *model.Team) Team {
	out := Team{Type: "team", ID: t.ID.String(), Name: t.Name, AdminIDs: numbers(t.AdminIDs())}
	primary, secondary := t.Ranked(model.Primary), t.Ranked(model.Secondary)
	if len(primary)+len(secondary) > 0 {
		out.AdminPriorityLevel = &AdminPriorityLevel{numbers(primary), numbers(secondary)}
	}
	return out
}

// A TeamList is all teams.
type TeamList struct {
	Type  string `json:"type" enum:"team.list"`
	Teams []Team `json:"teams"`
}

// NewTeamList translates all teams.
func NewTeamList(teams []*model.Team) TeamList { return TeamList{"team.list", each(teams, FromTeam)} }
