package inbox

import (
	"context"
	"slices"

	"parley/internal/model"
	"parley/internal/model/event"
	"parley/internal/service/people"
	"parley/internal/store"
	"parley/internal/store/query"
)

// PutAssignmentRule makes a rule, or gives the one of that name another place,
// other filters and another assignee; whose turn it is in a team stays. What
// stands in the rule's place and behind it moves back. Without a place a rule
// keeps the one it has, or comes last. The API cannot: rules come from seeds.
func (s *Service) PutAssignmentRule(ctx context.Context, by *model.Actor, r model.AssignmentRule) (*model.AssignmentRule, error) {
	if err := r.Validate(); err != nil {
		return nil, err
	}
	err := s.store.Update(ctx, by.Workspace.ID, func(tx *store.Tx) error {
		if err := checkAssignmentRule(tx, by, &r); err != nil {
			return err
		}
		if err := tx.AssignmentRules.Lock(); err != nil {
			return err
		}
		rules, err := tx.AssignmentRules.List()
		if err != nil {
			return err
		}
		at := slices.IndexFunc(rules, func(old *model.AssignmentRule) bool { return old.Name == r.Name })
		if at < 0 && len(rules) >= model.MaxAssignmentRules {
			return model.AssignmentRuleLimitReached()
		}
		switch {
		case r.Position > 0:
		case at >= 0:
			r.Position = rules[at].Position
		case len(rules) > 0:
			r.Position = rules[len(rules)-1].Position + 1
		default:
			r.Position = 1
		}
		if at < 0 || rules[at].Position != r.Position {
			if err = tx.AssignmentRules.MakeRoom(r.Position); err != nil {
				return err
			}
		}
		if at >= 0 {
			old := rules[at]
			r.ID, r.LastAdmin, r.CreatedAt = old.ID, old.LastAdmin, old.CreatedAt
			tx.Notify(event.Changed, event.Other("assignment_rule", r.ID.String()))
			return tx.AssignmentRules.Update(&r)
		}
		r.CreatedAt = tx.Now()
		if r.ID, err = tx.AssignmentRules.NewID(); err != nil {
			return err
		}
		tx.Notify(event.Changed, event.Other("assignment_rule", r.ID.String()))
		return tx.AssignmentRules.Insert(&r)
	})
	return &r, err
}

// checkAssignmentRule checks a rule against the rest of the workspace: whom it
// assigns to, and what its filters ask for.
func checkAssignmentRule(tx *store.Tx, by *model.Actor, r *model.AssignmentRule) error {
	if err := checkAssignee(tx, r.To); err != nil {
		return err
	}
	for _, f := range []struct {
		filter  *model.Filter
		of      model.AttributeModel
		compile func(*query.Builder, query.Env, *model.Filter) error
	}{
		{r.Conversation, model.ConversationAttributes, query.Conversations},
		{r.Contact, model.ContactAttributes, query.Contacts},
	} {
		if f.filter == nil {
			continue
		}
		env, err := people.FilterEnv(tx, by, f.of, f.filter, model.Sort{})
		if err != nil {
			return err
		}
		if err := f.compile(&query.Builder{}, env, f.filter); err != nil {
			return err
		}
	}
	return nil
}

// ListAssignmentRules reads all rules in the order in which they are asked.
func (s *Service) ListAssignmentRules(ctx context.Context, by *model.Actor) ([]*model.AssignmentRule, error) {
	var rules []*model.AssignmentRule
	err := s.store.View(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		rules, err = tx.AssignmentRules.List()
		return err
	})
	return rules, err
}
