package model

import (
	"cmp"
	"maps"
	"slices"
)

// An Act is something that is done to a conversation: by whom, and when.
type Act struct {
	By      Author
	At      int64
	Elapsed Elapsed // counts seconds of work; nil counts all
}

// A Draft is what somebody writes.
type Draft struct {
	Body        string // safe HTML
	Attachments []*Attachment
	Options     []ReplyOption
	ExternalID  string
}

// IsEmpty reports that there is nothing in it.
func (d *Draft) IsEmpty() bool {
	return d.Body == "" && len(d.Attachments) == 0 && len(d.Options) == 0
}

// Comment adds a message. A contact's opens a conversation that is closed or
// snoozed, in a part of type open; an admin's leaves it as it is.
func (c *Conversation) Comment(act Act, d Draft) *Part {
	p := c.part(PartComment, act, d)
	switch {
	case !act.By.IsContact() && len(d.Options) > 0:
		p.Type = PartQuickReply
	case act.By.IsContact() && c.State != Open:
		p.Type = PartOpen
		c.open()
	}
	return c.add(p, act)
}

// Note adds what only teammates read. Nothing else changes.
func (c *Conversation) Note(act Act, d Draft) *Part {
	return c.add(c.part(PartNote, act, d), act)
}

// Close closes the conversation, with a message or without.
func (c *Conversation) Close(act Act, d Draft) *Part {
	c.State, c.SnoozedUntil, c.WaitingSince = Closed, 0, 0
	p := c.add(c.part(PartClose, act, d), act)
	c.Statistics.closed(act.At, act.By, act.elapsed)
	return p
}

// Reopen opens the conversation, be it closed or snoozed.
func (c *Conversation) Reopen(act Act) *Part {
	c.open()
	return c.add(c.part(PartOpen, act, Draft{}), act)
}

// Snooze puts the conversation aside until a time, which must be to come.
func (c *Conversation) Snooze(act Act, until, now int64) (*Part, error) {
	if until <= now || until > maxTime {
		return nil, ParameterInvalid("snoozed_until must be a time in the future, in Unix seconds")
	}
	if c.State == Closed {
		c.Statistics.reopened()
	}
	c.State, c.SnoozedUntil = Snoozed, until
	return c.add(c.part(PartSnoozed, act, Draft{}), act), nil
}

// Wake opens a conversation whose time to sleep is over. Before that, or where it
// does not sleep, there is no part and nothing changes.
func (c *Conversation) Wake(act Act) (*Part, bool) {
	if c.State != Snoozed || c.SnoozedUntil > act.At {
		return nil, false
	}
	c.open()
	return c.add(c.part(PartTimerUnsnooze, act, Draft{}), act), true
}

// Assign gives the conversation to an admin or a team, or to nobody. Giving it to
// somebody opens it. The admin and the team are independent of each other.
func (c *Conversation) Assign(act Act, to Assignee, d Draft) *Part {
	kind := PartAssignment
	if to.ID != 0 {
		switch c.State {
		case Closed:
			kind = PartAssignAndReopen
		case Snoozed:
			kind = PartAssignAndUnsnooze
		}
		c.open()
	}
	return c.assign(kind, act, to, d)
}

// AssignByDefault assigns as the workspace's own rules do: it opens nothing.
func (c *Conversation) AssignByDefault(act Act, to Assignee) *Part {
	return c.assign(PartDefaultAssignment, act, to, Draft{})
}

// Release takes the conversation off an admin who is away.
func (c *Conversation) Release(act Act) *Part {
	return c.assign(PartAwayModeAssignment, act, ToAdmin(0), Draft{})
}

func (c *Conversation) assign(kind PartType, act Act, to Assignee, d Draft) *Part {
	if to.Type == AssignTeam {
		c.TeamAssignee = TeamID(to.ID)
	} else {
		c.AdminAssignee = AdminID(to.ID)
	}
	if to.ID != 0 {
		c.Statistics.assigned(act.At)
	}
	p := c.part(kind, act, d)
	p.AssignedTo = to
	return c.add(p, act)
}

// Show adds parts that have been written to what a conversation shows that was loaded as a whole.
func (c *Conversation) Show(parts ...*Part) {
	c.Parts = append(c.Parts, parts...)
	for _, p := range parts {
		if p.Author.Type == AuthorAdmin && !slices.Contains(c.Teammates, p.Author.Admin) {
			c.Teammates = append(c.Teammates, p.Author.Admin)
		}
	}
	slices.Sort(c.Teammates) // as they are loaded
}

// Clone is a conversation that may be changed while others read the first. They share what no rule changes within it: parts, tags and files.
func (c *Conversation) Clone() *Conversation {
	copied := *c
	if c.Rating != nil {
		rating := *c.Rating
		copied.Rating = &rating
	}
	copied.Attributes = maps.Clone(c.Attributes)
	copied.Contacts, copied.Teammates = slices.Clone(c.Contacts), slices.Clone(c.Teammates)
	copied.Tags, copied.Parts, copied.Source.Attachments = slices.Clip(c.Tags), slices.Clip(c.Parts), slices.Clip(c.Source.Attachments)
	return &copied
}

// Join adds a contact to those who take part.
func (c *Conversation) Join(act Act, who Participant) (*Part, error) {
	if len(c.Contacts) >= MaxParticipants {
		return nil, ParameterInvalid("A conversation can have %d contacts at most", MaxParticipants)
	}
	c.Contacts = append(c.Contacts, who)
	slices.SortFunc(c.Contacts, func(a, b Participant) int { return cmp.Compare(a.ID, b.ID) }) // as they are loaded
	return c.add(c.part(PartParticipantAdded, act, Draft{}), act), nil
}

// Leave takes a contact out of the conversation; the last one stays.
func (c *Conversation) Leave(act Act, who ContactID) (*Part, error) {
	i := slices.IndexFunc(c.Contacts, func(p Participant) bool { return p.ID == who })
	if i < 0 {
		return nil, UserNotFound()
	}
	if len(c.Contacts) < 2 {
		return nil, LastCustomer()
	}
	c.Contacts = slices.Delete(slices.Clone(c.Contacts), i, i+1)
	return c.add(c.part(PartParticipantRemoved, act, Draft{}), act), nil
}

// Mark adds a part of a kind that only says that something has changed.
func (c *Conversation) Mark(kind PartType, act Act) *Part {
	return c.add(c.part(kind, act, Draft{}), act)
}

// AskForRating notes that the contact was asked what it thought.
func (c *Conversation) AskForRating(at int64) {
	c.Rating = &Rating{RequestedAt: at, Admin: c.AdminAssignee}
}

// Rate records what a contact thought of the conversation, from 1 to 5.
func (c *Conversation) Rate(act Act, score int64, remark string) ([]*Part, error) {
	if score < 1 || score > 5 {
		return nil, ParameterInvalid("A rating is a number from 1 to 5")
	}
	if err := ValidateText("Remark", remark, MaxBody); err != nil {
		return nil, err
	}
	if c.Rating == nil {
		c.AskForRating(act.At)
	}
	r := c.Rating
	r.Contact, r.RepliedAt = act.By.Contact, act.At
	var parts []*Part
	if r.Score != score {
		r.Score = score
		parts = append(parts, c.Mark(PartRatingChanged, act))
	}
	if r.Remark != remark {
		r.Remark = remark
		parts = append(parts, c.Mark(PartRatingRemarkAdded, act))
	}
	return parts, nil
}

// open makes the conversation open, and counts it where it was closed.
func (c *Conversation) open() {
	if c.State == Closed {
		c.Statistics.reopened()
	}
	c.State, c.SnoozedUntil = Open, 0
}

func (c *Conversation) part(kind PartType, act Act, d Draft) *Part {
	return &Part{Conversation: c.ID, Type: kind, Body: d.Body, Author: act.By, ExternalID: d.ExternalID,
		Attachments: d.Attachments, Options: d.Options, CreatedAt: act.At, UpdatedAt: act.At, NotifiedAt: act.At}
}

// add counts a part. What a contact writes waits for an answer, and what an admin
// writes is one.
func (c *Conversation) add(p *Part, act Act) *Part {
	c.UpdatedAt = max(c.UpdatedAt, p.CreatedAt)
	c.Statistics.CountParts++
	if !p.IsMessage() {
		return p
	}
	c.Read = false
	switch {
	case p.Author.IsContact():
		if c.WaitingSince == 0 {
			c.WaitingSince = p.CreatedAt
		}
		c.Statistics.contactWrote(p.CreatedAt)
	case p.Author.Type == AuthorAdmin:
		c.WaitingSince = 0
		p.Waited = c.Statistics.adminReplied(p.CreatedAt, act.elapsed)
	}
	return p
}

func (act Act) elapsed(from, to int64) int64 {
	if act.Elapsed == nil {
		return max(0, to-from)
	}
	return act.Elapsed(from, to)
}

// Redact takes the text out of a part. Its attachments are the store's to remove.
func (p *Part) Redact(now int64) error {
	if p.Redacted {
		return nil
	}
	if p.Body == "" && len(p.Attachments) == 0 {
		return NotRedactable()
	}
	p.Body, p.Redacted, p.Attachments, p.Options, p.UpdatedAt = RedactedBody, true, nil, nil, now
	return nil
}

// Redact takes the text out of a source that a contact wrote.
func (s *Source) Redact() error {
	if !s.Author.IsContact() {
		return NotRedactable()
	}
	s.Subject, s.Body, s.Redacted, s.Attachments = "", RedactedBody, true, nil
	return nil
}
