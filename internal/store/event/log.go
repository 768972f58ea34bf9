package event

import (
	"fmt"
	"strconv"
	"time"

	"parley/internal/db"
	"parley/internal/model/event"
	"parley/internal/store/query"
	"parley/internal/store/record"
)

// A Filter says which deliveries of a webhook are meant. What it leaves empty is no
// condition.
type Filter struct {
	State       event.DeliveryState
	Topic       event.Topic
	From, To    int64 // numbers, both included
	After, Till int64 // Unix seconds, both included
}

// where appends the conditions that a filter has beside the state.
func (s Deliveries) where(b *query.Builder, id event.SubscriptionID, f Filter) {
	b.Text(" AND workspace_id = ", b.Arg(s.Workspace), " AND subscription_id = ", b.Arg(id))
	for _, c := range []struct {
		text  string
		value int64
	}{{" AND number >= ", f.From}, {" AND number <= ", f.To}, {" AND created_at >= ", f.After}, {" AND created_at <= ", f.Till}} {
		if c.value != 0 {
			b.Text(c.text, b.Arg(c.value))
		}
	}
	if f.Topic != "" {
		b.Text(" AND topic = ", b.Arg(f.Topic))
	}
}

// The conditions on the state that are spelt as the indexes have them. Every delivery is
// under one of the first two.
const (
	isPending = "state = 'pending'"
	isTried   = "state <> 'pending'"
	isBlocked = "state IN ('retrying', 'held')"
	isFailed  = "state <> 'pending' AND state <> 'delivered'"
)

// states are the conditions on the state that a filter has: deliveries are under one of
// them each.
func (f Filter) states() []string {
	switch f.State {
	case "":
		return []string{isPending, isTried}
	case event.Pending:
		return []string{isPending}
	case event.Retrying, event.Held, event.Dropped:
		return []string{isFailed + " AND state = '" + string(f.State) + "'"}
	}
	return []string{isTried + " AND state = '" + string(event.Delivered) + "'"}
}

// List reads so many deliveries of a webhook before a number, or the newest where that
// is 0, newest first. They lack their items.
func (s Deliveries) List(id event.SubscriptionID, f Filter, before int64, most int) ([]*event.Delivery, error) {
	b := &query.Builder{}
	for i, state := range f.states() {
		if i > 0 {
			b.Text(" UNION ALL ")
		}
		b.Text("SELECT * FROM (SELECT ", deliveryColumns, " FROM deliveries WHERE ", state)
		s.where(b, id, f)
		if before != 0 {
			b.Text(" AND number < ", b.Arg(before))
		}
		b.Text(" ORDER BY number DESC LIMIT ", b.Arg(most), ") AS ", "newest", strconv.Itoa(i))
	}
	b.Text(" ORDER BY number DESC LIMIT ", b.Arg(most))
	return s.read(b.SQL(), b.Args())
}

// Ordinals counts the deliveries of a webhook, and of a topic where one is given, behind
// a number, and returns the how manieth of them each is of those from first to last.
func (s Deliveries) Ordinals(id event.SubscriptionID, topic event.Topic, behind, first, last int64) (map[int64]int64, error) {
	n := int64(0)
	if first = max(first, behind+1); first > behind+1 {
		b := &query.Builder{}
		for i, state := range (Filter{}).states() {
			b.Text([]string{"SELECT (", ") + ("}[i], "SELECT count(*) FROM deliveries WHERE ", state)
			s.where(b, id, Filter{Topic: topic, From: behind + 1, To: first - 1})
		}
		b.Text(")")
		if err := s.QueryRow(b.SQL(), b.Args()...).Scan(&n); err != nil {
			return nil, fmt.Errorf("store: count deliveries of a webhook: %w", err)
		}
	}
	b := &query.Builder{}
	for i, state := range (Filter{}).states() {
		b.Text([]string{"", " UNION ALL "}[i], "SELECT number FROM deliveries WHERE ", state)
		s.where(b, id, Filter{Topic: topic, From: first, To: last})
	}
	b.Text(" ORDER BY number")
	ordinals := map[int64]int64{}
	err := s.Rows(b.SQL(), b.Args(), func(r *db.Rows) error {
		var number int64
		err := r.Scan(&number)
		n++
		ordinals[number] = n
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("store: number deliveries of a webhook: %w", err)
	}
	return ordinals, nil
}

// Told reads so many deliveries of these webhooks behind a number, oldest first, with
// their items.
func (s Deliveries) Told(webhooks []*event.Subscription, behind int64, most int) ([]*event.Delivery, error) {
	if len(webhooks) == 0 {
		return nil, nil
	}
	b := &query.Builder{}
	n := 0
	for _, w := range webhooks {
		for _, state := range (Filter{}).states() { // each the beginning of an index
			if n++; n > 1 {
				b.Text(" UNION ALL ")
			}
			b.Text("SELECT * FROM (SELECT ", deliveryColumns, " FROM deliveries WHERE ", state)
			s.where(b, w.ID, Filter{})
			b.Text(" AND number > ", b.Arg(behind), " ORDER BY number LIMIT ", b.Arg(most), ") AS ", "told", strconv.Itoa(n))
		}
	}
	b.Text(" ORDER BY number LIMIT ", b.Arg(most))
	found, err := s.read(b.SQL(), b.Args())
	if err != nil {
		return nil, err
	}
	return found, s.Show(found)
}

// After reads so many deliveries of a webhook behind a number, oldest first, that have
// been tried, and holds them until the transaction ends, where the database can. They
// lack their items.
func (s Deliveries) After(id event.SubscriptionID, f Filter, behind int64, most int) ([]*event.Delivery, error) {
	states := f.states()
	b := &query.Builder{}
	b.Text("SELECT ", deliveryColumns, " FROM deliveries WHERE ", isTried, " AND ", states[len(states)-1])
	s.where(b, id, f)
	b.Text(" AND number > ", b.Arg(behind), " ORDER BY number LIMIT ", b.Arg(most), s.Dialect().ForUpdate())
	return s.read(b.SQL(), b.Args())
}

func (s Deliveries) read(statement string, args []any) ([]*event.Delivery, error) {
	var all []*event.Delivery
	err := s.Rows(statement, args, func(r *db.Rows) error {
		d, err := scanDelivery(r)
		all = append(all, d)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("store: list deliveries: %w", err)
	}
	return all, nil
}

// Newest is the highest number of a delivery of the workspace; 0 if there is none.
func (s Deliveries) Newest() (int64, error) {
	n := int64(0)
	// Each is the end of an index.
	err := s.QueryRow(`SELECT COALESCE(MAX(n), 0) FROM (
		SELECT (SELECT MAX(d.number) FROM deliveries d WHERE d.workspace_id = $1 AND d.subscription_id = w.id AND d.`+isPending+`) AS n
			FROM webhooks w WHERE w.workspace_id = $1
		UNION ALL SELECT (SELECT MAX(d.number) FROM deliveries d WHERE d.workspace_id = $1 AND d.subscription_id = w.id AND d.`+isTried+`)
			FROM webhooks w WHERE w.workspace_id = $1) AS newest`, s.Workspace).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("store: find newest delivery: %w", err)
	}
	return n, nil
}

// Find reads a delivery of a webhook that was not removed, with what it shows.
func (s Deliveries) Find(number int64) (*event.Delivery, error) { return s.one(number, "") }

// FindForUpdate is Find and holds the delivery until the transaction ends, where the
// database can.
func (s Deliveries) FindForUpdate(number int64) (*event.Delivery, error) {
	return s.one(number, s.Dialect().ForUpdate())
}

func (s Deliveries) one(number int64, hold string) (*event.Delivery, error) {
	d, err := scanDelivery(s.QueryRow(`SELECT `+deliveryColumns+` FROM deliveries WHERE workspace_id = $1 AND number = $2
		AND EXISTS (SELECT 1 FROM webhooks w WHERE w.workspace_id = $1 AND w.id = subscription_id AND w.state <> 'removed')`+hold,
		s.Workspace, number))
	if err != nil {
		return nil, record.OrNotFound(err, event.DeliveryNotFound())
	}
	return d, s.Show([]*event.Delivery{d})
}

// AttemptsAt reads the attempts at a delivery, oldest first, so many of the newest at
// most.
func (s Deliveries) AttemptsAt(number int64, most int) ([]*event.Attempt, error) {
	var all []*event.Attempt
	err := s.Rows(`SELECT attempt, at, took_ms, status, error, header, body FROM (
			SELECT * FROM delivery_attempts WHERE workspace_id = $1 AND delivery = $2 ORDER BY attempt DESC LIMIT $3) AS newest
		ORDER BY attempt`, []any{s.Workspace, number, most}, func(r *db.Rows) error {
		a := &event.Attempt{Delivery: number}
		var took int64
		var body string
		err := r.Scan(&a.Number, &a.At, &took, &a.Status, &a.Error, record.JSONColumn(&a.Header), &body)
		a.Took, a.Body = time.Duration(took)*time.Millisecond, []byte(body)
		all = append(all, a)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("store: list attempts: %w", err)
	}
	return all, nil
}

// CountOpen counts deliveries of a webhook that have not ended, up to so many.
func (s Deliveries) CountOpen(id event.SubscriptionID, most int) (int, error) {
	n := 0
	err := s.QueryRow(`SELECT (SELECT count(*) FROM (SELECT 1 FROM deliveries WHERE workspace_id = $1 AND subscription_id = $2
			AND `+isPending+` LIMIT $3) AS a) +
		(SELECT count(*) FROM (SELECT 1 FROM deliveries WHERE workspace_id = $1 AND subscription_id = $2
			AND `+isBlocked+` LIMIT $3) AS b)`, s.Workspace, id, most).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("store: count deliveries: %w", err)
	}
	return min(n, most), nil
}
