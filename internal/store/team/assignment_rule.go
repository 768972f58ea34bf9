package team

import (
	"fmt"

	"parley/internal/db"
	"parley/internal/model"
	"parley/internal/store/record"
)

// AssignmentRules say who gets which conversations.
type AssignmentRules struct{ *record.Scope }

const assignmentRuleColumns = `id, name, position, conversation_filter, contact_filter, assign_type, assign_id, method,
	last_admin_id, created_at`

func scanAssignmentRule(row record.Scanner) (*model.AssignmentRule, error) {
	var r model.AssignmentRule
	err := row.Scan(&r.ID, &r.Name, &r.Position, record.OptionalFilterColumn(&r.Conversation), record.OptionalFilterColumn(&r.Contact),
		&r.To.Type, &r.To.ID, &r.Method, record.OrZero(&r.LastAdmin), &r.CreatedAt)
	return &r, err
}

// NewID gives out an id for a rule that is about to be inserted.
func (s AssignmentRules) NewID() (model.AssignmentRuleID, error) {
	id, err := s.NextID("assignment rule")
	return model.AssignmentRuleID(id), err
}

// Lock keeps others from making and moving rules until the transaction ends.
func (s AssignmentRules) Lock() error {
	return s.Scope.Lock("assignment rules " + string(s.Workspace))
}

// Insert writes a new rule. Its name must be free.
func (s AssignmentRules) Insert(r *model.AssignmentRule) error {
	err := s.Write(`INSERT INTO assignment_rules (workspace_id, `+assignmentRuleColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`, s.Workspace, r.ID, r.Name, r.Position,
		record.OptionalFilter(r.Conversation), record.OptionalFilter(r.Contact), r.To.Type, r.To.ID, r.Method, record.Number(r.LastAdmin), r.CreatedAt)
	if err != nil {
		return fmt.Errorf("store: insert assignment rule: %w", err)
	}
	return nil
}

// LockTurn holds a rule until the transaction ends, where the database can, and
// reads who got the last conversation by it.
func (s AssignmentRules) LockTurn(r *model.AssignmentRule) error {
	err := s.QueryRow(`SELECT last_admin_id FROM assignment_rules WHERE workspace_id = $1 AND id = $2`+s.Dialect().ForUpdate(),
		s.Workspace, r.ID).Scan(record.OrZero(&r.LastAdmin))
	return record.OrNotFound(err, model.ResourceNotFound())
}

const listRules = `SELECT ` + assignmentRuleColumns + ` FROM assignment_rules WHERE workspace_id = $1 ORDER BY position, id`

// Expect says that List will be asked for after the next statement: see record.Scope.Expect.
func (s AssignmentRules) Expect() { s.Ahead(listRules, s.Workspace) }

// List reads all rules by position.
func (s AssignmentRules) List() ([]*model.AssignmentRule, error) {
	var rules []*model.AssignmentRule
	err := s.Rows(listRules, []any{s.Workspace}, func(r *db.Rows) error {
		rule, err := scanAssignmentRule(r)
		rules = append(rules, rule)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("store: list assignment rules: %w", err)
	}
	return rules, nil
}

// Update writes back what a person chose of a rule. Whose turn it is stays.
func (s AssignmentRules) Update(r *model.AssignmentRule) error {
	err := s.Write(`UPDATE assignment_rules SET name = $3, position = $4, conversation_filter = $5, contact_filter = $6,
			assign_type = $7, assign_id = $8, method = $9
		WHERE workspace_id = $1 AND id = $2`, s.Workspace, r.ID, r.Name, r.Position,
		record.OptionalFilter(r.Conversation), record.OptionalFilter(r.Contact), r.To.Type, r.To.ID, r.Method)
	if err != nil {
		return fmt.Errorf("store: update assignment rule: %w", err)
	}
	return nil
}

// MakeRoom moves the rules from a position on, so that it is free.
func (s AssignmentRules) MakeRoom(position int64) error {
	err := s.Write(`UPDATE assignment_rules SET position = position + 1 WHERE workspace_id = $1 AND position >= $2`,
		s.Workspace, position)
	if err != nil {
		return fmt.Errorf("store: move assignment rules: %w", err)
	}
	return nil
}

// SetLastAdmin notes who got a conversation by a rule.
func (s AssignmentRules) SetLastAdmin(id model.AssignmentRuleID, last model.AdminID) error {
	err := s.Write(`UPDATE assignment_rules SET last_admin_id = $3 WHERE workspace_id = $1 AND id = $2`,
		s.Workspace, id, record.Number(last))
	if err != nil {
		return fmt.Errorf("store: note turn of an assignment rule: %w", err)
	}
	return nil
}

// LeastBusy finds which of some admins has the fewest open conversations and
// tickets, the first of several. A conversation that is about to be given away
// is not counted.
func (s AssignmentRules) LeastBusy(among []model.AdminID, but *model.Conversation) (model.AdminID, error) {
	var counted model.AdminID // who has that one now
	if but.State == model.Open {
		counted = but.AdminAssignee
	}
	var id model.AdminID
	err := s.QueryRow(`SELECT a.id FROM admins a
		LEFT JOIN conversations c ON c.workspace_id = a.workspace_id AND c.admin_assignee_id = a.id AND c.state = 'open'
		WHERE a.workspace_id = $1 AND a.id `+s.Dialect().InInts("$2")+`
		GROUP BY a.id ORDER BY count(c.admin_assignee_id) - CASE WHEN a.id = $3 THEN 1 ELSE 0 END, a.id LIMIT 1`,
		s.Workspace, record.ToJSON(among), counted).Scan(&id)
	if err != nil {
		return 0, fmt.Errorf("store: find the least busy admin: %w", err)
	}
	return id, nil
}
