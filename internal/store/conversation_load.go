package store

import (
	"parley/internal/db"
	"parley/internal/model"
	"parley/internal/store/record"
)

// loadItems reads what conversations of a list show beyond their own rows, and
// the authors of the parts that they have.
func (s Conversations) loadItems(items []*model.Conversation) error {
	if len(items) == 0 {
		return nil
	}
	byID := make(map[model.ConversationID]*model.Conversation, len(items))
	ids := make([]model.ConversationID, len(items))
	for i, c := range items {
		ids[i], byID[c.ID] = c.ID, c
	}
	return s.Read(append(s.shown(byID, ids...), s.authors(authorsOf(items...))...)...)
}

// shown reads what conversations show beyond their own rows, but for their authors. byID has them when it is read.
func (s *scope) shown(byID map[model.ConversationID]*model.Conversation, ids ...model.ConversationID) []record.Reading {
	list := record.ToJSON(ids)
	return []record.Reading{
		s.contactsOf(byID, list),
		{Of: "tags of conversations", Statement: `SELECT a.conversation_id, ` + appliedTagColumns + ` FROM conversation_tags a
			JOIN tags t ON t.workspace_id = a.workspace_id AND t.id = a.tag_id
			WHERE a.workspace_id = $1 AND a.conversation_id ` + s.Dialect().InInts("$2") + `
			ORDER BY a.conversation_id, a.applied_at, a.tag_id`, Args: []any{s.Workspace, list}, Scan: func(r *db.Rows) error {
			var id model.ConversationID
			t, err := scanAppliedTag(record.Behind(r, &id))
			byID[id].Tags = append(byID[id].Tags, t)
			return err
		}},
		{Of: "teammates of conversations", Statement: `SELECT conversation_id, admin_id FROM conversation_teammates
			WHERE workspace_id = $1 AND conversation_id ` + s.Dialect().InInts("$2") + `
			ORDER BY conversation_id, admin_id`, Args: []any{s.Workspace, list}, Scan: func(r *db.Rows) error {
			var id model.ConversationID
			var admin model.AdminID
			err := r.Scan(&id, &admin)
			byID[id].Teammates = append(byID[id].Teammates, admin)
			return err
		}},
		Attachments{s}.ofSources(list, func(id model.ConversationID, a *model.Attachment) {
			byID[id].Source.Attachments = append(byID[id].Source.Attachments, a)
		}),
	}
}

// contactsOf reads who takes part in conversations.
func (s *scope) contactsOf(byID map[model.ConversationID]*model.Conversation, ids string) record.Reading {
	return record.Reading{Of: "contacts of conversations", Statement: `SELECT p.conversation_id, p.contact_id, k.role FROM conversation_contacts p
		JOIN contacts k ON k.workspace_id = p.workspace_id AND k.id = p.contact_id
		WHERE p.workspace_id = $1 AND p.conversation_id ` + s.Dialect().InInts("$2") + `
		ORDER BY p.conversation_id, p.contact_id`, Args: []any{s.Workspace, ids}, Scan: func(r *db.Rows) error {
		var id model.ConversationID
		var p model.Participant
		err := r.Scan(&id, &p.ID, &p.Role)
		byID[id].Contacts = append(byID[id].Contacts, p)
		return err
	}}
}

// loadContacts reads anew who takes part in a conversation.
func (s *scope) loadContacts(c *model.Conversation) error {
	c.Contacts = nil
	return s.Read(s.contactsOf(map[model.ConversationID]*model.Conversation{c.ID: c}, record.ToJSON([]model.ConversationID{c.ID})))
}

// authorsOf are the authors of conversations, as far as they have been read.
func authorsOf(conversations ...*model.Conversation) (authors []*model.Author) {
	for _, c := range conversations {
		authors = append(authors, &c.Source.Author)
		for _, p := range c.Parts {
			authors = append(authors, &p.Author)
		}
	}
	return authors
}

// authors reads who authors are now: one query for the contacts and one for the admins.
func (s *scope) authors(authors []*model.Author) []record.Reading {
	contacts := map[model.ContactID][]*model.Author{}
	admins := map[model.AdminID][]*model.Author{}
	for _, a := range authors {
		switch {
		case a.IsContact():
			contacts[a.Contact] = append(contacts[a.Contact], a)
		case a.Type == model.AuthorAdmin:
			admins[a.Admin] = append(admins[a.Admin], a)
		}
	}
	return []record.Reading{
		{Of: "authors", Statement: `SELECT id, role, name, email FROM contacts WHERE workspace_id = $1 AND id ` + s.Dialect().In("$2"),
			Args: []any{s.Workspace, record.ToJSON(keys(contacts))}, Scan: func(r *db.Rows) error {
				var c model.Contact
				if err := r.Scan(&c.ID, &c.Role, record.OrEmpty(&c.Name), record.OrEmpty(&c.Email)); err != nil {
					return err
				}
				for _, a := range contacts[c.ID] {
					*a = model.ByContact(&c)
				}
				return nil
			}},
		{Of: "authors", Statement: `SELECT id, name, email FROM admins WHERE workspace_id = $1 AND id ` + s.Dialect().InInts("$2"),
			Args: []any{s.Workspace, record.ToJSON(keys(admins))}, Scan: func(r *db.Rows) error {
				var m model.Admin
				if err := r.Scan(&m.ID, &m.Name, &m.Email); err != nil {
					return err
				}
				for _, a := range admins[m.ID] {
					*a = model.ByAdmin(&m)
				}
				return nil
			}},
	}
}

func keys[K comparable, V any](m map[K]V) []K {
	list := make([]K, 0, len(m))
	for k := range m {
		list = append(list, k)
	}
	return list
}
