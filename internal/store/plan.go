package store

import (
	"fmt"

	"parley/internal/db"
	"parley/internal/model"
)

// Plans are what companies of a workspace pay for.
type Plans struct{ *scope }

// Ensure finds the plan of that name, or makes it.
func (s Plans) Ensure(name string) (model.Plan, error) {
	plan := model.Plan{Name: name}
	err := s.QueryRow(`SELECT id FROM plans WHERE workspace_id = $1 AND name = $2`, s.Workspace, name).Scan(&plan.ID)
	if err == nil || !db.IsNoRows(err) {
		return plan, err
	}
	id, err := s.NextID("plan")
	if err != nil {
		return plan, err
	}
	plan.ID = model.PlanID(id)
	if err := s.Write(`INSERT INTO plans (workspace_id, id, name) VALUES ($1, $2, $3)`, s.Workspace, plan.ID, name); err != nil {
		return plan, fmt.Errorf("store: insert plan: %w", err)
	}
	return plan, nil
}
