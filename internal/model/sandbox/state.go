// Package sandbox holds what a developer can set for a workspace that is used to test
// with.
// It must not import anything but the standard library.
package sandbox

// A State is what was set for a workspace. The zero value is a workspace as it came.
type State struct {
	Clock     Clock   `json:"clock,omitzero"`
	IDs       string  `json:"ids,omitempty"`       // what ids are made of; empty: they are random
	Faults    []Fault `json:"faults,omitzero"`     // in the order in which they were made
	LastFault int64   `json:"last_fault,omitzero"` // id of the newest that ever was
	SearchLag int64   `json:"search_lag,omitzero"` // seconds for which searches do not find what is new
}

// HasOwnTime reports whether what is done later in the workspace has to be done in its
// state: when it is due, or what it makes, is not as everywhere.
func (s State) HasOwnTime() bool { return s.Clock != (Clock{}) || s.IDs != "" }

// MaxSearchLag is the most seconds that searches can be behind.
const MaxSearchLag = 86_400
