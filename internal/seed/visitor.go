package seed

import (
	"context"

	"parley/internal/model"
)

func (r *run) visitors(ctx context.Context) error {
	return each(r.file.Visitors, "visitors", func(v *Visitor) error {
		if v.UserID == "" {
			return faultf("a visitor of a seed needs a user_id")
		}
		return in(r.visitor(ctx, v), "%s", v.UserID)
	})
}

func (r *run) visitor(ctx context.Context, v *Visitor) error {
	have, err := r.People.FindVisitor(ctx, r.by, model.ContactRef{ExternalID: v.UserID})
	isNew := isNotFound(err)
	if isNew {
		have, err = &model.Contact{}, nil
	}
	if err != nil {
		return err
	}
	d := model.VisitorDraft{UserID: v.UserID, Name: v.Name, Email: v.Email, Phone: v.Phone, SessionCount: v.SessionCount,
		LastSeenAt: r.moment(v.LastSeenAt, have.LastSeenAt).Value, Profile: have.Profile}
	if isNew {
		d.ID = objectID[model.ContactID]("visitor", v.UserID)
		d.CreatedAt = r.moment(v.CreatedAt, 0).Value
	}
	r.profile(&v.Person, &d.Profile)
	if d.Attributes, err = r.attributes(model.ContactAttributes, v.CustomAttributes, have.Attributes); err != nil {
		return err
	}
	changed := false
	if !isNew {
		changed, err = wouldChange(have, func(next *model.Contact) error { return next.Revisit(d, have.UpdatedAt) })
	}
	if err == nil && (isNew || changed) {
		_, err = r.People.PutVisitor(ctx, r.by, d)
	}
	r.report.count("visitors", became(isNew, changed))
	return err
}
