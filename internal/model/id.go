package model

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"strconv"
	"strings"
	"time"
)

// A WorkspaceID names a workspace: 8 lower-case letters and digits. The API
// calls it workspace_id, app_id or id_code, depending on the object.
type WorkspaceID string

// ObjectIDs: 24 lower-case hexadecimal digits, time-ordered to the second.
type (
	ContactID string
	CompanyID string
	SegmentID string
)

// Decimal ids: positive numbers, counted per workspace and noun, that the API
// shows as decimal strings.
type (
	AdminID               int64
	TeamID                int64
	TagID                 int64
	NoteID                int64
	PlanID                int64
	DataAttributeID       int64
	SubscriptionTypeID    int64
	ConversationID        int64 // of conversations and tickets, which are counted together
	PartID                int64
	MessageID             int64 // of what begins a conversation
	AssignmentRuleID      int64
	TicketTypeID          int64
	TicketTypeAttributeID int64
)

func (id AdminID) String() string               { return strconv.FormatInt(int64(id), 10) }
func (id TeamID) String() string                { return strconv.FormatInt(int64(id), 10) }
func (id TagID) String() string                 { return strconv.FormatInt(int64(id), 10) }
func (id NoteID) String() string                { return strconv.FormatInt(int64(id), 10) }
func (id PlanID) String() string                { return strconv.FormatInt(int64(id), 10) }
func (id DataAttributeID) String() string       { return strconv.FormatInt(int64(id), 10) }
func (id SubscriptionTypeID) String() string    { return strconv.FormatInt(int64(id), 10) }
func (id ConversationID) String() string        { return strconv.FormatInt(int64(id), 10) }
func (id PartID) String() string                { return strconv.FormatInt(int64(id), 10) }
func (id MessageID) String() string             { return strconv.FormatInt(int64(id), 10) }
func (id AssignmentRuleID) String() string      { return strconv.FormatInt(int64(id), 10) }
func (id TicketTypeID) String() string          { return strconv.FormatInt(int64(id), 10) }
func (id TicketTypeAttributeID) String() string { return strconv.FormatInt(int64(id), 10) }

// Decimal reads a decimal id as clients send it. What cannot be the id of
// anything ("abc", "-1", "007") gives 0, which no row has, so that a malformed
// id and an unknown one are the same "not found".
func Decimal[ID ~int64](s string) ID {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n <= 0 || strconv.FormatInt(n, 10) != s {
		return 0
	}
	return ID(n)
}

// NewUUID makes a random (version 4) UUID.
func NewUUID() string {
	var b [16]byte
	rand.Read(b[:])
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return formatUUID(b)
}

// NewTimeUUID makes a UUID (version 7) that sorts, as text, by when it was made,
// to a quarter of a microsecond.
func NewTimeUUID(now time.Time) string {
	ms, rest := now.UnixMilli(), int64(now.Nanosecond())%1e6
	var b [16]byte
	rand.Read(b[8:])
	binary.BigEndian.PutUint64(b[:8], uint64(ms)<<16|0x7000|uint64(rest*4096/1e6))
	b[8] = b[8]&0x3f | 0x80
	return formatUUID(b)
}

func formatUUID(b [16]byte) string {
	text := make([]byte, 0, 36)
	for i, part := range [...][]byte{b[:4], b[4:6], b[6:8], b[8:10], b[10:]} {
		if i > 0 {
			text = append(text, '-')
		}
		text = hex.AppendEncode(text, part)
	}
	return string(text)
}

// NewWorkspaceID makes a random workspace id.
func NewWorkspaceID() WorkspaceID {
	const letters = "abcdefghijklmnopqrstuvwxyz0123456789"
	var raw [8]byte
	rand.Read(raw[:])
	var sb strings.Builder
	for _, r := range raw {
		sb.WriteByte(letters[int(r)%len(letters)])
	}
	return WorkspaceID(sb.String())
}
