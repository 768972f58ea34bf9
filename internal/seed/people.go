package seed

import (
	"context"
	"maps"
	"reflect"
	"slices"

	"parley/internal/model"
)

// dataAttributes are declared where they are missing. One that is there keeps
// its type.
func (r *run) dataAttributes(ctx context.Context) error {
	r.declared = map[model.AttributeModel]map[string]*model.DataAttribute{
		model.ContactAttributes: {}, model.CompanyAttributes: {}, model.ConversationAttributes: {}}
	have, err := r.People.ListAllDataAttributes(ctx, r.by, slices.Collect(maps.Keys(r.declared)))
	if err != nil {
		return err
	}
	for _, a := range have {
		if a.Custom() {
			r.declared[a.Model][a.Name] = a
		}
	}
	return each(r.file.DataAttributes, "data_attributes", func(d *DataAttribute) error {
		p := model.DataAttributePatch{Model: d.Model, Name: d.Name, Type: d.Type, Label: ifGiven(d.Label), Description: ifGiven(d.Description)}
		if d.Options != nil {
			p.Options = model.Some(d.Options)
		}
		if d.MessengerWritable != nil {
			p.MessengerWritable = model.Some(*d.MessengerWritable)
		}
		a := r.declared[d.Model][d.Name]
		if a == nil {
			a, err := r.People.DeclareDataAttribute(ctx, r.by, p)
			if err != nil {
				return in(err, "%s", d.Name)
			}
			r.declared[a.Model][a.Name] = a
			r.report.count("data attributes", created)
			return nil
		}
		changed := p.Label.Set && p.Label.Value != a.Label || p.Description.Set && p.Description.Value != a.Description ||
			p.Options.Set && !slices.Equal(p.Options.Value, a.Options) ||
			p.MessengerWritable.Set && p.MessengerWritable.Value != a.MessengerWritable
		if changed {
			if _, err := r.People.UpdateDataAttribute(ctx, r.by, a.ID, p); err != nil {
				return in(err, "%s", d.Name)
			}
		}
		r.report.count("data attributes", became(false, changed))
		return nil
	})
}

// ifGiven is a patch's value for a text that an empty one leaves as it is.
func ifGiven(s string) model.Opt[string] {
	if s == "" {
		return model.Opt[string]{}
	}
	return model.Some(s)
}

func (r *run) tags(ctx context.Context) error {
	have, err := r.People.ListTags(ctx, r.by)
	if err != nil {
		return err
	}
	r.tagIDs = map[string]model.TagID{}
	for _, t := range have {
		r.tagIDs[model.Fold(t.Name)] = t.ID
	}
	return each(r.file.Tags, "tags", func(name *string) error {
		_, there := r.tagIDs[model.Fold(*name)]
		r.report.count("tags", became(!there, false))
		if there {
			return nil
		}
		t, err := r.People.CreateTag(ctx, r.by, *name)
		if err == nil {
			r.tagIDs[model.Fold(t.Name)] = t.ID
		}
		return err
	})
}

// tag finds the tag of a name, in any case.
func (r *run) tag(name string) (model.TagID, error) {
	id, ok := r.tagIDs[model.Fold(name)]
	if !ok {
		return 0, missing("tag", name)
	}
	return id, nil
}

// subscriptionTypes are made where they are missing. One that is there stays as
// it is: contacts have consented to it.
func (r *run) subscriptionTypes(ctx context.Context) error {
	have, err := r.People.ListSubscriptionTypes(ctx, r.by)
	if err != nil {
		return err
	}
	r.subscriptions = map[string]*model.SubscriptionType{}
	for _, t := range have {
		r.subscriptions[t.Default().Name] = t
	}
	return each(r.file.SubscriptionTypes, "subscription_types", func(d *SubscriptionType) error {
		_, there := r.subscriptions[d.Name]
		r.report.count("subscription types", became(!there, false))
		if there {
			return nil
		}
		locale := d.Locale
		if locale == "" {
			locale = "en"
		}
		t := model.SubscriptionType{State: d.State, ConsentType: d.Consent, DefaultLocale: locale, ContentTypes: d.ContentTypes,
			Translations: []model.Translation{{Locale: locale, Name: d.Name, Description: d.Description}}}
		for _, tr := range d.Translations {
			t.Translations = append(t.Translations, model.Translation(tr))
		}
		made, err := r.People.CreateSubscriptionType(ctx, r.by, t)
		if err == nil {
			r.subscriptions[d.Name] = made
		}
		return err
	})
}

func (r *run) segments(ctx context.Context) error {
	have := map[model.PersonType]map[string]*model.Segment{model.PersonUser: {}, model.PersonLead: {}, model.PersonCompany: {}}
	for _, of := range []model.AttributeModel{model.ContactAttributes, model.CompanyAttributes} {
		list, err := r.People.ListSegments(ctx, r.by, of)
		if err != nil {
			return err
		}
		for _, g := range list {
			have[g.PersonType][g.Name] = g
		}
	}
	return each(r.file.Segments, "segments", func(d *Segment) error {
		filter, err := r.filter(d.Filter)
		if err != nil {
			return in(err, "%s", d.Name)
		}
		old := have[d.PersonType][d.Name]
		changed := old != nil && !reflect.DeepEqual(old.Filter, filter)
		r.report.count("segments", became(old == nil, changed))
		if old != nil && !changed {
			return nil
		}
		_, err = r.People.PutSegment(ctx, r.by, model.Segment{ID: objectID[model.SegmentID]("segment", string(d.PersonType)+" "+d.Name),
			Name: d.Name, PersonType: d.PersonType, Filter: filter})
		return in(err, "%s", d.Name)
	})
}
