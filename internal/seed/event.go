package seed

import (
	"context"
	"fmt"
	"strconv"

	"parley/internal/model"
)

// events records what the file says that a contact did. An event whose time is a
// distance from now belongs to a new contact: on one that is there, it would be
// another event each time.
func (r *run) events(ctx context.Context, c *Contact, id model.ContactID, key string, isNew bool) error {
	var before int64
	seen := map[string]bool{} // by name and time: what comes twice in the file
	if !isNew && len(c.Events) > 0 {
		var err error
		if before, err = r.countEvents(ctx, id); err != nil {
			return err
		}
	}
	recorded := int64(0)
	err := each(c.Events, "events", func(e *Event) error {
		at := e.At.unix(r.now)
		if !e.At.given {
			return faultf("an event needs a time")
		}
		place := e.Name + " " + strconv.FormatInt(at, 10)
		if seen[place] || !isNew && e.At.distance {
			return nil
		}
		seen[place] = true
		metadata, err := eventMetadata(e)
		if err != nil {
			return err
		}
		event, err := model.NewDataEvent(e.Name, at, metadata)
		if err != nil {
			return err
		}
		event.ID = uuid("event", fmt.Sprintf("%s %s %d", key, e.Name, len(seen)))
		recorded++
		return r.People.RecordEvent(ctx, r.by, model.ContactRef{ID: id}, event)
	})
	if err != nil {
		return err
	}
	if !isNew && recorded > 0 {
		after, err := r.countEvents(ctx, id)
		if err != nil {
			return err
		}
		recorded = after - before // the others were there
	}
	for i := range c.Events {
		r.report.count("events", became(int64(i) < recorded, false))
	}
	return nil
}

// countEvents counts all that a contact ever did.
func (r *run) countEvents(ctx context.Context, id model.ContactID) (int64, error) {
	var n int64
	page := model.PageRequest{PerPage: 150, Number: 1}
	for {
		_, found, err := r.People.SummarizeEvents(ctx, r.by, model.ContactRef{ID: id}, page)
		if err != nil {
			return 0, err
		}
		for _, s := range found.Items {
			n += s.Count
		}
		if found.Next == nil {
			return n, nil
		}
		page.Number, page.After = page.Number+1, found.Next
	}
}

// eventMetadata keeps the order of the file. {url, value} is a link and {amount,
// currency} money, as in the API.
func eventMetadata(e *Event) (model.Metadata, error) {
	if len(e.Metadata) > model.MaxMetadata {
		return nil, faultf("an event has at most %d metadata", model.MaxMetadata)
	}
	var all model.Metadata
	for _, item := range e.Metadata {
		key := fmt.Sprint(item.Key)
		value, err := plain(item.Value)
		if members, ok := item.Value.(map[string]any); ok {
			value, err = composite(members)
		}
		if err != nil {
			return nil, in(err, "metadata %s", key)
		}
		all = append(all, model.Metadatum{Key: key, Value: value})
	}
	return all, nil
}

func composite(members map[string]any) (any, error) {
	url, isLink := members["url"].(string)
	text, hasText := members["value"].(string)
	cents, isMoney := members["amount"].(uint64)
	currency, hasCurrency := members["currency"].(string)
	switch {
	case len(members) == 2 && isLink && hasText:
		return model.RichLink{URL: url, Value: text}, nil
	case len(members) == 2 && isMoney && hasCurrency:
		return model.Amount{Cents: int64(cents), Currency: currency}, nil
	default:
		return nil, faultf("the members are neither url and value nor amount, in cents, and currency")
	}
}
