package api

import (
	"parley/internal/model"
	"parley/internal/wire"
)

// The ways companies are listed: default and maximum of a page.
var (
	companyPaging  = paging{usual: 15, most: 60}
	attachedPaging = paging{usual: 50, most: 60}
)

// attachedOrder is the order of a contact's companies and of a company's
// contacts: the latest first.
var attachedOrder = model.Sort{Field: "attached_at", Descending: true}

// POST /companies
func (a *API) createOrUpdateCompany(r *request, in wire.CompanyRequest) (wire.Company, error) {
	patch, err := in.Patch()
	if err != nil {
		return wire.Company{}, err
	}
	c, err := a.People.SaveCompany(r.Context(), r.actor, patch)
	return company(r, c, err)
}

// GET /companies: company_id or name asks for one company, anything else for a
// list.
func (a *API) retrieveCompany(r *request, _ none) (wire.CompanyOrList, error) {
	var c *model.Company
	var err error
	switch id, name := r.query("company_id"), r.query("name"); {
	case id != "":
		c, err = a.People.FindCompanyByCompanyID(r.Context(), r.actor, id)
	case name != "":
		c, err = a.People.FindCompanyByName(r.Context(), r.actor, name)
	default:
		list, err := a.companies(r, r.companyListing())
		return wire.CompanyOrList{List: &list}, err
	}
	found, err := company(r, c, err)
	return wire.CompanyOrList{Company: &found}, err
}

// GET /companies/{company_id}
func (a *API) findCompany(r *request, _ none) (wire.Company, error) {
	c, err := a.People.FindCompany(r.Context(), r.actor, r.companyID())
	return company(r, c, err)
}

// PUT /companies/{company_id}
func (a *API) updateCompany(r *request, in wire.CompanyRequest) (wire.Company, error) {
	patch, err := in.Patch()
	if err != nil {
		return wire.Company{}, err
	}
	c, err := a.People.UpdateCompany(r.Context(), r.actor, r.companyID(), patch)
	return company(r, c, err)
}

// DELETE /companies/{company_id}
func (a *API) deleteCompany(r *request, _ none) (wire.Deleted, error) {
	c, err := a.People.DeleteCompany(r.Context(), r.actor, r.companyID())
	return one(c, err, wire.FromDeletedCompany)
}

// POST /companies/list: its paging is in the query string all the same.
func (a *API) listAllCompanies(r *request, _ none) (wire.LinkList[wire.Company], error) {
	return a.companies(r, model.CompanyListing{})
}

func (a *API) companies(r *request, of model.CompanyListing) (wire.LinkList[wire.Company], error) {
	var empty wire.LinkList[wire.Company]
	sort, err := companyOrder(r.query("order"))
	if err != nil {
		return empty, err
	}
	page, err := r.linkPage(companyPaging, sort)
	if err != nil {
		return empty, err
	}
	found, err := a.People.ListCompanies(r.Context(), r.actor, of, sort, page)
	if err != nil {
		return empty, err
	}
	return wire.NewLinkList(found, nextLink(r, found, sort), wire.FromCompany(r.actor.Workspace.ID)), nil
}

// companyListing is what GET /companies is to list.
func (r *request) companyListing() model.CompanyListing {
	var of model.CompanyListing
	if tag := r.query("tag_id"); tag != "" {
		of.Tag = model.Some(model.Decimal[model.TagID](tag))
	}
	if segment := r.query("segment_id"); segment != "" {
		of.Segment = model.Some(model.SegmentID(segment))
	}
	return of
}

func companyOrder(order string) (model.Sort, error) {
	switch order {
	case "", "desc":
		return model.Sort{Field: "last_request_at", Descending: true}, nil
	case "asc":
		return model.Sort{Field: "last_request_at"}, nil
	default:
		return model.Sort{}, model.ParameterInvalid("Order must be either asc or desc")
	}
}

// GET /companies/scroll
func (a *API) scrollCompanies(r *request, _ none) (wire.CompanyScroll, error) {
	found, param, err := a.People.ScrollCompanies(r.Context(), r.actor, r.query("scroll_param"))
	if err != nil {
		return wire.CompanyScroll{}, err
	}
	return wire.NewCompanyScroll(r.actor.Workspace.ID, found, param), nil
}

// GET /companies/{company_id}/contacts
func (a *API) listAttachedContacts(r *request, _ none) (wire.PageList[wire.Contact], error) {
	return pageList(r, attachedPaging, attachedOrder, func(page model.PageRequest) (*model.Page[*model.Contact], error) {
		return a.People.ContactsOfCompany(r.Context(), r.actor, r.companyID(), attachedOrder, page)
	}, wire.FromContact(r.actor.Workspace.ID))
}

// GET /companies/{company_id}/segments
func (a *API) listAttachedSegments(r *request, _ none) (wire.List[wire.Segment], error) {
	c, err := a.People.FindCompany(r.Context(), r.actor, r.companyID())
	if err != nil {
		return wire.List[wire.Segment]{}, err
	}
	return wire.NewList(c.Segments, wire.FromSegment), nil
}

// POST /contacts/{contact_id}/companies
func (a *API) attachContactToCompany(r *request, in wire.IDRequest) (wire.Company, error) {
	c, err := a.People.AttachCompany(r.Context(), r.actor, r.contactID(), model.CompanyID(in.ID.Value))
	return company(r, c, err)
}

// GET /contacts/{contact_id}/companies
func (a *API) listCompaniesForContact(r *request, _ none) (wire.LinkList[wire.Company], error) {
	page, err := r.linkPage(attachedPaging, attachedOrder)
	if err != nil {
		return wire.LinkList[wire.Company]{}, err
	}
	found, err := a.People.CompaniesOfContact(r.Context(), r.actor, r.contactID(), attachedOrder, page)
	if err != nil {
		return wire.LinkList[wire.Company]{}, err
	}
	return wire.NewLinkList(found, nextLink(r, found, attachedOrder), wire.FromCompany(r.actor.Workspace.ID)), nil
}

// DELETE /contacts/{contact_id}/companies/{company_id}
func (a *API) detachContactFromCompany(r *request, _ none) (wire.Company, error) {
	c, err := a.People.DetachCompany(r.Context(), r.actor, r.contactID(), r.companyID())
	return company(r, c, err)
}

func company(r *request, c *model.Company, err error) (wire.Company, error) {
	return one(c, err, wire.FromCompany(r.actor.Workspace.ID))
}
