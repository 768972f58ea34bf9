package seed

import (
	"context"
	"reflect"
	"slices"
	"strings"

	"parley/internal/model"
)

// ticketTypes are made where they are missing, and brought to what the file says
// where they are there: the first of the name that is not archived, or else one
// that is, which stays archived. Attributes that the file does not name stay.
func (r *run) ticketTypes(ctx context.Context) error {
	if len(r.file.TicketTypes) == 0 {
		return nil
	}
	all, err := r.Inbox.ListTicketTypes(ctx, r.by)
	if err != nil {
		return err
	}
	have := map[string]*model.TicketType{}
	for _, t := range all {
		if old := have[t.Name]; old == nil || old.Archived && !t.Archived {
			have[t.Name] = t
		}
	}
	return each(r.file.TicketTypes, "ticket_types", func(d *TicketType) error {
		name := strings.TrimSpace(d.Name)
		if name == "" {
			return faultf("a ticket type of a seed needs a name")
		}
		t, err := r.ticketType(ctx, d, have[name])
		if err != nil {
			return in(err, "%s", name)
		}
		have[name] = t
		return in(each(d.Attributes, "attributes", func(a *TicketTypeAttribute) error {
			return in(r.ticketTypeAttribute(ctx, a, t), "%s", a.Name)
		}), "%s", name)
	})
}

// ticketType makes the type that d describes, or brings old, if there is one, to
// it.
func (r *run) ticketType(ctx context.Context, d *TicketType, old *model.TicketType) (*model.TicketType, error) {
	p := model.TicketTypePatch{Name: ifGiven(d.Name), Description: ifGiven(d.Description), Icon: ifGiven(d.Icon), Internal: ifSet(d.Internal)}
	if old == nil {
		r.report.count("ticket types", created)
		return r.Inbox.CreateTicketType(ctx, r.by, p)
	}
	next := *old
	if err := next.Update(p, old.UpdatedAt); err != nil {
		return nil, err
	}
	changed := !reflect.DeepEqual(*old, next)
	r.report.count("ticket types", became(false, changed))
	if !changed {
		return old, nil
	}
	return r.Inbox.UpdateTicketType(ctx, r.by, old.ID, p)
}

// ticketTypeAttribute adds the attribute that d describes to a type, or brings the
// one of that name to it.
func (r *run) ticketTypeAttribute(ctx context.Context, d *TicketTypeAttribute, of *model.TicketType) error {
	p := model.TicketTypeAttributePatch{Name: ifGiven(d.Name), Description: ifGiven(d.Description),
		Multiline: ifSet(d.Multiline), AllowMultiple: ifSet(d.AllowMultipleValues), RequiredToCreate: ifSet(d.RequiredToCreate),
		RequiredToCreateForContacts: ifSet(d.RequiredToCreateForContacts), VisibleOnCreate: ifSet(d.VisibleOnCreate),
		VisibleToContacts: ifSet(d.VisibleToContacts)}
	if d.DataType != "" {
		p.DataType = model.Some(d.DataType)
	}
	if d.ListItems != nil {
		items := make([]model.ListItem, len(d.ListItems))
		for i, name := range d.ListItems {
			items[i] = model.ListItem{ID: uuid("ticket list item", of.Name+"\n"+d.Name+"\n"+name), Name: name}
		}
		p.Items = model.Some(items)
	}
	old := findTicketTypeAttribute(of, strings.TrimSpace(d.Name))
	if old == nil {
		p.Description = model.Some(d.Description) // which a new one cannot be without
		r.report.count("ticket type attributes", created)
		a, err := r.Inbox.CreateTicketTypeAttribute(ctx, r.by, of.ID, p)
		if err == nil {
			of.Attributes = append(of.Attributes, a)
		}
		return err
	}
	next := *of
	next.Attributes = slices.Clone(of.Attributes)
	a, err := next.UpdateAttribute(old.ID, p, old.UpdatedAt)
	if err != nil {
		return err
	}
	changed := !reflect.DeepEqual(old, a)
	r.report.count("ticket type attributes", became(false, changed))
	if changed {
		_, err = r.Inbox.UpdateTicketTypeAttribute(ctx, r.by, of.ID, old.ID, p)
	}
	return err
}

// findTicketTypeAttribute finds the attribute of that name, archived only if no
// other has it.
func findTicketTypeAttribute(of *model.TicketType, name string) *model.TicketTypeAttribute {
	if a, ok := of.Attribute(name); ok {
		return a
	}
	i := slices.IndexFunc(of.Attributes, func(a *model.TicketTypeAttribute) bool { return a.Name == name })
	if i < 0 {
		return nil
	}
	return of.Attributes[i]
}
