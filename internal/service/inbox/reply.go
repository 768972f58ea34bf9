package inbox

import (
	"context"
	"slices"

	"parley/internal/model"
	"parley/internal/richtext"
	"parley/internal/store"
)

// A Reply is what is written into a conversation, or done to it: what the API
// calls reply and manage.
type Reply struct {
	Type    ReplyType
	Admin   model.Opt[model.AdminID] // who acts, unless a contact does
	Contact model.ContactRef
	Body    string // plain text or HTML
	Files   []model.Upload
	URLs    []string // of attachments
	Options []model.ReplyOption
	At      model.Opt[int64] // when an admin wrote it, if not now

	SnoozedUntil int64          // of Snooze
	To           model.Assignee // of Assign
}

// A ReplyType says what a Reply does.
type ReplyType string

const (
	Comment    ReplyType = "comment"
	Note       ReplyType = "note"
	QuickReply ReplyType = "quick_reply"
	Close      ReplyType = "close"
	Open       ReplyType = "open"
	Snooze     ReplyType = "snoozed"
	Assign     ReplyType = "assignment"
)

// A Target names the conversation that a reply goes to.
type Target struct {
	ID     model.ConversationID
	Latest bool             // the newest of the contact's, be it one that a message begins
	Of     model.ContactRef // whose; with Latest
}

// Reply adds a part to a conversation, and returns what that shows then.
func (s *Service) Reply(ctx context.Context, by *model.Actor, to Target, r Reply) (*model.Conversation, error) {
	c, err := s.write(ctx, by, to, r, store.Conversations.FindToShow)
	return s.show(ctx, by, c, err)
}

// Write is Reply for who writes much and reads nothing. It returns which
// conversation that was.
func (s *Service) Write(ctx context.Context, by *model.Actor, to Target, r Reply) (model.ConversationID, error) {
	c, err := s.write(ctx, by, to, r, store.Conversations.FindForUpdate)
	if err != nil {
		return 0, err
	}
	return c.ID, nil
}

// write adds a part to a conversation that is found by its id in one way or another.
func (s *Service) write(ctx context.Context, by *model.Actor, to Target, r Reply, load loading) (*model.Conversation, error) {
	draft, err := r.draft()
	if err != nil {
		return nil, err
	}
	var c *model.Conversation
	err = s.withFiles(ctx, by.Workspace.ID, r.Files, r.URLs, func(files []*model.Attachment) error {
		draft.Attachments = files
		if draft.IsEmpty() && (r.Type == Comment || r.Type == Note || r.Type == QuickReply) {
			return model.BodyRequired()
		}
		return s.store.Update(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
			r.expect(tx, to)
			if c, err = find(tx, to, load); err != nil {
				return err
			}
			if draft.Options, err = nameOptions(tx, r.Options, draft.Options); err != nil {
				return err
			}
			if r.Admin.Set {
				return s.adminReplies(tx, by, c, r, draft)
			}
			return s.contactReplies(tx, by, c, r, draft)
		})
	})
	if err != nil {
		return nil, err
	}
	return c, nil
}

// expect has what the reply is decided by be read along with the conversation that it goes to.
func (r *Reply) expect(tx *store.Tx, to Target) {
	if !r.Admin.Set {
		return
	}
	tx.Admins.Expect(r.Admin.Value)
	if !to.Latest && (r.Type == Comment || r.Type == QuickReply) {
		tx.Conversations.ExpectAnswer(to.ID)
	}
}

// draft reads what is written, and refuses what cannot be.
func (r *Reply) draft() (model.Draft, error) {
	if err := model.ValidateMessage("", r.Body, ""); err != nil {
		return model.Draft{}, err // before a body of any length is read as HTML
	}
	d := model.Draft{Body: richtext.FromInput(r.Body), Options: slices.Clone(r.Options)}
	switch r.Type {
	case Comment, Note, QuickReply, Close, Open, Snooze, Assign:
	default:
		return d, model.ParameterInvalid("message_type is comment, note, quick_reply, close, open, snoozed or assignment")
	}
	if !r.Admin.Set && r.Type != Comment {
		return d, model.ParameterNotFound("admin_id is required")
	}
	if r.Type == QuickReply && len(r.Options) == 0 {
		return d, model.ParameterNotFound("A quick reply needs reply_options")
	}
	return d, model.ValidateReplyOptions(d.Options)
}

// nameOptions are reply options as they were made of what was given: those that were given
// no UUID have one as the workspace's ids are.
func nameOptions(tx *store.Tx, given, made []model.ReplyOption) ([]model.ReplyOption, error) {
	made = slices.Clone(made)
	for i := range made {
		if given[i].UUID != "" {
			continue
		}
		if err := tx.Retake("reply option", &made[i].UUID); err != nil {
			return nil, err
		}
	}
	return made, nil
}

// loading is a way to find a conversation and hold it.
type loading func(store.Conversations, model.ConversationID) (*model.Conversation, error)

// find finds and holds the conversation that a target names. A message that
// waits for the contact's first answer becomes one.
func find(tx *store.Tx, to Target, load loading) (*model.Conversation, error) {
	if !to.Latest {
		return load(tx.Conversations, to.ID)
	}
	contact, err := tx.Contacts.FindPersonForUpdate(to.Of)
	if err != nil {
		return nil, err
	}
	return latest(tx, contact, load)
}

func (s *Service) adminReplies(tx *store.Tx, by *model.Actor, c *model.Conversation, r Reply, d model.Draft) error {
	author, err := findAdmin(tx, r.Admin.Value)
	if err != nil {
		return err
	}
	now := act(tx, by.Workspace, author)
	if r.At.Has() {
		if now.At = r.At.Value; now.At > tx.Now() {
			return model.ParameterInvalid("created_at cannot be in the future")
		}
	}
	var part *model.Part
	switch r.Type {
	case Note:
		part = c.Note(now, d)
	case Close:
		part = c.Close(now, d)
	case Open:
		part = c.Reopen(now)
	case Snooze:
		part, err = c.Snooze(now, r.SnoozedUntil, tx.Now())
	case Assign:
		if err = checkAssignee(tx, r.To); err == nil {
			part = c.Assign(now, r.To, d)
		}
	default:
		part = c.Comment(now, d)
	}
	if err != nil {
		return err
	}
	if err := write(tx, c, part); err != nil || !part.IsMessage() {
		return err
	}
	return tx.Contacts.Contacted(part.CreatedAt, participants(c)...)
}

// checkAssignee refuses an admin or a team that the workspace does not have.
func checkAssignee(tx *store.Tx, to model.Assignee) error {
	if to.ID == 0 {
		return nil
	}
	var known bool
	var err error
	if to.Type == model.AssignTeam {
		known, err = tx.Teams.Exists(model.TeamID(to.ID))
	} else {
		known, err = tx.Admins.Exists(model.AdminID(to.ID))
	}
	if err == nil && !known {
		err = model.AssigneeNotFound()
	}
	return err
}

func participants(c *model.Conversation) []model.ContactID {
	ids := make([]model.ContactID, len(c.Contacts))
	for i, p := range c.Contacts {
		ids[i] = p.ID
	}
	return ids
}

// contactReplies adds a contact's message. An assignee who is away and hands
// over loses the conversation.
func (s *Service) contactReplies(tx *store.Tx, by *model.Actor, c *model.Conversation, r Reply, d model.Draft) error {
	author, err := participant(tx, c, r.Contact)
	if err != nil {
		return err
	}
	parts := []*model.Part{c.Comment(act(tx, by.Workspace, author), d)}
	if err := tx.Contacts.Replied(author.Contact, tx.Now()); err != nil {
		return err
	}
	if c.Source.DeliveredAs == model.AdminInitiated { // the source is a message, which is answered
		if err := tx.Messages.Engage(c.Source.ID, author.Contact, model.EngagementReply, tx.Now()); err != nil {
			return err
		}
	}
	if c.AdminAssignee != 0 {
		assignee, err := tx.Admins.FindAlone(c.AdminAssignee)
		if err != nil && !isNotFound(err) {
			return err
		}
		if err == nil && assignee.AwayModeEnabled && assignee.AwayModeReassign {
			parts = append(parts, c.Release(act(tx, by.Workspace, model.ByOperator())))
		}
	}
	return write(tx, c, parts...)
}

// participant finds the contact, no visitor, that a reference names among those who take part.
func participant(tx *store.Tx, c *model.Conversation, ref model.ContactRef) (model.Author, error) {
	id := ref.ID
	if id == "" {
		var err error
		if id, err = tx.Contacts.Resolve(ref); err != nil {
			return model.Author{}, err
		}
	}
	for _, p := range c.Contacts {
		if p.ID == id && p.Role != model.RoleVisitor {
			return p.Author(), nil
		}
	}
	return model.Author{}, model.UserNotFound()
}
