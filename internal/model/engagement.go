package model

// An Engagement is something that came of a message: what its contact did with it,
// or what became of it on the way. The first time of each is kept.
type Engagement string

const (
	EngagementReply       Engagement = "reply" // kept when the contact answers, not reported
	EngagementOpen        Engagement = "open"
	EngagementClick       Engagement = "click"       // on a link in it
	EngagementDismissal   Engagement = "dismissal"   // of a message in the Messenger
	EngagementUnsubscribe Engagement = "unsubscribe" // by the way out that the e-mail offers
	EngagementHardBounce  Engagement = "hard_bounce" // of an e-mail to an address that does not exist
)

// Engagements are when each of them was first, in Unix seconds; 0 for never.
type Engagements struct {
	Reply, Open, Click, Dismissal, Unsubscribe, HardBounce int64
}

// Engaged is when what a channel reports came of the message. What cannot come of
// a message of its type is refused. Clocks elsewhere differ from ours, so that
// nothing comes of a message before it was sent, or after now.
func (m *Message) Engaged(e Engagement, at, now int64) (int64, error) {
	switch {
	case e == EngagementOpen, e == EngagementClick:
	case e == EngagementDismissal && m.Type == InApp:
	case (e == EngagementUnsubscribe || e == EngagementHardBounce) && m.Type == Email:
	default:
		return 0, ParameterInvalid("A message of the type %s has no %s", m.Type, e)
	}
	return max(m.CreatedAt, min(at, now)), nil
}

// EngageByEmail notes what an e-mail tells of the contact that it went to, and
// reports whether that is new: a hard bounce or an unsubscription keeps further
// e-mails from it.
func (c *Contact) EngageByEmail(e Engagement, at, now int64) bool {
	before := *c
	switch e {
	case EngagementOpen:
		c.LastEmailOpenedAt = max(c.LastEmailOpenedAt, at)
	case EngagementClick:
		c.LastEmailClickedAt = max(c.LastEmailClickedAt, at)
	case EngagementUnsubscribe:
		c.UnsubscribedFromEmails = true
	case EngagementHardBounce:
		c.HasHardBounced = true
	}
	if c.UnsubscribedFromEmails != before.UnsubscribedFromEmails || c.HasHardBounced != before.HasHardBounced {
		c.UpdatedAt = now
		return true
	}
	return c.LastEmailOpenedAt != before.LastEmailOpenedAt || c.LastEmailClickedAt != before.LastEmailClickedAt
}
