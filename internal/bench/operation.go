package bench

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
)

// An operation is what is measured, under a name.
type operation struct {
	name   string
	bare   bool // a bare handler can be asked for it too
	writes bool
	// ready makes what is done once, and checked, each time that it is called. It is called for each worker.
	ready func(*worker) func() error
}

// operations are all that are to be measured. Those that change something come last: until then the totals are those of the fill.
func (o *Options) operations() []operation {
	all := []operation{
		{name: "read a contact", bare: true, ready: findContact},
		{name: "search by e-mail", ready: searchByEmail},
	}
	for _, s := range o.Facts.Searches {
		all = append(all, operation{name: s.Operation, ready: func(w *worker) func() error { return search(w, s) }})
	}
	all = append(all,
		operation{name: "newest conversations", ready: newestConversations},
		operation{name: "create a contact", writes: true, ready: createContact},
		operation{name: "conversation and 4 replies", writes: true, ready: converse},
	)
	var wanted []operation
	for _, op := range all {
		if o.wants(op.name) && (!op.writes || o.MayWrite || o.startsAll()) {
			wanted = append(wanted, op)
		}
	}
	return wanted
}

func findContact(w *worker) func() error {
	return func() error {
		i := w.person()
		return w.call(w.find[i], false, func(body []byte) error {
			var c struct{ Type, ID, Email string }
			if err := read(body, &c); err != nil {
				return err
			}
			if want := w.facts.People[i]; c.Type != "contact" || c.ID != want.ID || c.Email != want.Email {
				return fmt.Errorf("it is about %s and not about %s", c.ID, want.ID)
			}
			return nil
		})
	}
}

// A page is what lists of contacts and of conversations answer.
type page struct {
	Total         int                          `json:"total_count"`
	Contacts      []map[string]json.RawMessage `json:"data"`
	Conversations []map[string]json.RawMessage `json:"conversations"`
}

// rows is how many rows a search asks for.
const rows = 50

func searchBody(query []byte, sort string) []byte {
	body := append([]byte(`{"query":`), query...)
	if sort != "" {
		body = append(body, `,"sort":{"field":"`+sort+`","order":"descending"}`...)
	}
	return append(body, `,"pagination":{"per_page":`+strconv.Itoa(rows)+`}}`...)
}

func searchByEmail(w *worker) func() error {
	return func() error {
		want := w.facts.People[w.person()]
		w.json = append(append(append(w.json[:0], `{"query":{"field":"email","operator":"=","value":"`...), want.Email...), `"}}`...)
		return w.call(w.post("/contacts/search"), false, func(body []byte) error {
			var p page
			if err := read(body, &p); err != nil {
				return err
			}
			if p.Total != 1 || len(p.Contacts) != 1 || string(p.Contacts[0]["id"]) != `"`+want.ID+`"` {
				return fmt.Errorf("of %s alone there are %d", want.Email, p.Total)
			}
			return nil
		})
	}
}

// post is a request with the worker's body. It is good until the next one.
func (w *worker) post(path string) []byte {
	w.buffer = appendRequest(w.buffer[:0], "POST", path, w.address, w.token, w.json)
	return w.buffer
}

func search(w *worker, s Search) func() error {
	request := w.request("POST", "/contacts/search", searchBody(s.Query, s.Sort))
	return func() error {
		return w.call(request, false, func(body []byte) error { return s.check(body) })
	}
}

// check holds the answer to a search against what was filled.
func (s *Search) check(body []byte) error {
	var p page
	if err := read(body, &p); err != nil {
		return err
	}
	if p.Total != s.Total {
		return fmt.Errorf("it counts %d, and there are %d", p.Total, s.Total)
	}
	if want := min(rows, s.Total); len(p.Contacts) != want {
		return fmt.Errorf("it has %d rows and not %d", len(p.Contacts), want)
	}
	if s.Sort == "" {
		return nil
	}
	for i := range len(p.Contacts) - 1 {
		a, b := p.Contacts[i][s.Sort], p.Contacts[i+1][s.Sort]
		first, errA := moment(a)
		second, errB := moment(b)
		if errA != nil || errB != nil || first < second {
			return fmt.Errorf("by %s, %s comes before %s", s.Sort, a, b)
		}
	}
	return nil
}

// moment reads a time of an answer. What was never comes after all that was, where the newest comes first.
func moment(v json.RawMessage) (int64, error) {
	if string(v) == "null" {
		return math.MinInt64, nil
	}
	return strconv.ParseInt(string(v), 10, 64)
}

func newestConversations(w *worker) func() error {
	const newest = 20
	request := w.request("GET", "/conversations?per_page="+strconv.Itoa(newest), nil)
	return func() error {
		return w.call(request, false, func(body []byte) error {
			var p page
			if err := read(body, &p); err != nil {
				return err
			}
			if p.Total != w.facts.Conversations || len(p.Conversations) != min(newest, p.Total) {
				return fmt.Errorf("it counts %d and shows %d, and there are %d", p.Total, len(p.Conversations), w.facts.Conversations)
			}
			return nil
		})
	}
}

// createContact makes contacts whom no measured search finds.
func createContact(w *worker) func() error {
	return func() error {
		n := strconv.FormatInt(w.made.Add(1), 10)
		w.json = append(w.json[:0], `{"role":"user","external_id":"new-`...)
		w.json = append(append(w.json, n...), `","email":"new.comer.`...)
		w.json = append(append(w.json, n...), `@arrivals.example","name":"Newcomer Number `...)
		w.json = append(append(w.json, n...), `","phone":"+353861234567","signed_up_at":1767225600,"custom_attributes":{"plan":"starter","seats":5}}`...)
		return w.call(w.post("/contacts"), false, func(body []byte) error {
			var c struct {
				ID         string
				ExternalID string `json:"external_id"`
			}
			if err := read(body, &c); err != nil {
				return err
			}
			if c.ID == "" || c.ExternalID != "new-"+n {
				return fmt.Errorf("it is about %q and not about new-%s", c.ExternalID, n)
			}
			return nil
		})
	}
}

// converse is a contact's first message and four replies, two of an admin and two of the contact: five requests.
func converse(w *worker) func() error {
	return func() error {
		person := w.facts.People[w.person()].ID
		w.json = append(append(append(w.json[:0], `{"from":{"type":"user","id":"`...), person...),
			`"},"body":"Hello, the order of last week has not come yet. Could you please have a look where it is?"}`...)
		var begun struct {
			ConversationID string `json:"conversation_id"`
		}
		err := w.call(w.post("/conversations"), true, func(body []byte) error {
			if err := read(body, &begun); err != nil {
				return err
			}
			if begun.ConversationID == "" {
				return errors.New("it names no conversation")
			}
			return nil
		})
		for i := 0; i < 4 && err == nil; i++ {
			w.json = append(append(append(w.json[:0], `{"message_type":"comment","type":"admin","admin_id":"`...), w.facts.Admin...),
				`","body":"I have asked the people who deliver it, and will tell you."}`...)
			if i%2 == 1 {
				w.json = append(append(append(w.json[:0], `{"message_type":"comment","type":"user","intercom_user_id":"`...), person...),
					`","body":"Thank you. It should have been here on Tuesday."}`...)
			}
			err = w.call(w.post("/conversations/"+begun.ConversationID+"/reply"), i == 3, func(body []byte) error {
				var c struct {
					ID    string
					Parts struct {
						Total int `json:"total_count"`
					} `json:"conversation_parts"`
				}
				if err := read(body, &c); err != nil {
					return err
				}
				if c.ID != begun.ConversationID || c.Parts.Total != i+1 {
					return fmt.Errorf("conversation %s has %d parts", c.ID, c.Parts.Total)
				}
				return nil
			})
		}
		return err
	}
}
