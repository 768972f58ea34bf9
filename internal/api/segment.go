package api

import (
	"parley/internal/model"
	"parley/internal/wire"
)

// GET /segments
func (a *API) listSegments(r *request, _ none) (wire.Segments, error) {
	counted, err := r.flag("include_count")
	if err != nil {
		return wire.Segments{}, err
	}
	read, from := a.People.ListSegments, wire.FromSegment
	if counted {
		read, from = a.People.CountSegments, wire.FromCountedSegment
	}
	of := model.ContactAttributes
	if r.query("type") == "company" {
		of = model.CompanyAttributes
	}
	segments, err := read(r.Context(), r.actor, of)
	if err != nil {
		return wire.Segments{}, err
	}
	return wire.NewSegments(segments, from), nil
}

// GET /segments/{id}
func (a *API) findSegment(r *request, _ none) (wire.Segment, error) {
	counted, err := r.flag("include_count")
	if err != nil {
		return wire.Segment{}, err
	}
	read, from := a.People.FindSegment, wire.FromSegment
	if counted {
		read, from = a.People.CountSegment, wire.FromCountedSegment
	}
	g, err := read(r.Context(), r.actor, model.SegmentID(r.path("id")))
	return one(g, err, from)
}

// GET /contacts/{contact_id}/segments
func (a *API) listContactSegments(r *request, _ none) (wire.List[wire.Segment], error) {
	segments, err := a.People.ContactSegments(r.Context(), r.actor, r.contactID())
	return list(segments, err, wire.FromSegment)
}
