package inbox

import (
	"context"

	"parley/internal/model"
	"parley/internal/model/content"
	"parley/internal/model/event"
	"parley/internal/richtext"
	"parley/internal/service/people"
	"parley/internal/store"
	"parley/internal/store/query"
)

// A NewConversation is what a contact writes first.
type NewConversation struct {
	From    model.ContactRef
	Body    string // plain text
	Subject string
	URL     string // the page it was written on
	Files   []model.Upload
	URLs    []string // of attachments
}

// CreateConversation begins a conversation with a contact's message. A visitor
// who writes becomes a lead. The workspace's assignment rules are run.
func (s *Service) CreateConversation(ctx context.Context, by *model.Actor, n NewConversation) (*model.Conversation, error) {
	draft := model.Draft{Body: richtext.FromText(n.Body)}
	if err := model.ValidateMessage(n.Subject, n.Body, n.URL); err != nil {
		return nil, err
	}
	var c *model.Conversation
	err := s.withFiles(ctx, by.Workspace.ID, n.Files, n.URLs, func(files []*model.Attachment) error {
		if draft.Attachments = files; draft.IsEmpty() {
			return model.BodyRequired()
		}
		return s.store.Update(ctx, by.Workspace.ID, func(tx *store.Tx) error {
			tx.AssignmentRules.Expect()
			from, err := sender(tx, n.From)
			if err != nil {
				return err
			}
			rules, err := tx.AssignmentRules.List()
			if err != nil {
				return err
			}
			c, err = begin(tx, from, model.Source{Type: model.FromMessenger, DeliveredAs: model.CustomerInitiated,
				Subject: n.Subject, Body: draft.Body, Author: model.ByContact(from), URL: n.URL, Attachments: files})
			if err != nil {
				return err
			}
			if err = tx.Contacts.Replied(from.ID, tx.Now()); err != nil {
				return err
			}
			return assignNew(tx, by, c, rules)
		})
	})
	return c, err
}

// sender finds the contact who writes, and makes a lead of a visitor.
func sender(tx *store.Tx, ref model.ContactRef) (*model.Contact, error) {
	c, err := tx.Contacts.FindPersonForUpdate(ref)
	if err != nil || c.Role != model.RoleVisitor {
		return c, err
	}
	if err := c.Become(model.RoleLead, model.ContactRef{}, tx.Now()); err != nil {
		return nil, err
	}
	people.TellJoined(tx, c)
	return c, tx.Contacts.Update(c)
}

// begin writes a conversation with a contact that a source begins.
func begin(tx *store.Tx, with *model.Contact, source model.Source) (*model.Conversation, error) {
	id, err := tx.Conversations.NewID()
	if err != nil {
		return nil, err
	}
	if source.ID == 0 {
		if source.ID, err = tx.Conversations.NewMessageID(); err != nil {
			return nil, err
		}
	}
	c := model.NewConversation(id, source, tx.Now(), model.ParticipantOf(with))
	c.Whole = source.Author.IsContact() // nothing else belongs to it yet; of an admin who wrote a message only the id was read
	if err := tx.Conversations.Insert(c); err != nil {
		return nil, err
	}
	if err := tx.Attachments.Insert(id, 0, source.Attachments); err != nil {
		return nil, err
	}
	topic := event.ConversationUserCreated
	if source.DeliveredAs == model.AdminInitiated {
		topic = event.ConversationByAdmin
	}
	tx.Notify(topic, event.OfConversation(c, nil))
	if at, ok := content.ParseArticleURL(source.URL); ok {
		if err := tx.Articles.AddConversation(at); err != nil {
			return nil, err
		}
	}
	return c, fetchLinks(tx, source.Attachments)
}

// FindConversation reads a conversation with its newest parts.
func (s *Service) FindConversation(ctx context.Context, by *model.Actor, id model.ConversationID) (*model.Conversation, error) {
	var c *model.Conversation
	err := s.store.View(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		c, err = tx.Conversations.Find(id)
		return err
	})
	return c, err
}

// ListConversations reads a page of all conversations, without their parts.
func (s *Service) ListConversations(ctx context.Context, by *model.Actor, sort model.Sort, page model.PageRequest) (*model.Page[*model.Conversation], error) {
	if found, err := s.store.ConversationsAtHand(ctx, by.Workspace, nil, sort, page); found != nil || err != nil {
		return found, err
	}
	var found *model.Page[*model.Conversation]
	err := s.store.View(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		found, err = tx.Conversations.List(sort, page)
		return err
	})
	return found, err
}

// SearchConversations reads a page of the conversations that match a filter,
// without their parts.
func (s *Service) SearchConversations(ctx context.Context, by *model.Actor, filter *model.Filter, sort model.Sort, page model.PageRequest) (*model.Page[*model.Conversation], error) {
	if by.Workspace.Sandbox.SearchLag == 0 {
		if found, err := s.store.ConversationsAtHand(ctx, by.Workspace, filter, sort, page); found != nil || err != nil {
			return found, err
		}
	}
	var found *model.Page[*model.Conversation]
	err := s.store.View(ctx, by.Workspace.ID, func(tx *store.Tx) error {
		env, err := filterEnv(tx, by, filter, sort)
		if err != nil {
			return err
		}
		env.Until = people.Searchable(tx, by)
		found, err = tx.Conversations.Search(env, filter, sort, page)
		return err
	})
	return found, err
}

func filterEnv(tx *store.Tx, by *model.Actor, filter *model.Filter, sort model.Sort) (query.Env, error) {
	return people.FilterEnv(tx, by, model.ConversationAttributes, filter, sort)
}

// A ConversationPatch says what to change of a conversation.
type ConversationPatch struct {
	Read       model.Opt[bool]
	Attributes model.Attributes // nil values clear
}

// UpdateConversation changes what the patch names. Each attribute that changes
// leaves a part of the bot's; where none does, the patch itself leaves one.
func (s *Service) UpdateConversation(ctx context.Context, by *model.Actor, id model.ConversationID, p ConversationPatch) (*model.Conversation, error) {
	var c *model.Conversation
	err := s.store.Update(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		if c, err = tx.Conversations.FindToShow(id); err != nil {
			return err
		}
		if err = people.CheckAttributes(tx, model.ConversationAttributes, p.Attributes); err != nil {
			return err
		}
		changes := 0
		for name, v := range p.Attributes {
			if c.Attributes[name] != v {
				changes++
			}
		}
		if changes == 0 && p.Read.Has() {
			changes = 1
		}
		c.Attributes.Merge(p.Attributes)
		now := act(tx, by.Workspace, model.ByOperator())
		var parts []*model.Part
		for range changes {
			parts = append(parts, c.Mark(model.PartAttributeUpdated, now))
		}
		before := *c
		p.Read.Apply(&c.Read)
		tellMarks(tx, before, c)
		if len(parts) == 0 {
			return nil
		}
		return write(tx, c, parts...)
	})
	return s.show(ctx, by, c, err)
}

// Unsnooze opens a conversation whose time to sleep is over. It is run when that
// time comes, and does nothing to a conversation that is awake, sleeps longer by
// now or is gone.
func (s *Service) Unsnooze(ctx context.Context, ws model.WorkspaceID, id model.ConversationID) error {
	return s.store.Update(ctx, ws, func(tx *store.Tx) error {
		workspace, err := tx.Workspaces.Find()
		if err != nil {
			return err
		}
		c, err := tx.Conversations.FindAnyForUpdate(id)
		if isNotFound(err) {
			return nil
		} else if err != nil {
			return err
		}
		part, woke := c.Wake(act(tx, workspace, model.ByOperator()))
		if !woke {
			return nil
		}
		if ticket, err := tx.Tickets.Exists(id); err != nil {
			return err
		} else if !ticket {
			return write(tx, c, part)
		}
		tellTicketParts(tx, id, []*model.Part{part})
		return save(tx, c, part)
	})
}
