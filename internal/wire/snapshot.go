package wire

import "parley/internal/model/sandbox"

// A Snapshot of a workspace.
type Snapshot struct {
	Type      string `json:"type" enum:"snapshot"`
	Name      string `json:"name"`
	CreatedAt int64  `json:"created_at"`
}

// FromSnapshot translates a snapshot.
func FromSnapshot(s *sandbox.Snapshot) Snapshot {
	return Snapshot{Type: "snapshot", Name: s.Name, CreatedAt: s.CreatedAt}
}

// A SnapshotRequest makes a snapshot.
type SnapshotRequest struct {
	Name    Text `json:"name" doc:"Letters, digits, dots, hyphens and underscores, 64 at most, a letter or a digit first."`
	Replace Bool `json:"replace,omitzero" doc:"Whether to replace the snapshot of that name, if there is one."`
}

// A SnapshotDiff is what differs between two states of a workspace.
type SnapshotDiff struct {
	Type       string           `json:"type" enum:"diff"`
	TotalCount int64            `json:"total_count" doc:"How many changes there are; the first 1,000 are in data."`
	Data       []SnapshotChange `json:"data"`
}

// A SnapshotChange is what became of one object.
type SnapshotChange struct {
	Type   string                 `json:"type" doc:"What it is, contact or conversation_part say."`
	ID     string                 `json:"id" doc:"Its id; of what has none of its own the ids that it is known by, with / between, or empty."`
	Change string                 `json:"change" enum:"created,updated,deleted"`
	Fields map[string]FieldChange `json:"fields" doc:"For each field, as it is kept, what it was before and is after. Long texts are cut."`
}

// A FieldChange is a value before and after.
type FieldChange struct {
	Before any `json:"before"`
	After  any `json:"after"`
}

// FromDiff translates a diff.
func FromDiff(d *sandbox.Diff) SnapshotDiff {
	return SnapshotDiff{Type: "diff", TotalCount: d.Total, Data: each(d.Changes, func(c sandbox.Change) SnapshotChange {
		fields := make(map[string]FieldChange, len(c.Fields))
		for name, f := range c.Fields {
			fields[name] = FieldChange{f[0], f[1]}
		}
		return SnapshotChange{c.Type, c.ID, string(c.Kind), fields}
	})}
}

// A DeletedSnapshot is the answer to deleting one.
type DeletedSnapshot struct {
	Name    string `json:"name"`
	Object  string `json:"object" enum:"snapshot"`
	Deleted bool   `json:"deleted"`
}
