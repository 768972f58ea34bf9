package seed

import (
	"context"
	"slices"
	"strings"

	"parley/internal/model"
	"parley/internal/service/inbox"
)

// conversations writes a part of the file's conversations, of which the first has
// that index in the file.
func (r *run) conversations(ctx context.Context, list []Conversation, first int) error {
	for i := range list {
		if err := r.conversation(ctx, &list[i]); err != nil {
			return in(err, "conversations, number %d", first+i+1)
		}
	}
	return nil
}

func (r *run) conversation(ctx context.Context, d *Conversation) error {
	contact := d.From
	if d.Message != nil {
		contact = d.Message.To
	}
	if (d.From == "") == (d.Message == nil) {
		return faultf("a conversation begins from: a contact, or with a message: of an admin")
	}
	who := r.contactRef(contact)
	if !r.fresh {
		known, err := r.Inbox.HasConversation(ctx, r.by, who, d.Body)
		if err != nil {
			return err
		}
		if known {
			r.report.count("conversations", unchanged)
			return nil
		}
	}
	id, err := r.begin(r.at(ctx, d.At), d, who)
	if err != nil || d.Message != nil && len(d.Parts) == 0 {
		r.report.count("conversations", created)
		return err
	}
	if id != 0 {
		err = r.participants(r.at(ctx, d.At), d, id)
	}
	if err != nil {
		return err
	}
	for i := range d.Parts {
		if id == 0 && i == 0 { // the answer to a message begins its conversation
			if id, err = r.answer(ctx, &d.Parts[0], who); err == nil {
				err = r.participants(r.at(ctx, d.Parts[0].At), d, id)
			}
		} else {
			err = r.part(ctx, id, &d.Parts[i])
		}
		if err != nil {
			return in(err, "parts, number %d", i+1)
		}
	}
	r.report.count("conversations", created)
	return r.details(r.at(ctx, d.lastAt()), d, id)
}

// contactRef names a contact as the file does: by external id if a contact of the
// file has it, else by what it looks like.
func (r *run) contactRef(name string) model.ContactRef {
	if r.externalIDs == nil {
		r.externalIDs = map[string]bool{}
		for i := range r.file.Contacts {
			r.externalIDs[r.file.Contacts[i].ExternalID] = true
		}
	}
	if !r.externalIDs[name] && strings.Contains(name, "@") {
		return model.ContactRef{Email: name}
	}
	return model.ContactRef{ExternalID: name}
}

// begin writes the first message. Its conversation has no id while a message of an
// admin waits for the answer.
func (r *run) begin(ctx context.Context, d *Conversation, who model.ContactRef) (model.ConversationID, error) {
	if m := d.Message; m != nil {
		if len(d.Attachments) > 0 {
			return 0, faultf("a message has no attachments")
		}
		admin, err := r.admin(m.From)
		if err != nil {
			return 0, err
		}
		_, err = r.Inbox.SendMessage(ctx, r.by, model.MessageDraft{From: model.Some(model.AdminRef{ID: admin}), To: who,
			Type: m.Type, Subject: m.Subject, Body: d.Body})
		return 0, err
	}
	files, urls, err := readAttachments(d.Attachments)
	if err != nil {
		return 0, err
	}
	c, err := r.Inbox.CreateConversation(ctx, r.by, inbox.NewConversation{From: who, Body: strings.TrimSpace(d.Body),
		Subject: d.Subject, URL: d.URL, Files: files, URLs: urls})
	if err != nil {
		return 0, err
	}
	return c.ID, nil
}

func (r *run) answer(ctx context.Context, d *Part, who model.ContactRef) (model.ConversationID, error) {
	if d.Type != "" && d.Type != partComment || r.contactRef(d.By) != who {
		return 0, faultf("the first part of a message is the contact's comment")
	}
	reply, err := r.reply(d)
	if err != nil {
		return 0, err
	}
	return r.Inbox.Write(r.at(ctx, d.At), r.by, inbox.Target{Latest: true, Of: who}, reply)
}

func (r *run) part(ctx context.Context, id model.ConversationID, d *Part) error {
	ctx = r.at(ctx, d.At)
	var err error
	switch d.Type {
	case partAskRating:
		err = r.Inbox.AskForRating(ctx, r.by, id)
	case partRate:
		err = r.Inbox.RateConversation(ctx, r.by, id, r.contactRef(d.By), d.Rating, d.Remark)
	default:
		var reply inbox.Reply
		if reply, err = r.reply(d); err == nil {
			_, err = r.Inbox.Write(ctx, r.by, inbox.Target{ID: id}, reply)
		}
	}
	return err
}

// reply is a part as the rules take it. Who is no admin is a contact.
func (r *run) reply(d *Part) (inbox.Reply, error) {
	kinds := map[PartType]inbox.ReplyType{"": inbox.Comment, partComment: inbox.Comment, partNote: inbox.Note, partClose: inbox.Close,
		partOpen: inbox.Open, partSnooze: inbox.Snooze, partAssign: inbox.Assign}
	kind, known := kinds[d.Type]
	if !known {
		return inbox.Reply{}, faultf("%q is no type of part: write comment, note, close, open, snooze, assign, ask_rating or rate", d.Type)
	}
	reply := inbox.Reply{Type: kind, Body: strings.TrimSpace(d.Body), SnoozedUntil: d.Until.unix(r.now)}
	if admin, ok := r.adminIDs[adminKey(d.By)]; ok {
		reply.Admin = model.Some(admin)
	} else {
		reply.Contact = r.contactRef(d.By)
	}
	var err error
	if kind == inbox.Assign {
		if reply.To, err = r.assignee(d.To); err != nil {
			return reply, err
		}
	}
	reply.Files, reply.URLs, err = readAttachments(d.Attachments)
	return reply, err
}

// assignee is an admin by e-mail address, a team by name, or nobody.
func (r *run) assignee(name string) (model.Assignee, error) {
	if name == nobody {
		return model.ToAdmin(0), nil
	}
	if strings.Contains(name, "@") {
		id, err := r.admin(name)
		return model.ToAdmin(id), err
	}
	id, err := known(r.teamIDs, "team", name)
	return model.ToTeam(id), err
}

// participants adds who takes part besides, before any of them writes.
func (r *run) participants(ctx context.Context, d *Conversation, id model.ConversationID) error {
	for _, name := range d.Contacts {
		_, err := r.Inbox.AddContact(ctx, r.by, id, inbox.Invitation{Admin: model.Some(r.by.Admin)}, r.contactRef(name))
		if err != nil {
			return in(err, "%s", name)
		}
	}
	return nil
}

// details writes what a conversation is called and marked with, at the time of its
// last part.
func (r *run) details(ctx context.Context, d *Conversation, id model.ConversationID) error {
	for _, name := range d.Tags {
		tag, err := r.tag(strings.TrimSpace(name))
		if err == nil {
			_, err = r.Inbox.AttachTag(ctx, r.by, id, r.by.Admin, tag)
		}
		if err != nil {
			return err
		}
	}
	attributes, err := r.attributes(model.ConversationAttributes, d.CustomAttributes, nil)
	if err != nil {
		return err
	}
	if len(attributes) > 0 {
		if _, err := r.Inbox.UpdateConversation(ctx, r.by, id, inbox.ConversationPatch{Attributes: attributes}); err != nil {
			return err
		}
	}
	if d.Title == "" && !d.Priority && !d.Read {
		return nil
	}
	return r.Inbox.LabelConversation(ctx, r.by, id, inbox.Label{Title: d.Title, Priority: d.Priority, Read: d.Read})
}

// lastAt is when the last thing happened that the file tells of.
func (d *Conversation) lastAt() Time {
	if n := len(d.Parts); n > 0 {
		return d.Parts[n-1].At
	}
	return d.At
}

// readAttachments parts files from links.
func readAttachments(list []Attachment) (files []model.Upload, urls []string, err error) {
	for i, a := range list {
		var u model.Upload
		switch {
		case a.URL != "":
			urls = append(urls, a.URL)
			continue
		case a.Text != "":
			u = model.Upload{Name: a.Name, ContentType: a.ContentType, Data: []byte(a.Text)}
		default:
			data := strings.Join(strings.Fields(a.Data), "")
			if u, err = model.NewUpload(a.Name, a.ContentType, data); err != nil {
				return nil, nil, in(err, "attachments, number %d", i+1)
			}
		}
		files = append(files, u)
	}
	return files, urls, nil
}

// tickets come after the types that they are of.
func (r *run) tickets(ctx context.Context) error {
	if len(r.file.Tickets) == 0 {
		return nil
	}
	types, err := r.Inbox.ListTicketTypes(ctx, r.by)
	if err != nil {
		return err
	}
	return each(r.file.Tickets, "tickets", func(d *Ticket) error {
		i := slices.IndexFunc(types, func(t *model.TicketType) bool { return t.Name == d.Type })
		if i < 0 {
			return missing("ticket type", d.Type)
		}
		return r.ticket(ctx, d, types[i])
	})
}

func (r *run) ticket(ctx context.Context, d *Ticket, kind *model.TicketType) error {
	who := r.contactRef(d.Contact)
	values := ticketValues(kind, d.Attributes)
	if !r.fresh {
		title, _ := values[model.TicketTitle].(string)
		known, err := r.Inbox.HasTicket(ctx, r.by, who, kind, title)
		if err != nil {
			return err
		}
		if known {
			r.report.count("tickets", unchanged)
			return nil
		}
	}
	t, err := r.Inbox.CreateTicket(r.at(ctx, d.At), r.by, inbox.NewTicket{Type: kind.ID, Contact: who, CompanyID: d.Company, Attributes: values})
	if err != nil {
		return err
	}
	for i := range d.Parts {
		if err := r.ticketPart(ctx, t.ID, kind, &d.Parts[i]); err != nil {
			return in(err, "parts, number %d", i+1)
		}
	}
	r.report.count("tickets", created)
	return nil
}

func (r *run) ticketPart(ctx context.Context, id model.ConversationID, kind *model.TicketType, d *TicketPart) error {
	ctx = r.at(ctx, d.At)
	admin, err := r.admin(d.By)
	if err != nil {
		return err
	}
	if d.Note != "" {
		if _, err := r.Inbox.ReplyToTicket(ctx, r.by, id, inbox.TicketNote{Admin: admin, Body: strings.TrimSpace(d.Note)}); err != nil {
			return err
		}
	}
	p := inbox.TicketPatch{Attributes: ticketValues(kind, d.Attributes), Shared: ifSet(d.Shared)}
	if d.State != "" {
		p.State = model.Some(d.State)
	}
	if d.To != "" {
		to, err := r.assignee(d.To)
		if err != nil {
			return err
		}
		p.Assignment = model.Some(inbox.TicketAssignment{By: model.Some(admin), To: to})
	}
	if p.Attributes == nil && !p.State.Set && !p.Shared.Set && !p.Assignment.Set {
		return nil
	}
	_, err = r.Inbox.UpdateTicket(ctx, r.by, id, p)
	return err
}

// ticketValues are attributes of a ticket as the rules take them: title and
// description go by these names, and whole numbers are int64.
func ticketValues(kind *model.TicketType, said map[string]any) map[string]any {
	if len(said) == 0 {
		return nil
	}
	values := make(map[string]any, len(said))
	for name, v := range said {
		switch name {
		case "title":
			name = model.TicketTitle
		case "description":
			name = model.TicketDescription
		}
		if n, ok := v.(uint64); ok {
			v = int64(n)
		}
		values[name] = v
	}
	return values
}
