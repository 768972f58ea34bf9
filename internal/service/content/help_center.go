package content

import (
	"context"

	"parley/internal/model"
	"parley/internal/model/content"
	"parley/internal/model/event"
	"parley/internal/store"
)

// CreateHelpCenter makes a help center. One without an identifier is known by that
// of its workspace. One whose identifier another has gets the first of the others that is
// free. The first one of a workspace becomes its default one.
func (s *Service) CreateHelpCenter(ctx context.Context, by *model.Actor, identifier string, p content.HelpCenterPatch, others ...string) (*content.HelpCenter, error) {
	var h *content.HelpCenter
	err := s.store.Update(ctx, by.Workspace.ID, func(tx *store.Tx) error {
		if err := tx.HelpCenters.Lock(); err != nil {
			return err
		}
		all, err := tx.HelpCenters.List()
		if err != nil {
			return err
		}
		if len(all) >= content.MaxHelpCenters {
			return content.HelpCenterLimitReached()
		}
		identifiers := append([]string{identifier}, others...)
		if identifier == "" {
			identifiers = ownIdentifiers(by.Workspace)
		}
		h, err = insertHelpCenter(tx, identifiers, p)
		return err
	})
	return h, err
}

// ownIdentifiers are those that a workspace's help center may have if nobody chose
// one. The id of the workspace is nobody else's, unless somebody chose it for a
// help center of another.
func ownIdentifiers(ws *model.Workspace) []string {
	return []string{string(ws.ID), string(ws.ID) + "-help", model.NewUUID()}
}

// insertHelpCenter makes a help center with the first identifier that is free.
func insertHelpCenter(tx *store.Tx, identifiers []string, p content.HelpCenterPatch) (*content.HelpCenter, error) {
	for _, identifier := range identifiers {
		h, err := content.NewHelpCenter(identifier, p, tx.Now())
		if err != nil {
			return nil, err
		}
		tx.Notify(event.Changed, event.Other("help_center", h.ID.String()))
		free, err := tx.HelpCenters.Insert(h)
		if err != nil || free {
			return h, err
		}
	}
	return nil, content.IdentifierTaken(identifiers[0])
}

// UpdateHelpCenter changes what the patch names.
func (s *Service) UpdateHelpCenter(ctx context.Context, by *model.Actor, id content.HelpCenterID, p content.HelpCenterPatch) (*content.HelpCenter, error) {
	var h *content.HelpCenter
	err := s.store.Update(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		if err = tx.HelpCenters.Lock(); err != nil {
			return err
		}
		if h, err = tx.HelpCenters.Find(id); err != nil {
			return err
		}
		if err = h.Update(p, tx.Now()); err != nil {
			return err
		}
		tx.Notify(event.Changed, event.Other("help_center", h.ID.String()))
		return tx.HelpCenters.Update(h)
	})
	return h, err
}

// FindHelpCenter reads a help center.
func (s *Service) FindHelpCenter(ctx context.Context, by *model.Actor, id content.HelpCenterID) (*content.HelpCenter, error) {
	var h *content.HelpCenter
	err := s.store.View(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		h, err = tx.HelpCenters.Find(id)
		return err
	})
	return h, err
}

// ListHelpCenters reads all help centers, the default one first.
func (s *Service) ListHelpCenters(ctx context.Context, by *model.Actor) ([]*content.HelpCenter, error) {
	var all []*content.HelpCenter
	err := s.store.View(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		all, err = tx.HelpCenters.List()
		return err
	})
	return all, err
}

// defaultHelpCenter finds the workspace's default help center, and makes it if
// there is none.
func defaultHelpCenter(tx *store.Tx, ws *model.Workspace) (*content.HelpCenter, error) {
	h, err := tx.HelpCenters.Default()
	if !isNotFound(err) {
		return h, err
	}
	if err := tx.HelpCenters.Lock(); err != nil {
		return nil, err
	}
	if h, err = tx.HelpCenters.Default(); !isNotFound(err) { // another made it meanwhile
		return h, err
	}
	name := model.OneLine(ws.Name)
	if most := model.MaxText - len(defaultName); len([]rune(name)) > most {
		name = string([]rune(name)[:most])
	}
	return insertHelpCenter(tx, ownIdentifiers(ws), content.HelpCenterPatch{DisplayName: model.Some(name + defaultName)})
}

// defaultName is what the name of a default help center ends in.
const defaultName = " Help Center"
