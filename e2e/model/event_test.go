package model

import (
	"maps"
	"slices"
	"strconv"
	"time"
)

func (m *machine) eventActions() map[string]func() {
	return map[string]func(){
		"report an event": m.report,
		"add a summary":   m.addSummary,
		"read events":     m.readEvents,
	}
}

var eventNames = []string{"bought", "Bought", "left"}

// report is done once for each second, however often it is told.
func (m *machine) report() {
	contact, c := m.person("contact")
	name := pick(m, "name", append(eventNames, "a.b", "")...)
	second := m.now - int64(pick(m, "ago", 0, 0, 1, 100, 91*day))
	why := done
	switch {
	case name == "":
		why = required("event_name is required")
	case name == "a.b":
		why = invalid("event_name cannot contain '.' or '$'")
	case c == nil:
		why = userNotFound
	default:
		if !c.events[name][second] {
			c.happened(name, second)
			c.counted(name, 1, second, second)
		}
	}
	m.ask("POST", "/events", object{"event_name": name, "created_at": second, "id": contact, "metadata": object{"at": second}}, why)
}

func (m *machine) addSummary() {
	contact, c := m.person("contact")
	name, n := pick(m, "name", eventNames...), int64(pick(m, "count", 1, 5, 0))
	first, last := m.now-int64(pick(m, "first", 0, 10)), m.now-int64(pick(m, "last", 0, 5))
	why := done
	switch {
	case n == 0:
		why = invalid("count must be a positive number")
	case first > last:
		why = invalid("first must not be after last")
	case c == nil:
		why = userNotFound
	default:
		c.counted(name, n, first, last)
	}
	m.ask("POST", "/events/summaries", object{"id": contact, "event_summaries": object{"event_name": name, "count": n, "first": first, "last": last}}, why)
}

func (m *machine) readEvents() {
	id, c := m.person("contact")
	if c == nil {
		m.ask("GET", "/events?type=user&intercom_user_id="+id, nil, userNotFound)
		return
	}
	m.holdEvents(c)
}

// holdEvents reads what a contact did lately, and how often it did what.
func (m *machine) holdEvents(c *contact) {
	var want, got []string
	for name, seconds := range c.events {
		for second := range seconds {
			if second > m.now-90*day {
				want = append(want, name+" at "+number(second))
			}
		}
	}
	for _, one := range m.get("/events?type=user&per_page=150&intercom_user_id=" + c.id)["events"].([]any) {
		got = append(got, at(one, "event_name").(string)+" at "+number(int64(at(one, "created_at").(float64))))
	}
	m.same("events of contact "+c.id, got, want)
	iso := func(second int64) string { return time.Unix(second, 0).UTC().Format("2006-01-02T15:04:05.000+00:00") }
	want, got = nil, nil
	for _, name := range slices.Sorted(maps.Keys(c.counts)) {
		n := c.counts[name]
		want = append(want, name+" "+number(n.n)+" "+iso(n.first)+" "+iso(n.last))
	}
	for _, one := range m.get("/events?type=user&summary=true&intercom_user_id=" + c.id)["events"].([]any) {
		got = append(got, at(one, "name").(string)+" "+strconv.FormatFloat(at(one, "count").(float64), 'f', -1, 64)+" "+at(one, "first").(string)+" "+at(one, "last").(string))
	}
	m.same("summaries of contact "+c.id, got, want)
}
