package webhook

import "parley/internal/model/event"

// The bounds of what a pump holds in memory.
const (
	window = 128 // deliveries
	deep   = 16  // deliveries of one object
)

// A lane is the deliveries of one object that a pump has in memory, in their order.
// Only the first is sent.
type lane struct {
	object string
	rows   []*event.Delivery
	// blocked is that others of the object wait in the database, for the first of these or
	// for one that was before it.
	blocked bool
}

// lanes are all that a pump has in memory.
type lanes struct {
	byObject map[string]*lane
	ready    []*lane // that have something to send, in the order in which it came
	known    map[int64]bool
}

func newLanes() *lanes { return &lanes{byObject: map[string]*lane{}, known: map[int64]bool{}} }

// add takes a delivery in.
func (l *lanes) add(d *event.Delivery, blocked bool) {
	at := l.byObject[d.Notification.Object]
	if at == nil {
		at = &lane{object: d.Notification.Object}
		l.byObject[at.object] = at
	}
	at.rows = append(at.rows, d)
	at.blocked = at.blocked || blocked
	l.known[d.Number] = true
	if len(at.rows) == 1 {
		l.ready = append(l.ready, at)
	}
}

// take takes the next lane whose first delivery is to be sent.
func (l *lanes) take() *lane {
	if len(l.ready) == 0 {
		return nil
	}
	at := l.ready[0]
	l.ready = l.ready[1:]
	return at
}

// shift ends the first delivery of a lane; the next can be sent.
func (l *lanes) shift(at *lane) {
	at.rows = at.rows[1:]
	if len(at.rows) == 0 {
		delete(l.byObject, at.object)
		return
	}
	l.ready = append(l.ready, at)
}

// follow puts what waited for the last delivery of a lane in its place.
func (l *lanes) follow(at *lane, rows []*event.Delivery) {
	at.rows = at.rows[:0]
	for _, d := range rows {
		if d.Notification.Object == at.object {
			at.rows = append(at.rows, d)
			l.known[d.Number] = true
		}
	}
	if len(at.rows) == 0 {
		delete(l.byObject, at.object)
		return
	}
	l.ready = append(l.ready, at)
}

// trim forgets all but the first delivery of a lane, and returns their numbers.
func (l *lanes) trim(at *lane) []int64 {
	var numbers []int64
	for _, d := range at.rows[1:] {
		numbers = append(numbers, d.Number)
		delete(l.known, d.Number)
	}
	at.rows = at.rows[:1:1]
	return numbers
}
