package api

import (
	"strconv"

	"parley/internal/model"
	"parley/internal/wire"
)

// The ways events are listed: default and maximum of a page. A summary has all
// the names that the live API lets a workspace use.
var (
	eventPaging   = paging{usual: 50, most: 150}
	summaryPaging = paging{usual: 150, most: 150}
)

// summaryOrder is the order of a summary.
var summaryOrder = model.Sort{Field: "first", Descending: true}

// POST /events: the answer says only that the event was taken in, also where it
// was known already.
func (a *API) createDataEvent(r *request, in wire.DataEventRequest) (none, error) {
	e, err := in.Event()
	if err != nil {
		return none{}, err
	}
	return none{}, a.People.RecordEvent(r.Context(), r.actor, in.Ref(), e)
}

// GET /events
func (a *API) listDataEvents(r *request, _ none) (wire.EventsOrSummary, error) {
	var out wire.EventsOrSummary
	if r.query("type") != "user" {
		return out, model.ParameterInvalid("type must be user")
	}
	summary, err := r.flag("summary")
	if err != nil {
		return out, err
	}
	if summary {
		out.Summary, err = a.summarizeEvents(r)
	} else {
		out.Events, err = a.events(r)
	}
	return out, err
}

func (a *API) events(r *request) (*wire.DataEventList, error) {
	order := model.NewestFirst()
	page, err := r.cursorPage(eventPaging, order, r.query("per_page"), r.query("before"))
	if err != nil {
		return nil, err
	}
	var since *model.Position
	if cursor := r.query("since"); cursor != "" {
		if since, _, err = r.cursorKey(order).Decode(cursor); err != nil {
			return nil, err
		}
	}
	c, events, err := a.People.ListEvents(r.Context(), r.actor, r.eventContact(), since, page)
	if err != nil {
		return nil, err
	}
	if len(events.Items) > 0 {
		since = &model.Position{Value: events.Items[0].CreatedAt, ID: events.Items[0].Name}
	}
	out := wire.NewDataEventList(c, events.Items, wire.EventPages{
		Next:  eventLink(r, page, "before", nextCursor(r, events, order)),
		Since: eventLink(r, page, "since", r.cursorKey(order).Encode(since, 1)),
	})
	return &out, nil
}

func (a *API) summarizeEvents(r *request) (*wire.DataEventSummary, error) {
	page, err := r.cursorPage(summaryPaging, summaryOrder, r.query("per_page"), r.query("before"))
	if err != nil {
		return nil, err
	}
	c, summaries, err := a.People.SummarizeEvents(r.Context(), r.actor, r.eventContact(), page)
	if err != nil {
		return nil, err
	}
	next := eventLink(r, page, "before", nextCursor(r, summaries, summaryOrder))
	out := wire.NewDataEventSummary(c, summaries.Items, wire.EventPages{Next: next})
	return &out, nil
}

// eventLink is the request's own URL with a cursor in it; empty without one. What
// comes since a page does not end where that page began.
func eventLink(r *request, page model.PageRequest, name, cursor string) string {
	if cursor == "" {
		return ""
	}
	q := r.http.URL.Query()
	if name == "since" {
		q.Del("before")
	}
	q.Set("per_page", strconv.Itoa(page.PerPage))
	q.Set(name, cursor)
	return r.base + r.http.URL.Path + "?" + q.Encode()
}

// eventContact is the contact whose events are asked for.
func (r *request) eventContact() model.ContactRef {
	return model.ContactRef{ID: model.ContactID(r.query("intercom_user_id")), ExternalID: r.query("user_id"), Email: r.query("email")}
}

// POST /events/summaries
func (a *API) addDataEventSummary(r *request, in wire.DataEventSummariesRequest) (none, error) {
	s, err := in.EventSummaries.Summary()
	if err != nil {
		return none{}, err
	}
	return none{}, a.People.AddEventSummary(r.Context(), r.actor, in.Ref(), s)
}
