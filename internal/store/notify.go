package store

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"parley/internal/db"
	"parley/internal/model"
	"parley/internal/model/event"
	"parley/internal/model/sandbox"
	events "parley/internal/store/event"
	copies "parley/internal/store/sandbox"
)

// An Encoder makes the JSON that an item is told with.
type Encoder func(*model.Workspace, event.Shown) ([]byte, error)

// notices are what a transaction tells, in the order in which it happened.
type notices struct {
	list   []notice
	silent bool
	encode Encoder
}

type notice struct {
	topic event.Topic
	item  event.Item
}

// Notify tells that something happened, once the transaction is committed: the
// event is a row of it, and so is what each webhook that wants to know is sent,
// which shows the item as it is at the end of the rule.
func (t *Tx) Notify(topic event.Topic, item event.Item) {
	if !t.notices.silent {
		t.notices.list = append(t.notices.list, notice{topic, item})
	}
}

// writeNotices writes what the transaction has to tell.
func (t *Tx) writeNotices(s *Store) error {
	list := t.notices.list
	if len(list) == 0 {
		return nil
	}
	t.notices.list = nil
	written := make([]*event.Event, len(list))
	for i, n := range list {
		id, err := t.NewTimeUUID("event")
		if err != nil {
			return err
		}
		written[i] = &event.Event{ID: id, Topic: n.topic, Object: n.item.Object(), CreatedAt: t.Now()}
	}
	// Where the routing is not known for sure, one statement does it all if the database can
	// and it is still what it was: most of what a statement takes there is to ask.
	guess, sure := s.seen.Guess(t.Events)
	var told []*event.Notification
	var err error
	if !sure && t.Dialect().InsertsTogether() && len(list) <= events.Few {
		if told, err = t.notifications(list, written, guess); err != nil {
			return err
		}
	}
	routing, err := t.Events.Insert(written, told, guess, sure)
	if err != nil {
		return err
	}
	if !sure {
		s.seen.Note(t.Events, routing)
	}
	if len(told) == 0 || !routing.Is(guess) {
		if told, err = t.notifications(list, written, routing); err != nil {
			return err
		}
		if err := t.Deliveries.Insert(told, routing); err != nil {
			return err
		}
	}
	woken := map[int64]bool{}
	for _, n := range told {
		for _, subscription := range routing.To(n.Topic) {
			woken[subscription] = true
		}
	}
	ws, subscriptions := t.Workspace, slices.Sorted(maps.Keys(woken))
	if s.options.Told != nil {
		t.AfterCommit(func() { s.options.Told(ws, subscriptions) })
	}
	return nil
}

// notifications are what is to be told of what happened, with what it shows now.
func (t *Tx) notifications(list []notice, written []*event.Event, to events.Routing) ([]*event.Notification, error) {
	var wanted []*event.Notification
	var items []event.Item
	for i, n := range list {
		if e := written[i]; len(to.To(n.topic)) > 0 {
			wanted = append(wanted, &event.Notification{ID: e.ID, Topic: e.Topic, Object: e.Object.Key(), CreatedAt: e.CreatedAt})
			items = append(items, n.item)
		}
	}
	return wanted, t.render(wanted, items)
}

// render makes what notifications show of items, as those are now.
func (t *Tx) render(list []*event.Notification, items []event.Item) error {
	if len(list) == 0 {
		return nil
	}
	shown := make([]*event.Shown, len(items))
	for i, item := range items {
		shown[i] = &event.Shown{Item: item, Now: t.Now()}
	}
	if err := t.show(shown); err != nil {
		return err
	}
	workspace, err := t.shownWorkspace(shown)
	if err != nil {
		return err
	}
	for i, n := range list {
		if n.Item, err = t.notices.encode(workspace, *shown[i]); err != nil {
			return fmt.Errorf("store: item of %s: %w", n.Topic, err)
		}
	}
	return nil
}

// shownWorkspace reads the workspace where items need more of it than its id: its
// secret signs the links of attachments.
func (t *Tx) shownWorkspace(shown []*event.Shown) (*model.Workspace, error) {
	for _, s := range shown {
		if s.Conversation != nil || s.Ticket != nil {
			return t.Workspaces.Find()
		}
	}
	return &model.Workspace{ID: t.Workspace}, nil
}

// Send tells one webhook of a topic, with the item as it is now, though nothing happened.
func (t *Tx) Send(to event.SubscriptionID, topic event.Topic, item event.Item) (*event.Notification, error) {
	id, err := t.NewTimeUUID("event")
	if err != nil {
		return nil, err
	}
	n := &event.Notification{ID: id, Topic: topic, Object: item.Object().Key(), Test: true, CreatedAt: t.Now()}
	if err := t.render([]*event.Notification{n}, []event.Item{item}); err != nil {
		return nil, err
	}
	return n, t.Deliveries.Insert([]*event.Notification{n}, events.Only(to))
}

// show reads what items show, with the same number of statements for one of a sort as for many.
func (t *Tx) show(list []*event.Shown) error {
	contacts := map[model.ContactID]*model.Contact{}
	conversations := map[model.ConversationID]*model.Conversation{}
	tickets := map[model.ConversationID]*model.Ticket{}
	var parts []*model.Author
	for _, s := range list {
		switch i := s.Item.(type) {
		case event.Contact:
			if s.Contact = i.New; i.New == nil {
				contacts[i.ID] = nil
			}
		case event.Tagged, event.Subscribed, event.DataEvent, event.Stat, event.Merged:
			contacts[model.ContactID(i.Object().ID)] = nil
		case event.Conversation:
			if conversations[i.ID] = i.Now; i.Now == nil { // who wrote a part of a whole one is known
				parts = appendAuthor(parts, i.Part)
			}
		case event.TaggedPart:
			conversations[i.ID] = nil
		case event.Ticket:
			tickets[i.ID] = nil
			parts = appendAuthor(parts, i.Part)
		}
	}
	if err := t.Contacts.fill(contacts); err != nil {
		return err
	}
	if err := t.Conversations.fill(conversations); err != nil {
		return err
	}
	for id := range tickets { // a rule changes one
		ticket, err := t.Tickets.withoutParts(id)
		if err != nil {
			return err
		}
		tickets[id] = ticket
	}
	if err := t.Read(t.authors(nil, parts...)...); err != nil {
		return err
	}
	for _, s := range list {
		switch i := s.Item.(type) {
		case event.Conversation:
			s.Conversation = event.WithPart(conversations[i.ID], i.Part)
		case event.TaggedPart:
			s.Conversation = event.WithPart(conversations[i.ID], nil)
		case event.Ticket:
			one := *tickets[i.ID]
			one.Conversation = *event.WithPart(&one.Conversation, i.Part)
			s.Ticket = &one
		default:
			if s.Contact == nil && i.Object().Type == event.ContactObject {
				s.Contact = contacts[model.ContactID(i.Object().ID)]
			}
		}
	}
	return nil
}

func appendAuthor(list []*model.Author, p *model.Part) []*model.Author {
	if p == nil {
		return list
	}
	return append(list, &p.Author)
}

// fill reads the contacts of these ids, with their relatives. One that is gone
// stays nil.
func (s Contacts) fill(byID map[model.ContactID]*model.Contact) error {
	if len(byID) == 0 {
		return nil
	}
	these, of := oneOf(s.Dialect().In, slices.Collect(maps.Keys(byID)))
	found, err := s.list(`SELECT `+contactColumns+` FROM contacts WHERE workspace_id = $1 AND id `+these, s.Workspace, of)
	if err != nil {
		return fmt.Errorf("store: read contacts: %w", err)
	}
	for _, c := range found {
		byID[c.ID] = c
	}
	return s.LoadRelatives(found...)
}

// fill reads the conversations of these ids that are not there, without their parts.
func (s Conversations) fill(byID map[model.ConversationID]*model.Conversation) error {
	var found []*model.Conversation
	for id, c := range byID { // a rule changes one
		if c != nil {
			continue
		}
		c, err := s.one(id, "")
		if err != nil {
			return err
		}
		byID[id] = c
		found = append(found, c)
	}
	return s.loadItems(found)
}

// withoutParts reads a ticket without its parts.
func (s Tickets) withoutParts(id model.ConversationID) (*model.Ticket, error) {
	var t model.Ticket
	byID := map[model.ConversationID]*model.Conversation{id: &t.Conversation}
	return &t, s.one(&t, id, "", nil, s.contactsOf(byID, people{}, id), Attachments(s).ofSources(byID, []model.ConversationID{id}))
}

// running is fn in a transaction of a workspace, which ends by telling what happened.
func (s *Store) running(ctx context.Context, ws model.WorkspaceID, lock locking, fn func(*Tx) error) func(*db.Tx) error {
	now, past, state := s.time(ctx), isBackdated(ctx), sandbox.In(ctx)
	sequences := s.sequences
	if _, ok := s.joined(ctx); ok {
		sequences = nil // what fails is done again as a whole, and is to have the same ids then
	}
	return func(d *db.Tx) error {
		if lock != nil {
			if err := lock(d, ws); err != nil {
				return err
			}
		}
		d.Dated() // by which what is cached is known to be so still
		t := newTx(d, ws, now, s.queue, sequences)
		t.Copies = copies.Copies{Scope: t.Scope, Plan: &s.copying, Queue: s.queue}
		t.enter(state)
		t.attributes, t.whole = &s.attributes, s.kept.whole.Writer(d, string(ws))
		t.notices.silent, t.notices.encode = past, s.options.Encode
		if err := fn(t); err != nil {
			return err
		}
		if err := t.writeNotices(s); err != nil {
			return err
		}
		t.Conversations.keepShown()
		return nil
	}
}
