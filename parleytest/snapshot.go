package parleytest

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// A Snapshot is what a workspace was at one moment.
type Snapshot struct {
	Name      string
	workspace string
}

// Snapshot keeps what the workspace is now, under a name of letters, digits, dots, hyphens and underscores, in the place
// of what had that name before. It is deleted with the workspace.
func (p *Parley) Snapshot(name string) *Snapshot {
	p.t.Helper()
	p.do(http.MethodPost, p.path("snapshots"), map[string]any{"name": name, "replace": true}, nil)
	return &Snapshot{name, p.AppID}
}

// Restore brings the workspace back to a snapshot of its own, its clock included.
func (p *Parley) Restore(s *Snapshot) {
	p.t.Helper()
	p.own(s)
	p.do(http.MethodPost, p.path("snapshots", s.Name, "restore"), nil, nil)
	p.secret.doubt()
}

// own ends the test if a snapshot is of another workspace.
func (p *Parley) own(s *Snapshot) {
	p.t.Helper()
	if s.workspace != p.AppID {
		p.t.Fatalf("parleytest: the snapshot %s is of another workspace: Options.Snapshot begins with it", s.Name)
	}
}

// A Change is what became of one object.
type Change struct {
	// Kind is created, updated or deleted.
	Kind string
	// Type is what it is, contact or conversation_part say, and ID its id, or what it is known by.
	Type, ID string
	// Fields are what it was before and is after, by the names under which they are kept.
	Fields map[string]FieldChange
}

// A FieldChange is a value before and after, nil where there was none or is none. Long texts are cut, secrets not told.
type FieldChange struct {
	Before any `json:"before"`
	After  any `json:"after"`
}

// String is the change in a line.
func (c Change) String() string {
	return strings.TrimSpace(fmt.Sprintf("%s %s %s", c.Kind, c.Type, c.ID))
}

// Diff tells what has changed in the workspace since a snapshot of its own, or from there to another. There are 1,000
// changes at most.
func (p *Parley) Diff(since *Snapshot, to ...*Snapshot) []Change {
	p.t.Helper()
	p.own(since)
	path := p.path("snapshots", since.Name, "diff")
	for _, s := range to {
		p.own(s)
		path += "?to=" + url.QueryEscape(s.Name)
		break
	}
	var list struct {
		Data []struct {
			Change string                 `json:"change"`
			Type   string                 `json:"type"`
			ID     string                 `json:"id"`
			Fields map[string]FieldChange `json:"fields"`
		} `json:"data"`
	}
	p.do(http.MethodGet, path, nil, &list)
	changes := make([]Change, len(list.Data))
	for i, c := range list.Data {
		changes[i] = Change{c.Change, c.Type, c.ID, c.Fields}
	}
	return changes
}
