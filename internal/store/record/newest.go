package record

import (
	"cmp"
	"slices"
	"strings"

	"parley/internal/model"
)

// Newest are the newest of what belongs to something, as many as an answer shows, and how many there are in all.
type Newest struct {
	first []relative // the newest first; of one moment, that with the greater id
	total int
}

type relative struct {
	id string
	at int64
}

// Add adds what has belonged to it since a time, in Unix seconds.
func (n *Newest) Add(id string, at int64) {
	n.total++
	place, _ := slices.BinarySearchFunc(n.first, relative{id, at}, func(a, b relative) int {
		return cmp.Or(cmp.Compare(b.at, a.at), strings.Compare(b.id, a.id))
	})
	if place == model.MaxReferences {
		return
	}
	if len(n.first) == model.MaxReferences {
		n.first = n.first[:model.MaxReferences-1]
	}
	n.first = slices.Insert(n.first, place, relative{id, at})
}

// References are the ids of the newest. Nil has none.
func (n *Newest) References() model.References {
	if n == nil {
		return model.References{}
	}
	r := model.References{Total: n.total}
	for _, one := range n.first {
		r.IDs = append(r.IDs, one.id)
	}
	return r
}
