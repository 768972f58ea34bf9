package model

import "strings"

// An AssignmentRule says who gets the conversations that its filters match. The
// first rule that matches, by position, decides.
type AssignmentRule struct {
	ID           AssignmentRuleID
	Name         string  // no two rules of a workspace share one
	Position     int64   // from 1; there may be gaps
	Conversation *Filter // on the conversation; nil matches all
	Contact      *Filter // on one of its contacts; nil matches all
	To           Assignee
	Method       AssignmentMethod
	LastAdmin    AdminID // of round robin: who got the last one
	CreatedAt    int64
}

// An AssignmentMethod says which admin of a team gets a conversation.
type AssignmentMethod string

const (
	// Manual leaves the choice to the team.
	Manual AssignmentMethod = "manual"
	// RoundRobin gives to each admin in turn who is not away.
	RoundRobin AssignmentMethod = "round_robin"
	// Balanced gives to the admin with the fewest open conversations who is not
	// away.
	Balanced AssignmentMethod = "balanced"
)

// MaxAssignmentRules is how many rules a workspace can have.
const MaxAssignmentRules = 100

// Validate checks what a person chose and puts it into its form, all but the
// filters, which are checked by compiling them.
func (r *AssignmentRule) Validate() error {
	if r.Name = strings.TrimSpace(r.Name); r.Name == "" {
		return ParameterNotFound("An assignment rule needs a name")
	}
	if err := ValidateText("Name", r.Name, MaxText); err != nil {
		return err
	}
	if r.Method == "" {
		r.Method = Manual
	}
	switch {
	case r.To.ID <= 0 || r.To.Type != AssignAdmin && r.To.Type != AssignTeam:
		return ParameterInvalid("An assignment rule assigns to an admin or to a team")
	case r.Method != Manual && r.Method != RoundRobin && r.Method != Balanced:
		return ParameterInvalid("An assignment rule's method is manual, round_robin or balanced, not '%s'", r.Method)
	case r.Method != Manual && r.To.Type != AssignTeam:
		return ParameterInvalid("Only a team's conversations can be given out by %s", r.Method)
	}
	return nil
}

// Next is who comes after the last in turn among admins in the order of their
// ids, or false where there is none.
func (r *AssignmentRule) Next(admins []AdminID) (AdminID, bool) {
	for _, id := range admins {
		if id > r.LastAdmin {
			return id, true
		}
	}
	if len(admins) == 0 {
		return 0, false
	}
	return admins[0], true
}

// AssignmentRuleLimitReached is the answer to one rule too many.
func AssignmentRuleLimitReached() *Error {
	return ParameterInvalid("A workspace can have %d assignment rules at most", MaxAssignmentRules)
}
