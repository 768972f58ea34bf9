package event

import (
	"bytes"
	"database/sql"
	"fmt"
	"strconv"

	"parley/internal/db"
	"parley/internal/model/event"
	"parley/internal/store/query"
	"parley/internal/store/record"
)

// Deliveries are notifications on their way to webhooks.
type Deliveries struct{ *record.Scope }

// Few is how many notifications one statement inserts, with what they are to go to:
// PostgreSQL takes 65,535 parameters, and a workspace has 100 webhooks.
const Few = 50

const insertedColumns = `workspace_id, subscription_id, notification_id, topic, object, test, state, attempts, failures, created_at, item`

// Insert writes that notifications are to go where a routing says, in their order.
func (s Deliveries) Insert(notifications []*event.Notification, to Routing) error {
	for len(notifications) > 0 {
		n := min(len(notifications), Few)
		if err := s.insert(notifications[:n], to); err != nil {
			return fmt.Errorf("store: insert deliveries: %w", err)
		}
		notifications = notifications[n:]
	}
	return nil
}

func (s Deliveries) insert(notifications []*event.Notification, to Routing) error {
	b := &query.Builder{}
	b.Text("INSERT INTO deliveries (", insertedColumns, ") VALUES ")
	ws, separator := b.Arg(s.Workspace), ""
	for _, n := range notifications {
		id, topic, object, test := b.Arg(n.ID), b.Arg(n.Topic), b.Arg(n.Object), b.Arg(n.Test)
		at, item := b.Arg(n.CreatedAt), b.Arg(string(n.Item))
		for _, subscription := range to.To(n.Topic) {
			b.Text(separator, "(", ws, ", ", b.Arg(subscription), ", ", id, ", ", topic, ", ", object, ", ", test, ", 'pending', 0, 0, ", at, ", ", item, ")")
			separator = ", "
		}
	}
	return s.Write(b.SQL(), b.Args()...)
}

// deliveryColumns are all but the item, which is long and seldom wanted.
const deliveryColumns = `number, subscription_id, notification_id, topic, object, test, state, attempts, failures, due_at, first_sent_at, delivered_at, created_at`

func scanDelivery(row record.Scanner) (*event.Delivery, error) {
	var d event.Delivery
	err := row.Scan(&d.Number, &d.Subscription, &d.Notification.ID, &d.Notification.Topic, &d.Notification.Object, &d.Notification.Test,
		&d.State, &d.Attempts, &d.Failures, record.OrZero(&d.DueAt), record.OrZero(&d.FirstSentAt), record.OrZero(&d.DeliveredAt), &d.CreatedAt)
	d.Notification.CreatedAt = d.CreatedAt
	return &d, err
}

func (s Deliveries) list(condition string, args ...any) ([]*event.Delivery, error) {
	return s.read(`SELECT `+deliveryColumns+` FROM deliveries WHERE workspace_id = $1 AND `+condition, append([]any{s.Workspace}, args...))
}

// Fresh reads deliveries of a subscription that are to be sent at once, in their
// order. They lack their items: Show reads those.
func (s Deliveries) Fresh(id event.SubscriptionID, most int) ([]*event.Delivery, error) {
	return s.list(`subscription_id = $2 AND `+isPending+` ORDER BY number LIMIT $3`, id, most)
}

// Due reads deliveries of a subscription that are to be sent again, those first that
// have been due for longest. They lack their items.
func (s Deliveries) Due(id event.SubscriptionID, now int64, most int) ([]*event.Delivery, error) {
	return s.list(`subscription_id = $2 AND state = 'retrying' AND due_at <= $3 ORDER BY due_at, number LIMIT $4`, id, now, most)
}

// Show reads the items of deliveries.
func (s Deliveries) Show(list []*event.Delivery) error {
	byNumber := make(map[int64]*event.Delivery, len(list))
	numbers := make([]int64, len(list))
	for i, d := range list {
		byNumber[d.Number], numbers[i] = d, d.Number
	}
	if len(list) == 0 {
		return nil
	}
	err := s.Rows(`SELECT number, item FROM deliveries WHERE workspace_id = $1 AND number `+s.Dialect().InInts("$2"),
		[]any{s.Workspace, record.ToJSON(numbers)}, func(r *db.Rows) error {
			var number int64
			var item sql.RawBytes
			if err := r.Scan(&number, &item); err != nil {
				return err
			}
			byNumber[number].Notification.Item = bytes.Clone(item)
			return nil
		})
	if err != nil {
		return fmt.Errorf("store: read items of deliveries: %w", err)
	}
	return nil
}

// Blocked finds which of these objects have a delivery that others wait for, or
// would have to.
func (s Deliveries) Blocked(id event.SubscriptionID, objects []string) (map[string]bool, error) {
	blocked := map[string]bool{}
	if len(objects) == 0 {
		return blocked, nil
	}
	// The condition on the state is spelt as the index has it. The first row of an object
	// there is the one that others wait for: of those, there may be a million.
	err := s.Rows(`WITH objects (object) AS `+s.Dialect().List("$3")+` SELECT object FROM objects WHERE (
			SELECT d.number FROM deliveries d WHERE d.workspace_id = $1 AND d.subscription_id = $2 AND d.object = objects.object
				AND d.state IN ('retrying', 'held') AND d.state = 'retrying' AND d.failures >= 0 ORDER BY d.number LIMIT 1) IS NOT NULL`,
		[]any{s.Workspace, id, record.ToJSON(objects)}, func(r *db.Rows) error {
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

// Behind reads, of each of these objects, the earliest deliveries that wait or have been released: as many of an object
// at most, and each object's in their order. They lack their items.
func (s Deliveries) Behind(id event.SubscriptionID, objects []string, now int64, most int) ([]*event.Delivery, error) {
	if len(objects) == 0 {
		return nil, nil
	}
	b := &query.Builder{}
	ws, subscription, at, limit := b.Arg(s.Workspace), b.Arg(id), b.Arg(now), b.Arg(most)
	for i, object := range objects {
		if i > 0 {
			b.Text(" UNION ALL ")
		}
		b.Text("SELECT * FROM (SELECT ", deliveryColumns, " FROM deliveries WHERE workspace_id = ", ws, " AND subscription_id = ", subscription,
			" AND object = ", b.Arg(object), " AND ", isBlocked, " AND (state = 'held' OR due_at <= ", at, ") ORDER BY number LIMIT ", limit, ") AS behind", strconv.Itoa(i))
	}
	return s.read(b.SQL(), b.Args())
}

// Hold has deliveries of a subscription wait for an earlier one of their objects, if
// they are still to be sent at once.
func (s Deliveries) Hold(id event.SubscriptionID, numbers []int64) error {
	return s.putAside(id, numbers, `state = 'held'`)
}

// Block has later deliveries of their objects wait for these of a subscription, which
// are to be sent at once.
func (s Deliveries) Block(id event.SubscriptionID, numbers []int64) error {
	return s.putAside(id, numbers, `state = 'retrying', due_at = 1`)
}

// Overtake has deliveries of a subscription that are to be sent at once be sent at a
// time, and none of their objects wait for them: their failures are -1 until then.
func (s Deliveries) Overtake(id event.SubscriptionID, byTime map[int64][]int64) error {
	for at, numbers := range byTime {
		if err := s.putAside(id, numbers, `state = 'retrying', failures = -1, due_at = `+strconv.FormatInt(at, 10)); err != nil {
			return err
		}
	}
	return nil
}

func (s Deliveries) putAside(id event.SubscriptionID, numbers []int64, set string) error {
	if len(numbers) == 0 {
		return nil
	}
	// Without the subscription, all that is pending in the workspace might be read.
	err := s.Write(`UPDATE deliveries SET `+set+` WHERE workspace_id = $1 AND subscription_id = $2
		AND number `+s.Dialect().InInts("$3")+` AND `+isPending, s.Workspace, id, record.ToJSON(numbers))
	if err != nil {
		return fmt.Errorf("store: put deliveries aside: %w", err)
	}
	return nil
}

// Release has the next delivery be sent of each of these objects, whose earliest has
// ended.
func (s Deliveries) Release(id event.SubscriptionID, objects []string, now int64) error {
	if len(objects) == 0 {
		return nil
	}
	err := s.Write(`WITH objects (object) AS `+s.Dialect().List("$3")+` UPDATE deliveries SET state = 'retrying', due_at = $4
		WHERE workspace_id = $1 AND number IN (SELECT (
			SELECT d.number FROM deliveries d WHERE d.workspace_id = $1 AND d.subscription_id = $2 AND d.object = objects.object
				AND d.state IN ('retrying', 'held') AND d.state = 'held' ORDER BY d.number LIMIT 1) FROM objects)`,
		s.Workspace, id, record.ToJSON(objects), now)
	if err != nil {
		return fmt.Errorf("store: release deliveries: %w", err)
	}
	return nil
}

// Save writes how far a delivery is.
func (s Deliveries) Save(d *event.Delivery) error {
	var due any
	if d.State == event.Retrying {
		due = d.DueAt
	}
	err := s.Write(`UPDATE deliveries SET state = $3, attempts = $4, failures = $5, due_at = $6, first_sent_at = $7, delivered_at = $8
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
	err := s.Write(`UPDATE deliveries SET state = 'delivered', attempts = 1, first_sent_at = $3, delivered_at = $3
		WHERE workspace_id = $1 AND number `+s.Dialect().InInts("$2"), s.Workspace, record.ToJSON(numbers), at)
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
	if err := s.Write(b.SQL(), b.Args()...); err != nil {
		return fmt.Errorf("store: log attempts: %w", err)
	}
	return nil
}
