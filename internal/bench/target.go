package bench

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
)

// A target is a server that is measured.
type target struct {
	told    Target // for the report
	facts   *Facts
	token   string
	address string
	child   *child // nil: somebody else started it
	bare    bool   // it answers always the same
	length  int    // of what it answers, where it is bare

	made    atomic.Int64 // numbers that contacts made here have in their names
	workers []*worker
	find    [][]byte // requests that read a contact, one for each person
}

func newTarget(name string, facts *Facts, token string) *target {
	return &target{told: Target{Name: name}, facts: facts, token: token}
}

// request is one of the target.
func (t *target) request(method, path string, body []byte) []byte {
	return appendRequest(nil, method, path, t.address, t.token, body)
}

// ask waits for the first answer of 200.
func (t *target) ask() error {
	c, err := dial(t.address)
	if err != nil {
		return err
	}
	defer c.Close()
	status, body, err := c.do(t.request("GET", "/contacts/"+t.facts.People[0].ID, nil))
	if err == nil && status != 200 {
		err = fmt.Errorf("%s does not have the contacts that it was to be filled with: %d %.300s", t.told.Name, status, body)
	}
	return err
}

// sample is what it answers when a contact is asked for.
func (t *target) sample() ([]byte, error) {
	c, err := dial(t.address)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	status, body, err := c.do(t.request("GET", "/contacts/"+t.facts.People[0].ID, nil))
	if err == nil && status != 200 {
		err = fmt.Errorf("%d %.300s", status, body)
	}
	return body, err
}

// staff has so many workers ready, each with a connection.
func (t *target) staff(n int) error {
	if t.find == nil {
		for _, p := range t.facts.People {
			t.find = append(t.find, t.request("GET", "/contacts/"+p.ID, nil))
		}
	}
	for len(t.workers) < n {
		c, err := dial(t.address)
		if err != nil {
			return err
		}
		t.workers = append(t.workers, &worker{target: t, conn: c, random: rand.New(rand.NewPCG(t.facts.Seed, uint64(len(t.workers))))})
	}
	return nil
}

// end stops the server, if it was started here.
func (t *target) end() error {
	if t.child == nil {
		return nil
	}
	c := t.child
	t.child = nil
	return c.stop()
}

func (t *target) hangUp() {
	for _, w := range t.workers {
		w.conn.Close()
	}
	t.workers = nil
}

// A worker is one of the clients of a target.
type worker struct {
	*target
	conn   *conn
	random *rand.Rand
	asked  int64  // requests
	looked int64  // answers that were read
	unread int    // answers since the last one that was
	buffer []byte // the request that is being made
	json   []byte // its body
}

// each is of how many answers of a worker one is read and checked as a whole, the first of each operation among them. Of the others
// the status is looked at and that there is a body: the client works on the machine that it measures.
const each = 32

// call asks and checks the answer: its status always, what is in it now and then, or always where the worker needs it.
func (w *worker) call(request []byte, always bool, check func(body []byte) error) error {
	status, body, err := w.conn.do(request)
	if err != nil {
		return err
	}
	w.asked++
	if status != 200 || len(body) == 0 {
		return fmt.Errorf("an answer is wrong: %d %.300s", status, body)
	}
	if w.bare {
		if len(body) != w.length {
			return fmt.Errorf("an answer has %d bytes and not %d", len(body), w.length)
		}
		return nil
	}
	if w.unread = (w.unread + 1) % each; !always && w.unread != 1 {
		return nil
	}
	w.looked++
	if err := check(body); err != nil {
		return fmt.Errorf("an answer is wrong: %w: %.300s", err, body)
	}
	return nil
}

// person is one of those who are asked for.
func (w *worker) person() int { return w.random.IntN(len(w.facts.People)) }

var errUnread = errors.New("it is not the JSON that was to be expected")

// read decodes an answer.
func read(body []byte, into any) error {
	if err := json.Unmarshal(body, into); err != nil {
		return errors.Join(errUnread, err)
	}
	return nil
}
