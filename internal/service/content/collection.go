package content

import (
	"context"
	"slices"

	"parley/internal/model"
	"parley/internal/model/content"
	"parley/internal/model/event"
	"parley/internal/store"
)

// CreateCollection makes a collection in the help center that the patch names, or
// in the default one.
func (s *Service) CreateCollection(ctx context.Context, by *model.Actor, p content.CollectionPatch) (*content.Collection, error) {
	return s.createCollection(ctx, by, func(tx *store.Tx) (*content.Collection, error) {
		in, err := s.helpCenter(tx, by, p.HelpCenter)
		if err != nil {
			return nil, err
		}
		return content.NewCollection(in, 0, p, tx.Now())
	})
}

func (s *Service) helpCenter(tx *store.Tx, by *model.Actor, named model.Opt[content.HelpCenterID]) (*content.HelpCenter, error) {
	if !named.Has() {
		return defaultHelpCenter(tx, by.Workspace)
	}
	h, err := tx.HelpCenters.Find(named.Value)
	if isNotFound(err) {
		err = content.HelpCenterUnknown()
	}
	return h, err
}

// CreateSection makes a section within the collection or section that the patch
// names.
func (s *Service) CreateSection(ctx context.Context, by *model.Actor, p content.CollectionPatch) (*content.Collection, error) {
	return s.createCollection(ctx, by, func(tx *store.Tx) (*content.Collection, error) {
		parent, err := sectionParent(tx, p.Parent)
		if err != nil {
			return nil, err
		}
		above, err := tx.Collections.Above(parent.ID)
		if err != nil {
			return nil, err
		}
		if len(above)+2 > content.MaxLevels {
			return nil, content.LevelsExceeded()
		}
		return content.NewCollection(parent.HelpCenter, parent.ID, p, tx.Now())
	})
}

func (s *Service) createCollection(ctx context.Context, by *model.Actor, make func(*store.Tx) (*content.Collection, error)) (*content.Collection, error) {
	var c *content.Collection
	err := s.store.Update(ctx, by.Workspace.ID, func(tx *store.Tx) error {
		if err := tx.Collections.Lock(); err != nil {
			return err
		}
		n, err := tx.Collections.Count()
		if err != nil {
			return err
		}
		if n >= content.MaxCollections {
			return content.CollectionLimitReached()
		}
		if c, err = make(tx); err != nil {
			return err
		}
		tx.Notify(event.Changed, event.Other("collection", c.ID.String()))
		return tx.Collections.Insert(c)
	})
	return c, err
}

// sectionParent finds what a section is to be within.
func sectionParent(tx *store.Tx, named model.Opt[content.CollectionID]) (*content.Collection, error) {
	if !named.Has() {
		return nil, content.ParentRequired()
	}
	parent, err := tx.Collections.Find(named.Value)
	if isNotFound(err) {
		err = content.ParentUnknown()
	}
	return parent, err
}

// FindCollection reads a collection. A section is none.
func (s *Service) FindCollection(ctx context.Context, by *model.Actor, id content.CollectionID) (*content.Collection, error) {
	return s.readCollection(ctx, by, id, false)
}

// FindSection reads a section. A collection is none.
func (s *Service) FindSection(ctx context.Context, by *model.Actor, id content.CollectionID) (*content.Collection, error) {
	return s.readCollection(ctx, by, id, true)
}

func (s *Service) readCollection(ctx context.Context, by *model.Actor, id content.CollectionID, section bool) (*content.Collection, error) {
	var c *content.Collection
	err := s.store.View(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		c, err = tx.Collections.Find(id)
		return ofSort(c, section, err)
	})
	return c, err
}

// ofSort refuses a section where a collection is asked for, and the reverse.
func ofSort(c *content.Collection, section bool, err error) error {
	if err == nil && c.Section() != section {
		err = model.ResourceNotFound()
	}
	return err
}

// ListCollections reads a page of the collections.
func (s *Service) ListCollections(ctx context.Context, by *model.Actor, sort model.Sort, page model.PageRequest) (*model.Page[*content.Collection], error) {
	return s.listCollections(ctx, by, false, sort, page)
}

// ListSections reads a page of the sections.
func (s *Service) ListSections(ctx context.Context, by *model.Actor, sort model.Sort, page model.PageRequest) (*model.Page[*content.Collection], error) {
	return s.listCollections(ctx, by, true, sort, page)
}

func (s *Service) listCollections(ctx context.Context, by *model.Actor, sections bool, sort model.Sort, page model.PageRequest) (*model.Page[*content.Collection], error) {
	var found *model.Page[*content.Collection]
	err := s.store.View(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		found, err = tx.Collections.List(sections, sort, page)
		return err
	})
	return found, err
}

// UpdateCollection changes what the patch names. A collection stays in its help
// center.
func (s *Service) UpdateCollection(ctx context.Context, by *model.Actor, id content.CollectionID, p content.CollectionPatch) (*content.Collection, error) {
	return s.changeCollection(ctx, by, id, false, func(tx *store.Tx, c *content.Collection) error {
		if err := c.Update(p, tx.Now()); err != nil {
			return err
		}
		tx.Notify(event.Changed, event.Other("collection", c.ID.String()))
		return tx.Collections.Update(c, false)
	})
}

// UpdateSection changes what the patch names. A section that is given another
// parent takes with it what is within it.
func (s *Service) UpdateSection(ctx context.Context, by *model.Actor, id content.CollectionID, p content.CollectionPatch) (*content.Collection, error) {
	return s.changeCollection(ctx, by, id, true, func(tx *store.Tx, c *content.Collection) error {
		if err := c.Update(p, tx.Now()); err != nil {
			return err
		}
		if !p.Parent.Set || p.Parent.Has() && p.Parent.Value == c.Parent {
			tx.Notify(event.Changed, event.Other("collection", c.ID.String()))
			return tx.Collections.Update(c, false)
		}
		parent, err := sectionParent(tx, p.Parent)
		if err != nil {
			return err
		}
		above, err := tx.Collections.Above(parent.ID)
		if err != nil {
			return err
		}
		_, levels, err := tx.Collections.Below(c.ID)
		switch {
		case err != nil:
			return err
		case parent.ID == c.ID || slices.Contains(above, c.ID):
			return content.ParentWithin()
		case len(above)+1+levels > content.MaxLevels:
			return content.LevelsExceeded()
		case parent.HelpCenter.ID != c.HelpCenter.ID:
			return content.ParentElsewhere()
		}
		c.Parent = parent.ID
		tx.Notify(event.Changed, event.Other("collection", c.ID.String()))
		return tx.Collections.Update(c, true)
	})
}

// DeleteCollection removes a collection and the sections within it. Their articles
// stay and stand alone.
func (s *Service) DeleteCollection(ctx context.Context, by *model.Actor, id content.CollectionID) error {
	return s.deleteCollection(ctx, by, id, false)
}

// DeleteSection removes a section and the sections within it. Their articles stay
// and stand alone.
func (s *Service) DeleteSection(ctx context.Context, by *model.Actor, id content.CollectionID) error {
	return s.deleteCollection(ctx, by, id, true)
}

func (s *Service) deleteCollection(ctx context.Context, by *model.Actor, id content.CollectionID, section bool) error {
	_, err := s.changeCollection(ctx, by, id, section, func(tx *store.Tx, c *content.Collection) error {
		tx.Notify(event.Changed, event.Other("collection", c.ID.String()))
		return tx.Collections.Delete(c.ID)
	})
	return err
}

// changeCollection reads a collection or section and changes it, while nobody else
// changes what is within what.
func (s *Service) changeCollection(ctx context.Context, by *model.Actor, id content.CollectionID, section bool, change func(*store.Tx, *content.Collection) error) (*content.Collection, error) {
	var c *content.Collection
	err := s.store.Update(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		if err = tx.Collections.Lock(); err != nil {
			return err
		}
		c, err = tx.Collections.Find(id)
		if err = ofSort(c, section, err); err != nil {
			return err
		}
		return change(tx, c)
	})
	return c, err
}
