package store

import (
	"fmt"

	"parley/internal/db"
	"parley/internal/model"
	"parley/internal/store/record"
)

// Admins are the teammates of a workspace.
type Admins struct{ *scope }

const adminColumns = `id, name, email, job_title, avatar, away_mode_enabled, away_mode_reassign, has_inbox_seat,
	owner, created_at, updated_at`

func scanAdmin(row record.Scanner) (*model.Admin, error) {
	var a model.Admin
	err := row.Scan(&a.ID, &a.Name, &a.Email, &a.JobTitle, &a.Avatar, &a.AwayModeEnabled, &a.AwayModeReassign,
		&a.HasInboxSeat, &a.Owner, &a.CreatedAt, &a.UpdatedAt)
	return &a, err
}

// NewID gives out an id for an admin that is about to be inserted.
func (s Admins) NewID() (model.AdminID, error) {
	id, err := s.NextID("admin")
	return model.AdminID(id), err
}

// Insert writes a new admin. Its e-mail address must be free.
func (s Admins) Insert(a *model.Admin) error {
	err := s.Write(`INSERT INTO admins (workspace_id, `+adminColumns+`, name_fold)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`, s.Workspace, a.ID, a.Name, a.Email, a.JobTitle,
		a.Avatar, a.AwayModeEnabled, a.AwayModeReassign, a.HasInboxSeat, a.Owner, a.CreatedAt, a.UpdatedAt, model.Fold(a.Name))
	if err != nil {
		return fmt.Errorf("store: insert admin: %w", err)
	}
	return nil
}

// Expect says that FindAlone will be asked for an admin after the next statement: see record.Scope.Expect.
func (s Admins) Expect(id model.AdminID) { s.Ahead(findAdmin+`id = $2`, s.Workspace, id) }

// FindAlone reads an admin without the teams it is in.
func (s Admins) FindAlone(id model.AdminID) (*model.Admin, error) { return s.alone(`id = $2`, id) }

// Find reads an admin, with the teams it is in.
func (s Admins) Find(id model.AdminID) (*model.Admin, error) { return s.one(`id = $2`, id) }

// FindForUpdate reads an admin, with the teams it is in, and holds it until the
// transaction ends, where the database can.
func (s Admins) FindForUpdate(id model.AdminID) (*model.Admin, error) {
	return s.one(`id = $2`+s.Dialect().ForUpdate(), id)
}

// FindByEmail reads the admin with that e-mail address, in any case.
func (s Admins) FindByEmail(email string) (*model.Admin, error) {
	return s.one(`email = $2`, model.Fold(email))
}

// FindOwner reads the admin who owns the workspace: the first where there are
// several.
func (s Admins) FindOwner() (*model.Admin, error) {
	return s.one(`owner = $2 ORDER BY id LIMIT 1`, true)
}

func (s Admins) one(condition string, arg any) (*model.Admin, error) {
	a, err := s.alone(condition, arg)
	if err != nil {
		return nil, err
	}
	return a, s.loadTeams(` AND admin_id = $2`, []any{a.ID}, a)
}

const findAdmin = `SELECT ` + adminColumns + ` FROM admins WHERE workspace_id = $1 AND `

func (s Admins) alone(condition string, arg any) (*model.Admin, error) {
	a, err := scanAdmin(s.QueryRow(findAdmin+condition, s.Workspace, arg))
	return a, record.OrNotFound(err, model.AdminNotFound())
}

// List reads all admins, by id, with the teams they are in.
func (s Admins) List() ([]*model.Admin, error) {
	var admins []*model.Admin
	err := s.Rows(`SELECT `+adminColumns+` FROM admins WHERE workspace_id = $1 ORDER BY id`, []any{s.Workspace},
		func(r *db.Rows) error {
			a, err := scanAdmin(r)
			admins = append(admins, a)
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("store: list admins: %w", err)
	}
	return admins, s.loadTeams("", nil, admins...)
}

// loadTeams reads which teams the admins are in.
func (s Admins) loadTeams(condition string, args []any, admins ...*model.Admin) error {
	byID := make(map[model.AdminID]*model.Admin, len(admins))
	for _, a := range admins {
		byID[a.ID] = a
	}
	err := s.Rows(`SELECT admin_id, team_id, priority FROM team_members WHERE workspace_id = $1`+condition+` ORDER BY team_id`,
		append([]any{s.Workspace}, args...), func(r *db.Rows) error {
			var admin model.AdminID
			var team model.TeamID
			var priority model.TeamPriority
			if err := r.Scan(&admin, &team, &priority); err != nil {
				return err
			}
			a := byID[admin]
			a.TeamIDs = append(a.TeamIDs, team)
			switch priority {
			case model.Primary:
				a.PrimaryTeamIDs = append(a.PrimaryTeamIDs, team)
			case model.Secondary:
				a.SecondaryTeamIDs = append(a.SecondaryTeamIDs, team)
			}
			return nil
		})
	if err != nil {
		return fmt.Errorf("store: list teams of admins: %w", err)
	}
	return nil
}

// Exists reports whether the workspace has the admin.
func (s Admins) Exists(id model.AdminID) (bool, error) {
	n, err := s.CountKnown([]model.AdminID{id})
	return n > 0, err
}

// CountKnown counts how many of the ids are those of admins.
func (s Admins) CountKnown(ids []model.AdminID) (int, error) {
	var n int
	err := s.QueryRow(`SELECT count(*) FROM admins WHERE workspace_id = $1 AND id `+s.Dialect().InInts("$2"),
		s.Workspace, record.ToJSON(ids)).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("store: count admins: %w", err)
	}
	return n, nil
}

// Update writes an admin back; its teams are written with the teams.
func (s Admins) Update(a *model.Admin) error {
	err := s.Write(`UPDATE admins SET name = $3, email = $4, job_title = $5, avatar = $6, away_mode_enabled = $7,
			away_mode_reassign = $8, has_inbox_seat = $9, owner = $10, updated_at = $11, name_fold = $12
		WHERE workspace_id = $1 AND id = $2`, s.Workspace, a.ID, a.Name, a.Email, a.JobTitle, a.Avatar,
		a.AwayModeEnabled, a.AwayModeReassign, a.HasInboxSeat, a.Owner, a.UpdatedAt, model.Fold(a.Name))
	if err != nil {
		return fmt.Errorf("store: update admin: %w", err)
	}
	return nil
}
