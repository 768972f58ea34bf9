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

// items are those of a list that are encoded one by one, each as it was before where that is at hand: it is not even translated then. The list has none
// of them itself.
type items struct {
	many   int
	encode func(i int) ([]byte, error)
}

// appendTo is AppendJSON of their list. The member that they are in is the first list of all.
func (s items) appendTo(to []byte, list any, member string) ([]byte, error) {
	without, err := marshal(list)
	if err != nil {
		return to, err
	}
	opening := []byte(`"` + member + `":[`)
	at := bytes.Index(without, opening) + len(opening)
	to = append(to, without[:at]...)
	for i := range s.many {
		one, err := s.encode(i)
		if err != nil {
			return to, err
		}
		if i > 0 {
			to = append(to, ',')
		}
		to = append(to, one...)
	}
	return append(to, without[at:]...), nil
}
