package model

import (
	"slices"
	"strings"
)

// A Team is a group of admins that conversations can be assigned to.
type Team struct {
	ID        TeamID
	Name      string
	Members   []TeamMember // by admin
	CreatedAt int64
}

// A TeamMember is an admin in a team. Priority is empty where the team does not
// rank its members.
type TeamMember struct {
	Admin    AdminID
	Priority TeamPriority
}

// A TeamPriority ranks an admin within a team.
type TeamPriority string

const (
	Primary   TeamPriority = "primary"
	Secondary TeamPriority = "secondary"
)

// Validate checks what a person chose and puts it into its form.
func (t *Team) Validate() error {
	if t.Name = strings.TrimSpace(t.Name); t.Name == "" {
		return ParameterNotFound("A team needs a name")
	}
	if err := ValidateText("Name", t.Name, MaxText); err != nil {
		return err
	}
	t.Members = slices.Clone(t.Members)
	slices.SortStableFunc(t.Members, func(a, b TeamMember) int { return int(a.Admin - b.Admin) })
	for i, m := range t.Members {
		if i > 0 && t.Members[i-1].Admin == m.Admin {
			return ParameterInvalid("Admin %d is in the team twice", m.Admin)
		}
		switch m.Priority {
		case "", Primary, Secondary:
		default:
			return ParameterInvalid("%q is not a team priority", m.Priority)
		}
	}
	return nil
}

// AdminIDs are the team's members.
func (t *Team) AdminIDs() []AdminID {
	ids := make([]AdminID, len(t.Members))
	for i, m := range t.Members {
		ids[i] = m.Admin
	}
	return ids
}

// Ranked are the members with a priority.
func (t *Team) Ranked(p TeamPriority) []AdminID {
	var ids []AdminID
	for _, m := range t.Members {
		if m.Priority == p {
			ids = append(ids, m.Admin)
		}
	}
	return ids
}

// InLine are the members whom the team's conversations go to: those who answer
// first for it, or all where it has none.
func (t *Team) InLine() []AdminID {
	if first := t.Ranked(Primary); len(first) > 0 {
		return first
	}
	return t.AdminIDs()
}

// TeamNotFound is the answer to an unknown team.
func TeamNotFound() *Error { return &Error{NotFound, "team_not_found", "Team not found"} }

// TeamNameTaken is the answer to a team with the name of another.
func TeamNameTaken(name string) *Error {
	return &Error{Conflict, "conflict", "There is a team named " + name + " already"}
}
