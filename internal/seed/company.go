package seed

import (
	"context"
	"maps"
	"math"
	"reflect"
	"slices"

	"parley/internal/model"
)

func (r *run) companies(ctx context.Context) error {
	r.companyIDs = map[string]model.CompanyID{}
	return each(r.file.Companies, "companies", func(c *Company) error {
		if c.CompanyID == "" {
			return faultf("a company of a seed needs a company_id")
		}
		return in(r.company(ctx, c), "%s", c.CompanyID)
	})
}

func (r *run) company(ctx context.Context, c *Company) error {
	have, err := r.findCompany(ctx, c.CompanyID)
	if err != nil {
		return err
	}
	p, err := r.companyPatch(c, have)
	if err != nil {
		return err
	}
	isNew, changed := have == nil, false
	if have != nil {
		next := *have
		next.Attributes = maps.Clone(have.Attributes)
		if err := next.Update(p, have.UpdatedAt); err != nil {
			return err
		}
		changed = !reflect.DeepEqual(*have, next) || p.Plan.Set && p.Plan.Value != have.Plan.Name
	}
	if isNew || changed {
		if have, err = r.People.SaveCompany(ctx, r.by, p); err != nil {
			return err
		}
	}
	r.companyIDs[c.CompanyID] = have.ID
	for _, name := range c.Tags {
		id, err := r.tag(name)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(have.Tags, func(t *model.Tag) bool { return t.ID == id }) {
			continue
		}
		if _, err := r.People.TagCompanies(r.at(ctx, c.CreatedAt), r.by, name, []model.TagTarget{{ID: string(have.ID)}}); err != nil {
			return err
		}
		changed = true
	}
	r.report.count("companies", became(isNew, changed))
	return nil
}

// findCompany reads the company of that company_id, or none if it is new.
func (r *run) findCompany(ctx context.Context, companyID string) (*model.Company, error) {
	if r.fresh {
		return nil, nil
	}
	c, err := r.People.FindCompanyByCompanyID(ctx, r.by, companyID)
	if isNotFound(err) {
		return nil, nil
	}
	return c, err
}

func (r *run) companyPatch(c *Company, have *model.Company) (model.CompanyPatch, error) {
	isNew := have == nil
	if isNew {
		have = &model.Company{}
	}
	p := model.CompanyPatch{CompanyID: model.Some(c.CompanyID), Name: ifGiven(c.Name), Plan: ifGiven(c.Plan),
		Size: ifSet(c.Size), Website: ifGiven(c.Website), Industry: ifGiven(c.Industry), MonthlySpend: ifSet(c.MonthlySpend),
		SessionCount: ifSet(c.SessionCount), RemoteCreatedAt: r.moment(c.RemoteCreatedAt, have.RemoteCreatedAt),
		LastRequestAt: r.moment(c.LastRequestAt, have.LastRequestAt)}
	if isNew {
		p.ID = model.Some(objectID[model.CompanyID]("company", c.CompanyID))
		p.CreatedAt = r.moment(c.CreatedAt, 0)
	}
	var err error
	p.Attributes, err = r.attributes(model.CompanyAttributes, c.CustomAttributes, have.Attributes)
	return p, err
}

func ifSet[T any](v *T) model.Opt[T] {
	if v == nil {
		return model.Opt[T]{}
	}
	return model.Some(*v)
}

// moment is a patch's value for a time. A distance from now sets a time that is
// unset, and leaves one that is there: it would move with each application.
func (r *run) moment(t Time, have int64) model.Opt[int64] {
	if !t.given || t.distance && have != 0 {
		return model.Opt[int64]{}
	}
	return model.Some(t.unix(r.now))
}

// attributes brings custom attributes into the form that they are kept in. Those
// that are not declared are left for the rule to refuse.
func (r *run) attributes(of model.AttributeModel, values map[string]any, have model.Attributes) (model.Attributes, error) {
	all := model.Attributes{}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		v, err := plain(values[name])
		if err != nil {
			return nil, in(err, "custom attribute %s", name)
		}
		declared, ok := r.declared[of][name]
		if v == nil || !ok {
			all[name] = v
			continue
		}
		if _, isText := v.(string); isText && declared.Type == model.TypeDate {
			t, err := parseTime(v)
			if err != nil {
				return nil, in(err, "custom attribute %s", name)
			}
			if t.distance && have[name] != nil {
				continue // it has its date already
			}
			v = t.unix(r.now)
		}
		if v, err = declared.Conform(v); err != nil {
			return nil, err
		}
		all[name] = whole(v)
	}
	return all, nil
}

// whole is a number as it is read back: without a fraction, it is an int64.
func whole(v any) any {
	if f, ok := v.(float64); ok && f == math.Trunc(f) && math.Abs(f) <= model.MaxNumber {
		return int64(f)
	}
	return v
}
