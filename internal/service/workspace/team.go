package workspace

import (
	"context"
	"slices"

	"parley/internal/model"
	"parley/internal/model/event"
	"parley/internal/store"
)

// CreateTeam makes a team of admins of the workspace. The API cannot: teams come
// from the command line and from seeds.
func (s *Service) CreateTeam(ctx context.Context, by *model.Actor, t model.Team) (*model.Team, error) {
	if err := t.Validate(); err != nil {
		return nil, err
	}
	err := s.store.Update(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		if err = admitTeam(tx, by, &t); err != nil {
			return err
		}
		if t.ID, err = tx.Teams.NewID(); err != nil {
			return err
		}
		t.CreatedAt = tx.Now()
		if err = tx.Teams.Insert(&t); err != nil {
			return err
		}
		tx.Notify(event.Changed, event.Other("team", t.ID.String()))
		return tx.ActivityLogs.Append(model.TeamCreated(by, &t))
	})
	return &t, err
}

// FindTeam reads a team and who is in it.
func (s *Service) FindTeam(ctx context.Context, by *model.Actor, id model.TeamID) (*model.Team, error) {
	var t *model.Team
	err := s.store.View(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		t, err = tx.Teams.Find(id)
		return err
	})
	return t, err
}

// ListTeams reads all teams and who is in them.
func (s *Service) ListTeams(ctx context.Context, by *model.Actor) ([]*model.Team, error) {
	var teams []*model.Team
	err := s.store.View(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		teams, err = tx.Teams.List()
		return err
	})
	return teams, err
}

// UpdateTeam gives a team the name and the members of t; whoever is not among
// them leaves the team.
func (s *Service) UpdateTeam(ctx context.Context, by *model.Actor, t model.Team) (*model.Team, error) {
	if err := t.Validate(); err != nil {
		return nil, err
	}
	err := s.store.Update(ctx, by.Workspace.ID, func(tx *store.Tx) error {
		if err := admitTeam(tx, by, &t); err != nil {
			return err
		}
		before, err := tx.Teams.Find(t.ID)
		if err != nil {
			return err
		}
		t.CreatedAt = before.CreatedAt
		if err := tx.Teams.Update(&t); err != nil {
			return err
		}
		if slices.Equal(before.Members, t.Members) {
			return nil // the log has no type for another name
		}
		tx.Notify(event.Changed, event.Other("team", t.ID.String()))
		return tx.ActivityLogs.Append(model.TeamMembershipModified(by, before, &t))
	})
	return &t, err
}

// DeleteTeam removes a team; its members stay in the workspace.
func (s *Service) DeleteTeam(ctx context.Context, by *model.Actor, id model.TeamID) error {
	return s.store.Update(ctx, by.Workspace.ID, func(tx *store.Tx) error {
		t, err := tx.Teams.Find(id)
		if err != nil {
			return err
		}
		if err := tx.Teams.Delete(id); err != nil {
			return err
		}
		tx.Notify(event.Changed, event.Other("team", t.ID.String()))
		return tx.ActivityLogs.Append(model.TeamDeleted(by, t))
	})
}

// admitTeam checks a team against the rest of the workspace: its name is no
// other's, and its members are admins. Teams change one at a time.
func admitTeam(tx *store.Tx, by *model.Actor, t *model.Team) error {
	if err := tx.Lock("teams " + string(by.Workspace.ID)); err != nil {
		return err
	}
	teams, err := tx.Teams.List()
	if err != nil {
		return err
	}
	for _, other := range teams {
		if other.Name == t.Name && other.ID != t.ID {
			return model.TeamNameTaken(t.Name)
		}
	}
	known, err := tx.Admins.CountKnown(t.AdminIDs())
	if err == nil && known < len(t.Members) {
		err = model.AdminNotFound()
	}
	return err
}
