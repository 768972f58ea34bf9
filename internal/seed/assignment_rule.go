package seed

import (
	"context"
	"reflect"
	"strings"

	"parley/internal/model"
)

// assignmentRules come before all others, in the order of the file.
func (r *run) assignmentRules(ctx context.Context) error {
	if len(r.file.AssignmentRules) == 0 {
		return nil
	}
	list, err := r.Inbox.ListAssignmentRules(ctx, r.by)
	if err != nil {
		return err
	}
	have := map[string]*model.AssignmentRule{}
	for _, old := range list {
		have[old.Name] = old
	}
	seen := map[string]bool{}
	moved := false // whether those that follow may have been pushed back
	return each(r.file.AssignmentRules, "assignment_rules", func(d *AssignmentRule) error {
		want, err := r.assignmentRule(d)
		if err != nil {
			return in(err, "%s", d.Name)
		}
		if seen[want.Name] {
			return faultf("there are two rules %q", want.Name)
		}
		seen[want.Name] = true
		want.Position = int64(len(seen))
		old := have[want.Name]
		changed := old != nil && !sameRule(*old, want)
		r.report.count("assignment rules", became(old == nil, changed))
		moved = moved || old == nil || old.Position != want.Position
		if old == nil || changed || moved {
			_, err = r.Inbox.PutAssignmentRule(ctx, r.by, want)
		}
		return in(err, "%s", d.Name)
	})
}

func (r *run) assignmentRule(d *AssignmentRule) (model.AssignmentRule, error) {
	want := model.AssignmentRule{Name: strings.TrimSpace(d.Name), Method: d.Assign.Method}
	if want.Method == "" {
		want.Method = model.Manual
	}
	for _, f := range []struct {
		said map[string]any
		into **model.Filter
	}{{d.When.Conversation, &want.Conversation}, {d.When.Contact, &want.Contact}} {
		if f.said == nil {
			continue
		}
		filter, err := r.filter(f.said)
		if err != nil {
			return want, err
		}
		*f.into = &filter
	}
	switch {
	case (d.Assign.Admin == "") == (d.Assign.Team == ""):
		return want, faultf("a rule assigns to {admin: e-mail address} or to {team: name}")
	case d.Assign.Admin != "":
		id, err := r.admin(d.Assign.Admin)
		want.To = model.ToAdmin(id)
		return want, err
	default:
		id, err := known(r.teamIDs, "team", d.Assign.Team)
		want.To = model.ToTeam(id)
		return want, err
	}
}

// sameRule reports whether an old rule says what is wanted.
func sameRule(old, want model.AssignmentRule) bool {
	want.ID, want.LastAdmin, want.CreatedAt = old.ID, old.LastAdmin, old.CreatedAt
	return reflect.DeepEqual(old, want)
}
