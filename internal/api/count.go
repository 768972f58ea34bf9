package api

import (
	"parley/internal/model"
	"parley/internal/wire"
)

// GET /counts: type says what is counted, and count what by.
func (a *API) counts(r *request, _ none) (wire.Counts, error) {
	if r.query("count") != "" {
		return a.countEach(r)
	}
	if r.query("type") == "conversation" {
		totals, err := a.Inbox.CountConversations(r.Context(), r.actor)
		if err != nil {
			return wire.Counts{}, err
		}
		return wire.Counts{Type: "count", Conversation: wire.FromConversationTotals(totals)}, nil
	}
	totals, err := a.People.CountAll(r.Context(), r.actor)
	if err != nil {
		return wire.Counts{}, err
	}
	return wire.FromTotals(totals).Of(r.query("type"))
}

// countEach counts a noun by each tag, segment, company or admin.
func (a *API) countEach(r *request) (wire.Counts, error) {
	ctx := r.Context()
	switch kind, by := r.query("type"), r.query("count"); kind + " by " + by {
	case "user by tag":
		counts, err := a.People.CountContactsByTag(ctx, r.actor)
		return wire.Counts{Type: "count", User: &wire.Count{Tag: wire.FromNamedCounts(counts)}}, err
	case "user by segment":
		segments, err := a.People.CountSegments(ctx, r.actor, model.ContactAttributes)
		return wire.Counts{Type: "count", User: &wire.Count{Segment: wire.FromSegmentCounts(segments)}}, err
	case "company by tag":
		counts, err := a.People.CountCompaniesByTag(ctx, r.actor)
		return wire.Counts{Type: "count", Company: &wire.Count{Tag: wire.FromNamedCounts(counts)}}, err
	case "company by segment":
		segments, err := a.People.CountSegments(ctx, r.actor, model.CompanyAttributes)
		return wire.Counts{Type: "count", Company: &wire.Count{Segment: wire.FromSegmentCounts(segments)}}, err
	case "company by user":
		counts, err := a.People.CountContactsByCompany(ctx, r.actor)
		return wire.Counts{Type: "count", Company: &wire.Count{User: wire.FromNamedCounts(counts)}}, err
	case "conversation by admin":
		counts, err := a.Inbox.CountConversationsByAdmin(ctx, r.actor)
		return wire.Counts{Type: "count", Conversation: wire.FromAdminTotals(counts)}, err
	}
	return wire.Counts{}, wire.UnknownCount()
}
