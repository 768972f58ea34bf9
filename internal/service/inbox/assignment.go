package inbox

import (
	"context"

	"parley/internal/model"
	"parley/internal/service/people"
	"parley/internal/store"
	"parley/internal/store/query"
)

// RunAssignmentRules gives a conversation to whom the workspace's rules say, and
// takes it off the admin who had it; where no rule matches it is nobody's.
func (s *Service) RunAssignmentRules(ctx context.Context, by *model.Actor, id model.ConversationID) (*model.Conversation, error) {
	var c *model.Conversation
	err := s.store.Update(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		tx.AssignmentRules.Expect()
		if c, err = tx.Conversations.FindToShow(id); err != nil {
			return err
		}
		rules, err := tx.AssignmentRules.List()
		if err != nil {
			return err
		}
		to, err := applyRules(tx, by, c, rules)
		if err != nil {
			return err
		}
		if len(to) == 0 || c.AdminAssignee != 0 && to[len(to)-1].Type == model.AssignTeam {
			to = append(to, model.ToAdmin(0))
		}
		return write(tx, c, assignByDefault(tx, by, c, to)...)
	})
	return s.show(ctx, by, c, err)
}

// assignNew runs the rules on a conversation that a contact has just begun.
func assignNew(tx *store.Tx, by *model.Actor, c *model.Conversation, rules []*model.AssignmentRule) error {
	to, err := applyRules(tx, by, c, rules)
	if err != nil || len(to) == 0 {
		return err
	}
	return write(tx, c, assignByDefault(tx, by, c, to)...)
}

func assignByDefault(tx *store.Tx, by *model.Actor, c *model.Conversation, to []model.Assignee) []*model.Part {
	now := act(tx, by.Workspace, model.ByOperator())
	parts := make([]*model.Part, len(to))
	for i, assignee := range to {
		parts[i] = c.AssignByDefault(now, assignee)
	}
	return parts
}

// applyRules finds whom the first rule that matches a conversation gives it to: a
// team, an admin, or both in this order; nobody where none does.
func applyRules(tx *store.Tx, by *model.Actor, c *model.Conversation, rules []*model.AssignmentRule) ([]model.Assignee, error) {
	if len(rules) == 0 {
		return nil, nil
	}
	m, err := newMatcher(tx, by, c, rules)
	if err != nil {
		return nil, err
	}
	for _, r := range rules {
		matches, err := m.matches(r)
		if err != nil {
			return nil, err
		}
		if !matches {
			continue
		}
		to, err := assignees(tx, r, c)
		if isNotFound(err) {
			continue // a rule whose admin or team is gone has nothing to say
		}
		return to, err
	}
	return nil, nil
}

// A matcher asks the rules' filters of one conversation.
type matcher struct {
	tx                        *store.Tx
	conversation              *model.Conversation
	ofConversation, ofContact query.Env
}

// newMatcher gathers what the filters of all the rules may refer to, so that each
// rule costs a statement for each of its filters and no more.
func newMatcher(tx *store.Tx, by *model.Actor, c *model.Conversation, rules []*model.AssignmentRule) (*matcher, error) {
	conversation, contact := model.Filter{Operator: model.And}, model.Filter{Operator: model.And}
	for _, r := range rules {
		if r.Conversation != nil {
			conversation.Filters = append(conversation.Filters, *r.Conversation)
		}
		if r.Contact != nil {
			contact.Filters = append(contact.Filters, *r.Contact)
		}
	}
	m := &matcher{tx: tx, conversation: c}
	var err error
	if m.ofConversation, err = filterEnv(tx, by, &conversation, model.Sort{}); err != nil {
		return nil, err
	}
	m.ofContact, err = people.FilterEnv(tx, by, model.ContactAttributes, &contact, model.Sort{})
	return m, err
}

func (m *matcher) matches(r *model.AssignmentRule) (bool, error) {
	if r.Conversation != nil {
		ok, err := m.tx.Conversations.Matches(m.conversation.ID, m.ofConversation, r.Conversation)
		if err != nil || !ok {
			return false, err
		}
	}
	if r.Contact == nil {
		return true, nil
	}
	return m.tx.Contacts.Matches(participants(m.conversation), m.ofContact, r.Contact)
}

// assignees are whom a rule gives a conversation to. Of a team whose members are
// all away it is the team alone.
func assignees(tx *store.Tx, r *model.AssignmentRule, c *model.Conversation) ([]model.Assignee, error) {
	to := []model.Assignee{r.To}
	if r.To.Type == model.AssignAdmin || r.Method == model.Manual {
		return to, checkAssignee(tx, r.To)
	}
	// Held first, so that of two conversations at once the second is counted with
	// the first.
	if err := tx.AssignmentRules.LockTurn(r); err != nil {
		return nil, err
	}
	team, err := tx.Teams.FindPresent(model.TeamID(r.To.ID))
	if err != nil {
		return nil, err
	}
	line := team.InLine()
	if len(line) == 0 {
		return to, nil
	}
	var admin model.AdminID
	if r.Method == model.Balanced {
		admin, err = tx.AssignmentRules.LeastBusy(line, c)
	} else {
		admin, _ = r.Next(line)
		err = tx.AssignmentRules.SetLastAdmin(r.ID, admin)
	}
	return append(to, model.ToAdmin(admin)), err
}
