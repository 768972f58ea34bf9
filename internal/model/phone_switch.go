package model

// A PhoneSwitch takes somebody from a phone call to the Messenger: a link there,
// sent as a text message.
type PhoneSwitch struct {
	ID        string // a random UUID, by which the link is known
	Contact   ContactID
	Phone     string // in E.164 form
	CreatedAt int64
}

// Path is where the link leads, below where clients reach the server.
func (s *PhoneSwitch) Path() string { return "/msgr/" + s.ID }

// An OutgoingSMS is a text message in the outbox.
type OutgoingSMS struct {
	ID        string // a UUID that sorts by time
	Switch    string // the id of the phone switch whose link it has
	Contact   ContactID
	To        string // in E.164 form
	Body      string
	State     SMSState
	Attempts  int64  // at handing it to the gateway
	TriedAt   int64  // when the last of them began
	GatewayID string // what the gateway calls it
	Failure   string // why the last attempt failed, or why there will be none
	CreatedAt int64
	SentAt    int64
}

// An SMSState is what becomes of an outgoing text message.
type SMSState string

const (
	SMSQueued  SMSState = "queued"  // waits for an attempt
	SMSSending SMSState = "sending" // in an attempt, or after one that ended unheard
	SMSSent    SMSState = "sent"    // the gateway has taken it
	SMSFailed  SMSState = "failed"  // given up
	SMSKept    SMSState = "kept"    // nobody will send it: there was no gateway, or it came of a snapshot
)
