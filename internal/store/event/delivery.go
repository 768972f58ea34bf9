package event

import (
	"database/sql"
	"fmt"

	"parley/internal/model/event"
	"parley/internal/store/query"
	"parley/internal/store/record"
)

// Deliveries are notifications on their way to webhooks.
type Deliveries struct{ *record.Scope }

// few is how many notifications one statement inserts, with what they are to go to:
// PostgreSQL takes 65,535 parameters, and a workspace has 100 webhooks.
const few = 50

// Insert writes notifications, and that each is to go to the subscriptions that to
// names, in their order.
func (s Deliveries) Insert(notifications []*event.Notification, to func(*event.Notification) []int64) error {
	for len(notifications) > 0 {
		n := min(len(notifications), few)
		if err := s.insert(notifications[:n], to); err != nil {
			return fmt.Errorf("store: insert deliveries: %w", err)
		}
		notifications = notifications[n:]
	}
	return nil
}

// insert does so with one statement where the database can, since most of what it
// takes there is to ask.
func (s Deliveries) insert(notifications []*event.Notification, to func(*event.Notification) []int64) error {
	told, sent := &query.Builder{}, &query.Builder{}
	together := s.Dialect().InsertsTogether()
	if together {
		sent = told
		told.Text("WITH told AS (")
	}
	told.Text("INSERT INTO notifications (workspace_id, id, topic, object, item, test, deliveries, created_at) VALUES ")
	ws := told.Arg(s.Workspace)
	for i, n := range notifications {
		if i > 0 {
			told.Text(", ")
		}
		told.Text("(", ws, ", ", told.Arg(n.ID), ", ", told.Arg(n.Topic), ", ", told.Arg(n.Object), ", ", told.Arg(string(n.Item)), ", ",
			told.Arg(n.Test), ", ", told.Arg(len(to(n))), ", ", told.Arg(n.CreatedAt), ")")
	}
	if together {
		told.Text(") ")
	} else {
		if _, err := s.Exec(told.SQL(), told.Args()...); err != nil {
			return err
		}
		ws = sent.Arg(s.Workspace)
	}
	sent.Text(`INSERT INTO deliveries (workspace_id, subscription_id, notification_id, object, state, attempts, failures, due_at, created_at) VALUES `)
	separator := ""
	for _, n := range notifications {
		id, object, at := sent.Arg(n.ID), sent.Arg(n.Object), sent.Arg(n.CreatedAt)
		for _, subscription := range to(n) {
			sent.Text(separator, "(", ws, ", ", sent.Arg(subscription), ", ", id, ", ", object, ", 'pending', 0, 0, 0, ", at, ")")
			separator = ", "
		}
	}
	_, err := s.Exec(sent.SQL(), sent.Args()...)
	return err
}

const deliveryColumns = `number, subscription_id, notification_id, object, state, attempts, failures, due_at, first_sent_at, delivered_at, created_at`

func scanDelivery(row record.Scanner) (*event.Delivery, error) {
	var d event.Delivery
	err := row.Scan(&d.Number, &d.Subscription, &d.Notification.ID, &d.Notification.Object, &d.State, &d.Attempts, &d.Failures,
		record.OrZero(&d.DueAt), record.OrZero(&d.FirstSentAt), record.OrZero(&d.DeliveredAt), &d.CreatedAt)
	return &d, err
}

func (s Deliveries) list(condition string, args ...any) ([]*event.Delivery, error) {
	var all []*event.Delivery
	err := s.Rows(`SELECT `+deliveryColumns+` FROM deliveries WHERE workspace_id = $1 AND `+condition, append([]any{s.Workspace}, args...),
		func(r *sql.Rows) error {
			d, err := scanDelivery(r)
			all = append(all, d)
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("store: list deliveries: %w", err)
	}
	return all, nil
}

// Fresh reads deliveries of a subscription that are to be sent at once, in their
// order. They lack what they show: Show reads that.
func (s Deliveries) Fresh(id event.SubscriptionID, most int) ([]*event.Delivery, error) {
	return s.list(`subscription_id = $2 AND due_at = 0 ORDER BY number LIMIT $3`, id, most)
}

// Due reads deliveries of a subscription that are to be sent again, those first that
// have been due for longest. They lack what they show.
func (s Deliveries) Due(id event.SubscriptionID, now int64, most int) ([]*event.Delivery, error) {
	return s.list(`subscription_id = $2 AND due_at > 0 AND due_at <= $3 ORDER BY due_at, number LIMIT $4`, id, now, most)
}

// Show reads what deliveries show.
func (s Deliveries) Show(list []*event.Delivery) error {
	ids := map[string][]*event.Delivery{}
	for _, d := range list {
		ids[d.Notification.ID] = append(ids[d.Notification.ID], d)
	}
	if len(ids) == 0 {
		return nil
	}
	err := s.Rows(`SELECT id, topic, item, test, created_at FROM notifications WHERE workspace_id = $1 AND id IN `+s.Dialect().List("$2"),
		[]any{s.Workspace, record.ToJSON(keys(ids))}, func(r *sql.Rows) error {
			var n event.Notification
			var item string
			err := r.Scan(&n.ID, &n.Topic, &item, &n.Test, &n.CreatedAt)
			n.Item = []byte(item)
			for _, d := range ids[n.ID] {
				n.Object = d.Notification.Object
				d.Notification = n
			}
			return err
		})
	if err != nil {
		return fmt.Errorf("store: read notifications: %w", err)
	}
	return nil
}

func keys[K comparable, V any](m map[K]V) []K {
	out := make([]K, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	return out
}

// Blocked finds which of these objects have a delivery that others wait for, or
// would have to.
func (s Deliveries) Blocked(id event.SubscriptionID, objects []string) (map[string]bool, error) {
	blocked := map[string]bool{}
	if len(objects) == 0 {
		return blocked, nil
	}
	// The condition on the state is spelt as the index has it.
	err := s.Rows(`SELECT object FROM deliveries WHERE workspace_id = $1 AND subscription_id = $2
		AND object IN `+s.Dialect().List("$3")+` AND state IN ('retrying', 'held') AND state = 'retrying'`,
		[]any{s.Workspace, id, record.ToJSON(objects)}, func(r *sql.Rows) error {
			var object string
			err := r.Scan(&object)
			blocked[object] = true
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("store: find blocked objects: %w", err)
	}
	return blocked, nil
}

// Hold has deliveries wait for an earlier one of their objects, if they are still to
// be sent at once.
func (s Deliveries) Hold(numbers []int64) error {
	return s.set("hold", `UPDATE deliveries SET state = 'held', due_at = NULL WHERE workspace_id = $1 AND number IN `+
		s.Dialect().IntList("$2")+` AND state = 'pending'`, numbers)
}

// Block has later deliveries of their objects wait for these, which are to be sent at
// once.
func (s Deliveries) Block(numbers []int64) error {
	return s.set("block", `UPDATE deliveries SET state = 'retrying', due_at = 1 WHERE workspace_id = $1 AND number IN `+
		s.Dialect().IntList("$2")+` AND state = 'pending'`, numbers)
}

func (s Deliveries) set(what, statement string, numbers []int64) error {
	if len(numbers) == 0 {
		return nil
	}
	if _, err := s.Exec(statement, s.Workspace, record.ToJSON(numbers)); err != nil {
		return fmt.Errorf("store: %s deliveries: %w", what, err)
	}
	return nil
}

// Release has the next delivery be sent of each of these objects, whose earliest has
// ended.
func (s Deliveries) Release(id event.SubscriptionID, objects []string, now int64) error {
	if len(objects) == 0 {
		return nil
	}
	_, err := s.Exec(`UPDATE deliveries SET state = 'retrying', due_at = $4 WHERE workspace_id = $1 AND number IN (
			SELECT min(number) FROM deliveries WHERE workspace_id = $1 AND subscription_id = $2 AND object IN `+s.Dialect().List("$3")+`
				AND state IN ('retrying', 'held') AND state = 'held' GROUP BY object)`, s.Workspace, id, record.ToJSON(objects), now)
	if err != nil {
		return fmt.Errorf("store: release deliveries: %w", err)
	}
	return nil
}

// Save writes how far a delivery is.
func (s Deliveries) Save(d *event.Delivery) error {
	var due any
	if !d.State.Ended() && d.State != event.Held {
		due = d.DueAt
	}
	_, err := s.Exec(`UPDATE deliveries SET state = $3, attempts = $4, failures = $5, due_at = $6, first_sent_at = $7, delivered_at = $8
		WHERE workspace_id = $1 AND number = $2`,
		s.Workspace, d.Number, d.State, d.Attempts, d.Failures, due, record.Number(d.FirstSentAt), record.Number(d.DeliveredAt))
	if err != nil {
		return fmt.Errorf("store: save delivery: %w", err)
	}
	return nil
}

// SaveArrived is Save for deliveries that arrived at the first attempt, in the second
// in which the first of them did.
func (s Deliveries) SaveArrived(numbers []int64, at int64) error {
	if len(numbers) == 0 {
		return nil
	}
	_, err := s.Exec(`UPDATE deliveries SET state = 'delivered', attempts = 1, due_at = NULL, first_sent_at = $3, delivered_at = $3
		WHERE workspace_id = $1 AND number IN `+s.Dialect().IntList("$2"), s.Workspace, record.ToJSON(numbers), at)
	if err != nil {
		return fmt.Errorf("store: save deliveries: %w", err)
	}
	return nil
}

// Log writes attempts. One that is there already stays as it is.
func (s Deliveries) Log(attempts []*event.Attempt) error {
	if len(attempts) == 0 {
		return nil
	}
	b := &query.Builder{}
	b.Text("INSERT INTO delivery_attempts (workspace_id, delivery, attempt, at, took_ms, status, error, header, body) VALUES ")
	ws := b.Arg(s.Workspace)
	for i, a := range attempts {
		if i > 0 {
			b.Text(", ")
		}
		header := a.Header
		if header == nil {
			header = map[string][]string{}
		}
		b.Text("(", ws, ", ", b.Arg(a.Delivery), ", ", b.Arg(a.Number), ", ", b.Arg(a.At), ", ", b.Arg(a.Took.Milliseconds()), ", ",
			b.Arg(a.Status), ", ", b.Arg(a.Error), ", ", b.Arg(record.ToJSON(header)), ", ", b.Arg(string(a.Body)), ")")
	}
	b.Text(" ON CONFLICT (workspace_id, delivery, attempt) DO NOTHING")
	if _, err := s.Exec(b.SQL(), b.Args()...); err != nil {
		return fmt.Errorf("store: log attempts: %w", err)
	}
	return nil
}
