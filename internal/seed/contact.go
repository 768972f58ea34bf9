package seed

import (
	"context"
	"maps"
	"reflect"
	"slices"

	"parley/internal/model"
	"parley/internal/richtext"
)

// contacts writes a part of the file's contacts, of which the first has that
// index in the file.
func (r *run) contacts(ctx context.Context, list []Contact, first int) error {
	for i := range list {
		c := &list[i]
		key := c.ExternalID
		if key == "" {
			key = adminKey(c.Email)
		}
		err := faultf("a contact of a seed needs an external_id or an email")
		if key != "" {
			err = in(r.contact(ctx, c, key), "%s", key)
		}
		if err != nil {
			return in(err, "contacts, number %d", first+i+1)
		}
	}
	return nil
}

func (r *run) contact(ctx context.Context, c *Contact, key string) error {
	have, err := r.findContact(ctx, c)
	if err != nil {
		return err
	}
	p, err := r.contactPatch(c, have, key)
	if err != nil {
		return err
	}
	isNew, changed := have == nil, false
	if isNew {
		have, err = r.People.CreateContact(ctx, r.by, p)
	} else if changed, err = wouldChange(have, func(next *model.Contact) error { return next.Update(p, have.UpdatedAt) }); changed && err == nil {
		_, err = r.People.UpdateContact(ctx, r.by, have.ID, p)
	}
	if err != nil {
		return err
	}
	at := r.at(ctx, c.CreatedAt)
	for _, attach := range []func(context.Context, *Contact, model.ContactID, bool) (bool, error){
		r.contactTags, r.contactCompanies, r.contactSubscriptions,
	} {
		attached, err := attach(at, c, have.ID, isNew)
		if err != nil {
			return err
		}
		changed = changed || attached
	}
	r.report.count("contacts", became(isNew, changed))
	if err := r.notes(ctx, c, have.ID, isNew); err != nil {
		return err
	}
	return r.events(ctx, c, have.ID, key, isNew)
}

// wouldChange reports whether a change makes another contact of this one.
func wouldChange(have *model.Contact, change func(*model.Contact) error) (bool, error) {
	next := *have
	next.Attributes = maps.Clone(have.Attributes)
	err := change(&next)
	return !reflect.DeepEqual(*have, next), err
}

// findContact reads the contact that the file means, or none if it is new.
func (r *run) findContact(ctx context.Context, c *Contact) (*model.Contact, error) {
	if r.fresh {
		return nil, nil
	}
	filter := model.Filter{Operator: model.Equal, Field: "external_id", Value: c.ExternalID}
	same := func(have *model.Contact) bool { return have.ExternalID == c.ExternalID }
	if c.ExternalID == "" {
		email := adminKey(c.Email)
		filter.Field, filter.Value = "email", email
		same = func(have *model.Contact) bool { return model.Fold(have.Email) == email && have.Role == role(c) }
	}
	found, err := r.People.SearchContacts(ctx, r.by, &filter, model.Sort{Field: "created_at"}, model.PageRequest{PerPage: 50, Number: 1})
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(found.Items, same)
	if i < 0 {
		return nil, nil
	}
	return found.Items[i], nil
}

func role(c *Contact) model.Role {
	if c.Role == "" {
		return model.RoleUser
	}
	return c.Role
}

func (r *run) contactPatch(c *Contact, have *model.Contact, key string) (model.ContactPatch, error) {
	isNew := have == nil
	if isNew {
		have = &model.Contact{}
	}
	p := model.ContactPatch{Role: model.Some(role(c)), ExternalID: ifGiven(c.ExternalID), Email: ifGiven(c.Email), Phone: ifGiven(c.Phone),
		Name: ifGiven(c.Name), Avatar: ifGiven(c.Avatar), SignedUpAt: r.moment(c.SignedUpAt, have.SignedUpAt),
		LastSeenAt: r.moment(c.LastSeenAt, have.LastSeenAt), UnsubscribedFromEmails: ifSet(c.UnsubscribedFromEmails)}
	if isNew {
		p.ID = model.Some(objectID[model.ContactID]("contact", string(role(c))+" "+key))
		p.CreatedAt = r.moment(c.CreatedAt, 0)
		if c.ExternalID == "" && role(c) == model.RoleLead {
			p.ExternalID = model.Some(uuid("lead", key))
		}
	}
	profile := have.Profile
	r.profile(&c.Person, &profile)
	p.Profile = model.Some(profile)
	if c.Owner != "" {
		owner, err := r.admin(c.Owner)
		if err != nil {
			return p, err
		}
		p.OwnerID = model.Some(owner)
	}
	var err error
	p.Attributes, err = r.attributes(model.ContactAttributes, c.CustomAttributes, have.Attributes)
	return p, err
}

// profile adds what the file says of a person to what is known already.
func (r *run) profile(said *Person, into *model.Profile) {
	for _, f := range []struct {
		said string
		into *string
	}{
		{said.Location.City, &into.City}, {said.Location.Region, &into.Region}, {said.Location.Country, &into.Country},
		{said.Location.CountryCode, &into.CountryCode}, {said.Location.ContinentCode, &into.ContinentCode},
		{said.LanguageOverride, &into.LanguageOverride}, {said.Browser.Name, &into.Browser},
		{said.Browser.Version, &into.BrowserVersion}, {said.Browser.Language, &into.BrowserLanguage}, {said.OS, &into.OS},
		{said.Android.AppName, &into.AndroidAppName}, {said.Android.AppVersion, &into.AndroidAppVersion},
		{said.Android.Device, &into.AndroidDevice}, {said.Android.OSVersion, &into.AndroidOSVersion},
		{said.Android.SDKVersion, &into.AndroidSDKVersion},
		{said.IOS.AppName, &into.IOSAppName}, {said.IOS.AppVersion, &into.IOSAppVersion}, {said.IOS.Device, &into.IOSDevice},
		{said.IOS.OSVersion, &into.IOSOSVersion}, {said.IOS.SDKVersion, &into.IOSSDKVersion},
		{said.UTM.Campaign, &into.UTMCampaign}, {said.UTM.Content, &into.UTMContent}, {said.UTM.Medium, &into.UTMMedium},
		{said.UTM.Source, &into.UTMSource}, {said.UTM.Term, &into.UTMTerm}, {said.Referrer, &into.Referrer},
	} {
		if f.said != "" {
			*f.into = f.said
		}
	}
	r.moment(said.Android.LastSeenAt, into.AndroidLastSeenAt).Apply(&into.AndroidLastSeenAt)
	r.moment(said.IOS.LastSeenAt, into.IOSLastSeenAt).Apply(&into.IOSLastSeenAt)
	if len(said.SocialProfiles) > 0 {
		into.SocialProfiles = nil
		for _, p := range said.SocialProfiles {
			into.SocialProfiles = append(into.SocialProfiles, model.SocialProfile(p))
		}
	}
}

// contactTags puts on the tags that are missing and reports whether there were
// any. Tags that the file does not name stay.
func (r *run) contactTags(ctx context.Context, c *Contact, id model.ContactID, isNew bool) (attached bool, err error) {
	var have []*model.AppliedTag
	if !isNew && len(c.Tags) > 0 {
		if have, err = r.People.ContactTags(ctx, r.by, id); err != nil {
			return false, err
		}
	}
	for _, name := range c.Tags {
		tag, err := r.tag(name)
		if err != nil {
			return false, err
		}
		if slices.ContainsFunc(have, func(t *model.AppliedTag) bool { return t.ID == tag }) {
			continue
		}
		if _, err := r.People.AttachTag(ctx, r.by, id, tag); err != nil {
			return false, err
		}
		attached = true
	}
	return attached, nil
}

// contactCompanies does with companies what contactTags does with tags.
func (r *run) contactCompanies(ctx context.Context, c *Contact, id model.ContactID, isNew bool) (attached bool, err error) {
	have := &model.Page[*model.Company]{}
	if !isNew && len(c.Companies) > 0 {
		have, err = r.People.CompaniesOfContact(ctx, r.by, id, model.Sort{Field: "created_at"}, model.PageRequest{PerPage: model.MaxContactCompanies, Number: 1})
		if err != nil {
			return false, err
		}
	}
	for _, companyID := range c.Companies {
		company, ok := r.companyIDs[companyID]
		if !ok {
			found, err := r.findCompany(ctx, companyID)
			if err != nil {
				return false, err
			}
			if found != nil {
				r.companyIDs[companyID] = found.ID
			}
			if company, err = known(r.companyIDs, "company", companyID); err != nil {
				return false, err
			}
		}
		if slices.ContainsFunc(have.Items, func(h *model.Company) bool { return h.ID == company }) {
			continue
		}
		if _, err := r.People.AttachCompany(ctx, r.by, id, company); err != nil {
			return false, err
		}
		attached = true
	}
	return attached, nil
}

// contactSubscriptions records the choice that each of the subscription types
// asks for: out of one that is opt-out, in to one that is opt-in.
func (r *run) contactSubscriptions(ctx context.Context, c *Contact, id model.ContactID, isNew bool) (attached bool, err error) {
	var have []*model.SubscriptionType
	if !isNew && len(c.Subscriptions) > 0 {
		if have, err = r.People.ContactSubscriptions(ctx, r.by, id); err != nil {
			return false, err
		}
	}
	for _, name := range c.Subscriptions {
		t, err := known(r.subscriptions, "subscription type", name)
		if err != nil {
			return false, err
		}
		if slices.ContainsFunc(have, func(h *model.SubscriptionType) bool { return h.ID == t.ID }) {
			continue
		}
		if _, err := r.People.AttachSubscriptionType(ctx, r.by, id, t.ID, t.ConsentType); err != nil {
			return false, err
		}
		attached = true
	}
	return attached, nil
}

func (r *run) notes(ctx context.Context, c *Contact, id model.ContactID, isNew bool) error {
	type written struct {
		author model.AdminID
		body   string
	}
	have := map[written]bool{}
	if !isNew && len(c.Notes) > 0 {
		page := model.PageRequest{PerPage: 150, Number: 1}
		for {
			found, err := r.People.ContactNotes(ctx, r.by, id, page)
			if err != nil {
				return err
			}
			for _, n := range found.Items {
				have[written{n.Author.ID, n.Body}] = true
			}
			if found.Next == nil {
				break
			}
			page.Number, page.After = page.Number+1, found.Next
		}
	}
	return each(c.Notes, "notes", func(n *Note) error {
		author, err := r.admin(n.Author)
		if err != nil {
			return err
		}
		note := written{author, richtext.FromInput(n.Body)}
		r.report.count("notes", became(!have[note], false))
		if have[note] {
			return nil
		}
		have[note] = true
		_, err = r.People.CreateNote(r.at(ctx, n.At), r.by, id, model.Some(author), n.Body)
		return err
	})
}
