package wire

import (
	"bytes"
	"sync/atomic"
)

// encoded is how an object was shown before, if there is room for that and it has not changed since.
type encoded struct{ room *atomic.Pointer[[]byte] }

// or is that, or else what make makes, which is put there.
func (e encoded) or(make func() ([]byte, error)) ([]byte, error) {
	if e.room == nil {
		return make()
	}
	if there := e.room.Load(); there != nil {
		return *there, nil
	}
	made, err := make()
	if err == nil {
		e.room.Store(&made)
	}
	return made, err
}

// marshal is Marshal of a contact.
func (c *Contact) marshal() ([]byte, error) {
	return c.encoded.or(func() ([]byte, error) { return marshal(c) })
}

// marshal is Marshal of a conversation.
func (c *Conversation) marshal() ([]byte, error) {
	return c.encoded.or(func() ([]byte, error) { return marshal(c) })
}

// withItems is Marshal of a list: of the list without its items, and of each item. Its member is the one that they are in, the first
// list of all.
func withItems(list any, member string, n int, item func(int) ([]byte, error)) ([]byte, error) {
	without, err := marshal(list)
	if err != nil {
		return nil, err
	}
	items, size := make([][]byte, n), len(without)+n
	for i := range items {
		if items[i], err = item(i); err != nil {
			return nil, err
		}
		size += len(items[i])
	}
	opening := []byte(`"` + member + `":[`)
	at := bytes.Index(without, opening) + len(opening)
	out := append(make([]byte, 0, size), without[:at]...)
	for i, one := range items {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, one...)
	}
	return append(out, without[at:]...), nil
}
