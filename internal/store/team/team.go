// Package team is who conversations and tickets are given to in SQL: teams, and the rules by which they are.
// It must not give any to anybody.
package team

import (
	"fmt"

	"parley/internal/db"
	"parley/internal/model"
	"parley/internal/store/record"
)

// Teams are the groups of admins of a workspace.
type Teams struct{ *record.Scope }

const teamColumns = `id, name, created_at`

func scanTeam(row record.Scanner) (*model.Team, error) {
	var t model.Team
	err := row.Scan(&t.ID, &t.Name, &t.CreatedAt)
	return &t, err
}

// NewID gives out an id for a team that is about to be inserted.
func (s Teams) NewID() (model.TeamID, error) {
	id, err := s.NextID("team")
	return model.TeamID(id), err
}

// Insert writes a new team and its members. Its name must be free.
func (s Teams) Insert(t *model.Team) error {
	err := s.Write(`INSERT INTO teams (workspace_id, `+teamColumns+`) VALUES ($1, $2, $3, $4)`,
		s.Workspace, t.ID, t.Name, t.CreatedAt)
	if err != nil {
		return fmt.Errorf("store: insert team: %w", err)
	}
	return s.insertMembers(t)
}

// Find reads a team and its members.
func (s Teams) Find(id model.TeamID) (*model.Team, error) {
	t, err := s.one(id)
	if err != nil {
		return nil, err
	}
	return t, s.loadMembers(` AND team_id = $2`, []any{id}, t)
}

// FindPresent reads a team and those of its members who are not away.
func (s Teams) FindPresent(id model.TeamID) (*model.Team, error) {
	t, err := s.one(id)
	if err != nil {
		return nil, err
	}
	return t, s.loadMembers(` AND team_id = $2 AND EXISTS (SELECT 1 FROM admins a WHERE a.workspace_id = team_members.workspace_id
		AND a.id = team_members.admin_id AND NOT a.away_mode_enabled)`, []any{id}, t)
}

func (s Teams) one(id model.TeamID) (*model.Team, error) {
	t, err := scanTeam(s.QueryRow(`SELECT `+teamColumns+` FROM teams WHERE workspace_id = $1 AND id = $2`, s.Workspace, id))
	return t, record.OrNotFound(err, model.TeamNotFound())
}

// Exists reports whether the workspace has the team.
func (s Teams) Exists(id model.TeamID) (bool, error) {
	var n int
	err := s.QueryRow(`SELECT count(*) FROM teams WHERE workspace_id = $1 AND id = $2`, s.Workspace, id).Scan(&n)
	return n > 0, err
}

// List reads all teams, by id, and their members.
func (s Teams) List() ([]*model.Team, error) {
	var teams []*model.Team
	err := s.Rows(`SELECT `+teamColumns+` FROM teams WHERE workspace_id = $1 ORDER BY id`, []any{s.Workspace},
		func(r *db.Rows) error {
			t, err := scanTeam(r)
			teams = append(teams, t)
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("store: list teams: %w", err)
	}
	return teams, s.loadMembers("", nil, teams...)
}

// loadMembers reads who is in the teams.
func (s Teams) loadMembers(condition string, args []any, teams ...*model.Team) error {
	byID := make(map[model.TeamID]*model.Team, len(teams))
	for _, t := range teams {
		byID[t.ID] = t
	}
	err := s.Rows(`SELECT team_id, admin_id, priority FROM team_members WHERE workspace_id = $1`+condition+` ORDER BY admin_id`,
		append([]any{s.Workspace}, args...), func(r *db.Rows) error {
			var team model.TeamID
			var m model.TeamMember
			err := r.Scan(&team, &m.Admin, &m.Priority)
			if t := byID[team]; t != nil {
				t.Members = append(t.Members, m)
			}
			return err
		})
	if err != nil {
		return fmt.Errorf("store: list members of teams: %w", err)
	}
	return nil
}

// Update writes a team back, with its members. Its name must be free.
func (s Teams) Update(t *model.Team) error {
	if err := s.Write(`UPDATE teams SET name = $3 WHERE workspace_id = $1 AND id = $2`, s.Workspace, t.ID, t.Name); err != nil {
		return fmt.Errorf("store: update team: %w", err)
	}
	if err := s.Write(`DELETE FROM team_members WHERE workspace_id = $1 AND team_id = $2`, s.Workspace, t.ID); err != nil {
		return fmt.Errorf("store: remove members of a team: %w", err)
	}
	return s.insertMembers(t)
}

func (s Teams) insertMembers(t *model.Team) error {
	for _, m := range t.Members {
		err := s.Write(`INSERT INTO team_members (workspace_id, team_id, admin_id, priority) VALUES ($1, $2, $3, $4)`,
			s.Workspace, t.ID, m.Admin, m.Priority)
		if err != nil {
			return fmt.Errorf("store: insert member of a team: %w", err)
		}
	}
	return nil
}

// Delete removes a team.
func (s Teams) Delete(id model.TeamID) error {
	if err := s.Write(`DELETE FROM teams WHERE workspace_id = $1 AND id = $2`, s.Workspace, id); err != nil {
		return fmt.Errorf("store: delete team: %w", err)
	}
	return nil
}
