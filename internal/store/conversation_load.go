package store

import (
	"database/sql"
	"fmt"

	"parley/internal/model"
	"parley/internal/store/record"
)

// Load reads what one conversation shows beyond its own row: who takes part, who
// wrote, its tags and its newest parts. It issues the same number of statements
// whatever there is.
func (s Conversations) Load(c *model.Conversation) error {
	if err := s.loadParts(c); err != nil {
		return err
	}
	return s.loadItems([]*model.Conversation{c})
}

// loadItems reads what conversations of a list show beyond their own rows, and
// the authors of the parts that they have.
func (s Conversations) loadItems(items []*model.Conversation) error {
	if len(items) == 0 {
		return nil
	}
	byID := make(map[model.ConversationID]*model.Conversation, len(items))
	ids := make([]model.ConversationID, len(items))
	var authors []*model.Author
	for i, c := range items {
		ids[i], byID[c.ID] = c.ID, c
		authors = append(authors, &c.Source.Author)
		for _, p := range c.Parts {
			authors = append(authors, &p.Author)
		}
	}
	list := record.ToJSON(ids)
	if err := s.loadContacts(byID, list); err != nil {
		return err
	}
	if err := s.loadTags(byID, list); err != nil {
		return err
	}
	if err := s.loadTeammates(byID, list); err != nil {
		return err
	}
	attached, err := Attachments(s).OfSources(ids...)
	if err != nil {
		return err
	}
	for id, c := range byID {
		c.Source.Attachments = attached[id]
	}
	return s.loadAuthors(authors)
}

func (s *scope) loadContacts(byID map[model.ConversationID]*model.Conversation, ids string) error {
	for _, c := range byID {
		c.Contacts = nil
	}
	err := s.Rows(`SELECT p.conversation_id, p.contact_id, k.role FROM conversation_contacts p
		JOIN contacts k ON k.workspace_id = p.workspace_id AND k.id = p.contact_id
		WHERE p.workspace_id = $1 AND p.conversation_id `+s.Dialect().InInts("$2")+`
		ORDER BY p.conversation_id, p.contact_id`, []any{s.Workspace, ids}, func(r *sql.Rows) error {
		var id model.ConversationID
		var p model.Participant
		err := r.Scan(&id, &p.ID, &p.Role)
		byID[id].Contacts = append(byID[id].Contacts, p)
		return err
	})
	if err != nil {
		return fmt.Errorf("store: read contacts of conversations: %w", err)
	}
	return nil
}

func (s Conversations) loadTags(byID map[model.ConversationID]*model.Conversation, ids string) error {
	err := s.Rows(`SELECT a.conversation_id, `+appliedTagColumns+` FROM conversation_tags a
		JOIN tags t ON t.workspace_id = a.workspace_id AND t.id = a.tag_id
		WHERE a.workspace_id = $1 AND a.conversation_id `+s.Dialect().InInts("$2")+`
		ORDER BY a.conversation_id, a.applied_at, a.tag_id`, []any{s.Workspace, ids}, func(r *sql.Rows) error {
		var id model.ConversationID
		t, err := scanAppliedTag(record.Behind(r, &id))
		byID[id].Tags = append(byID[id].Tags, t)
		return err
	})
	if err != nil {
		return fmt.Errorf("store: read tags of conversations: %w", err)
	}
	return nil
}

func (s Conversations) loadTeammates(byID map[model.ConversationID]*model.Conversation, ids string) error {
	err := s.Rows(`SELECT conversation_id, admin_id FROM conversation_teammates
		WHERE workspace_id = $1 AND conversation_id `+s.Dialect().InInts("$2")+`
		ORDER BY conversation_id, admin_id`, []any{s.Workspace, ids}, func(r *sql.Rows) error {
		var id model.ConversationID
		var admin model.AdminID
		err := r.Scan(&id, &admin)
		byID[id].Teammates = append(byID[id].Teammates, admin)
		return err
	})
	if err != nil {
		return fmt.Errorf("store: read teammates of conversations: %w", err)
	}
	return nil
}

// loadAuthors reads who the authors are now, in one statement for the contacts
// and one for the admins.
func (s *scope) loadAuthors(authors []*model.Author) error {
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
	err := s.Rows(`SELECT id, role, name, email FROM contacts WHERE workspace_id = $1 AND id `+s.Dialect().In("$2"),
		[]any{s.Workspace, record.ToJSON(keys(contacts))}, func(r *sql.Rows) error {
			var c model.Contact
			if err := r.Scan(&c.ID, &c.Role, record.OrEmpty(&c.Name), record.OrEmpty(&c.Email)); err != nil {
				return err
			}
			for _, a := range contacts[c.ID] {
				*a = model.ByContact(&c)
			}
			return nil
		})
	if err == nil {
		err = s.Rows(`SELECT id, name, email FROM admins WHERE workspace_id = $1 AND id `+s.Dialect().InInts("$2"),
			[]any{s.Workspace, record.ToJSON(keys(admins))}, func(r *sql.Rows) error {
				var m model.Admin
				if err := r.Scan(&m.ID, &m.Name, &m.Email); err != nil {
					return err
				}
				for _, a := range admins[m.ID] {
					*a = model.ByAdmin(&m)
				}
				return nil
			})
	}
	if err != nil {
		return fmt.Errorf("store: read authors: %w", err)
	}
	return nil
}

func keys[K comparable, V any](m map[K]V) []K {
	list := make([]K, 0, len(m))
	for k := range m {
		list = append(list, k)
	}
	return list
}
