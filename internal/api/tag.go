package api

import (
	"parley/internal/model"
	"parley/internal/wire"
)

// GET /tags
func (a *API) listTags(r *request, _ none) (wire.List[wire.Tag], error) {
	tags, err := a.People.ListTags(r.Context(), r.actor)
	return list(tags, err, wire.FromTag)
}

// POST /tags: which of its five jobs is meant shows in the fields that are there.
func (a *API) createTag(r *request, in wire.TagRequest) (wire.Tag, error) {
	var t *model.Tag
	var err error
	ctx, name := r.Context(), string(in.Name.Value)
	switch {
	case name == "":
		err = model.InvalidTag()
	case in.Companies.Has():
		t, err = a.People.TagCompanies(ctx, r.actor, name, wire.Targets(in.Companies))
	case in.Users.Has():
		t, err = a.People.TagContacts(ctx, r.actor, name, wire.Targets(in.Users))
	case in.ID.Value != "":
		t, err = a.People.RenameTag(ctx, r.actor, model.Decimal[model.TagID](string(in.ID.Value)), name)
	default:
		t, err = a.People.CreateTag(ctx, r.actor, name)
	}
	return one(t, err, wire.FromTag)
}

// GET /tags/{id}
func (a *API) findTag(r *request, _ none) (wire.Tag, error) {
	t, err := a.People.FindTag(r.Context(), r.actor, r.tagID())
	return one(t, err, wire.FromTag)
}

// DELETE /tags/{id}
func (a *API) deleteTag(r *request, _ none) (none, error) {
	return none{}, a.People.DeleteTag(r.Context(), r.actor, r.tagID())
}

// GET /contacts/{contact_id}/tags
func (a *API) listContactTags(r *request, _ none) (wire.List[wire.AppliedTag], error) {
	tags, err := a.People.ContactTags(r.Context(), r.actor, r.contactID())
	return list(tags, err, wire.FromAppliedTag)
}

// POST /contacts/{contact_id}/tags
func (a *API) attachTagToContact(r *request, in wire.IDRequest) (wire.AppliedTag, error) {
	t, err := a.People.AttachTag(r.Context(), r.actor, r.contactID(), model.Decimal[model.TagID](string(in.ID.Value)))
	return one(t, err, wire.FromAppliedTag)
}

// DELETE /contacts/{contact_id}/tags/{id}
func (a *API) detachTagFromContact(r *request, _ none) (wire.AppliedTag, error) {
	t, err := a.People.DetachTag(r.Context(), r.actor, r.contactID(), r.tagID())
	return one(t, err, wire.FromAppliedTag)
}

func (r *request) tagID() model.TagID { return model.Decimal[model.TagID](r.path("id")) }

// list translates a list that a rule returned, unless it failed.
func list[Noun, Out any](nouns []Noun, err error, from func(Noun) Out) (wire.List[Out], error) {
	if err != nil {
		return wire.List[Out]{}, err
	}
	return wire.NewList(nouns, from), nil
}
