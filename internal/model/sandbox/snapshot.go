package sandbox

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"
)

const (
	// CopyMark begins the id of a workspace that is a copy of another: nobody can name it,
	// and it comes behind all that are no copies.
	CopyMark = "~"
	// TemplateMark begins the id of the copies that keep what became of a seed.
	TemplateMark = CopyMark + CopyMark
	// MaxSnapshots is how many named snapshots a workspace has at most.
	MaxSnapshots = 50
	// MaxTemplates is how many seeds a server keeps what became of.
	MaxTemplates = 16
	// MaxChanges is how many changes a diff tells at most.
	MaxChanges = 1000
)

// IsCopy reports whether the id of a workspace is that of a copy.
func IsCopy(id string) bool { return strings.HasPrefix(id, CopyMark) }

// A Snapshot is the state of a workspace at a time, under a name.
type Snapshot struct {
	Name      string
	Copy      string // id of the workspace that has its rows
	CreatedAt int64  // Unix seconds
}

// snapshotName has no bound: to repeat something 64 times at most takes 3 ms of each start of the program.
var snapshotName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)

// IsSnapshotName reports whether a snapshot can have that name.
func IsSnapshotName(name string) bool { return len(name) <= 64 && snapshotName.MatchString(name) }

// TemplateID is the id of the copy that keeps what became of a seed. Times in a seed count
// from now, so that a day later it is another.
func TemplateID(version, seed string, now int64) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%d\x00%s", version, now/86_400, seed))
	return TemplateMark + hex.EncodeToString(sum[:16])
}

// NewCopyID makes an id for a copy of a workspace.
func NewCopyID(of string) string { return CopyMark + of + "-" + strings.ToLower(rand.Text()) }

// IsCopyOf reports whether a copy is one that was made of this workspace by NewCopyID.
func IsCopyOf(copied, workspace string) bool {
	return strings.HasPrefix(copied, CopyMark+workspace+"-")
}

// A ChangeKind is what happened to an object from one state to another.
type ChangeKind string

// The kinds of changes.
const (
	Created ChangeKind = "created"
	Updated ChangeKind = "updated"
	Deleted ChangeKind = "deleted"
)

// A Change is what became of one object.
type Change struct {
	Type   string // a noun of the API, "contact" say
	ID     string // its key: parts of it have / between
	Kind   ChangeKind
	Fields map[string][2]any // before and after; nil is null, or no such object
}

// A Diff is what differs between two states of a workspace.
type Diff struct {
	Total   int64 // of changes
	Changes []Change
}
