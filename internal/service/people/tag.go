package people

import (
	"context"

	"parley/internal/model"
	"parley/internal/model/event"
	"parley/internal/store"
)

// CreateTag makes a tag, or finds the one of that name.
func (s *Service) CreateTag(ctx context.Context, by *model.Actor, name string) (*model.Tag, error) {
	var t *model.Tag
	err := s.store.Update(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		t, err = findOrCreateTag(tx, by, name)
		return err
	})
	return t, err
}

func findOrCreateTag(tx *store.Tx, by *model.Actor, name string) (*model.Tag, error) {
	draft, err := model.NewTag(0, name, by.Admin, tx.Now())
	if err != nil {
		return nil, err
	}
	t, err := tx.Tags.FindByName(draft.Name)
	if !isNotFound(err) {
		return t, err
	}
	if draft.ID, err = tx.Tags.NewID(); err != nil {
		return nil, err
	}
	tx.Notify(event.Changed, event.Other("tag", draft.ID.String()))
	return draft, tx.Tags.Insert(draft)
}

// RenameTag gives a tag another name, which must not be another tag's.
func (s *Service) RenameTag(ctx context.Context, by *model.Actor, id model.TagID, name string) (*model.Tag, error) {
	var t *model.Tag
	err := s.store.Update(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		if t, err = tx.Tags.Find(id); err != nil {
			return err
		}
		if err = t.Rename(name); err != nil {
			return err
		}
		if other, err := tx.Tags.FindByName(t.Name); err == nil && other.ID != id {
			return model.TagNameTaken(t.Name)
		} else if err != nil && !isNotFound(err) {
			return err
		}
		tx.Notify(event.Changed, event.Other("tag", t.ID.String()))
		return tx.Tags.Update(t)
	})
	return t, err
}

// TagCompanies puts a tag, made if need be, on companies or takes it off them.
// One that is unknown leaves all as they were.
func (s *Service) TagCompanies(ctx context.Context, by *model.Actor, name string, targets []model.TagTarget) (*model.Tag, error) {
	return s.tagAll(ctx, by, name, func(tx *store.Tx, t *model.Tag) error {
		ids, err := tx.Tags.FindCompanies(targets)
		if err != nil {
			return err
		}
		on, off := part(ids, targets)
		if off, err = tx.Tags.DetachFromCompanies(t.ID, off...); err != nil {
			return err
		}
		if on, err = tx.Tags.AttachToCompanies(t.ID, by.Admin, on...); err != nil {
			return err
		}
		for _, id := range append(on, off...) {
			tx.Notify(event.Changed, event.Company{Company: &model.Company{ID: id}})
		}
		return nil
	})
}

// TagContacts puts a tag, made if need be, on contacts or takes it off them. One
// that is unknown leaves all as they were.
func (s *Service) TagContacts(ctx context.Context, by *model.Actor, name string, targets []model.TagTarget) (*model.Tag, error) {
	return s.tagAll(ctx, by, name, func(tx *store.Tx, t *model.Tag) error {
		ids, err := tx.Tags.FindContacts(targets)
		if err != nil {
			return err
		}
		on, off := part(ids, targets)
		if off, err = tx.Tags.DetachFromContacts(t.ID, off...); err != nil {
			return err
		}
		if on, err = tx.Tags.AttachToContacts(t.ID, by.Admin, on...); err != nil {
			return err
		}
		return tellTagged(tx, t, on, off)
	})
}

func (s *Service) tagAll(ctx context.Context, by *model.Actor, name string, apply func(*store.Tx, *model.Tag) error) (*model.Tag, error) {
	var t *model.Tag
	err := s.store.Update(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		if t, err = findOrCreateTag(tx, by, name); err != nil {
			return err
		}
		return apply(tx, t)
	})
	return t, err
}

// part tells which of what targets name gets the tag and which loses it. Of one
// that is named twice, the last mention counts.
func part[ID comparable](ids []ID, targets []model.TagTarget) (on, off []ID) {
	untag := map[ID]bool{}
	for i, id := range ids {
		untag[id] = targets[i].Untag
	}
	for id, gone := range untag {
		if gone {
			off = append(off, id)
		} else {
			on = append(on, id)
		}
	}
	return on, off
}

// FindTag reads a tag.
func (s *Service) FindTag(ctx context.Context, by *model.Actor, id model.TagID) (*model.Tag, error) {
	var t *model.Tag
	err := s.store.View(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		t, err = tx.Tags.Find(id)
		return err
	})
	return t, err
}

// ListTags reads all tags.
func (s *Service) ListTags(ctx context.Context, by *model.Actor) ([]*model.Tag, error) {
	var tags []*model.Tag
	err := s.store.View(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		tags, err = tx.Tags.List()
		return err
	})
	return tags, err
}

// DeleteTag removes a tag from everything, unless a segment asks for it.
func (s *Service) DeleteTag(ctx context.Context, by *model.Actor, id model.TagID) error {
	return s.store.Update(ctx, by.Workspace.ID, func(tx *store.Tx) error {
		if _, err := tx.Tags.Find(id); err != nil {
			return err
		}
		if err := tx.Segments.Lock(); err != nil {
			return err
		}
		segments, err := tx.Segments.List()
		if err != nil {
			return err
		}
		var dependent []string
		for _, g := range segments {
			if g.DependsOnTag(id) {
				dependent = append(dependent, g.Name)
			}
		}
		if len(dependent) > 0 {
			return model.TagInUse(dependent)
		}
		tx.Notify(event.Changed, event.Other("tag", id.String()))
		return tx.Tags.Delete(id)
	})
}

// ContactTags reads the tags of a contact, newest first.
func (s *Service) ContactTags(ctx context.Context, by *model.Actor, id model.ContactID) ([]*model.AppliedTag, error) {
	var tags []*model.AppliedTag
	err := s.store.View(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		if err = tx.Contacts.MustExist(id); err != nil {
			return err
		}
		tags, err = tx.Tags.OnContact(id)
		return err
	})
	return tags, err
}

// AttachTag puts a tag on a contact. Doing it twice changes nothing.
func (s *Service) AttachTag(ctx context.Context, by *model.Actor, id model.ContactID, tag model.TagID) (*model.AppliedTag, error) {
	var t *model.AppliedTag
	err := s.store.Update(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		if err = tx.Contacts.MustExist(id); err != nil {
			return err
		}
		if _, err = tx.Tags.Find(tag); err != nil {
			return err
		}
		on, err := tx.Tags.AttachToContacts(tag, by.Admin, id)
		if err != nil {
			return err
		}
		if t, err = tx.Tags.FindOnContact(id, tag); err != nil {
			return err
		}
		return tellTagged(tx, &t.Tag, on, nil)
	})
	return t, err
}

// DetachTag takes a tag off a contact; it must be there.
func (s *Service) DetachTag(ctx context.Context, by *model.Actor, id model.ContactID, tag model.TagID) (*model.AppliedTag, error) {
	var t *model.AppliedTag
	err := s.store.Update(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		if err = tx.Contacts.MustExist(id); err != nil {
			return err
		}
		if t, err = tx.Tags.FindOnContact(id, tag); err != nil {
			return err
		}
		off, err := tx.Tags.DetachFromContacts(tag, id)
		if err != nil {
			return err
		}
		return tellTagged(tx, &t.Tag, nil, off)
	})
	return t, err
}
