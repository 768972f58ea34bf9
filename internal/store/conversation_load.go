package store

import (
	"maps"
	"slices"

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
	readings := append(s.shown(byID, people{}, ids...), Attachments(s).ofSources(byID, ids))
	return s.Read(append(readings, s.authors(nil, authorsOf(items...)...)...)...)
}

// people are those who take part in conversations as authors, by their ids, which are of a type for each sort.
type people map[any]model.Author

// shown reads what conversations show beyond their own rows, but for files and for those of their authors who take no part. byID has them when it is read.
func (s *scope) shown(byID map[model.ConversationID]*model.Conversation, known people, ids ...model.ConversationID) []record.Reading {
	these, of := oneOf(s.Dialect().InInts, ids)
	return []record.Reading{
		s.contactsOf(byID, known, ids...),
		{Of: "tags of conversations", Statement: `SELECT a.conversation_id, ` + appliedTagColumns + ` FROM conversation_tags a
			JOIN tags t ON t.workspace_id = a.workspace_id AND t.id = a.tag_id
			WHERE a.workspace_id = $1 AND a.conversation_id ` + these + `
			ORDER BY a.conversation_id, a.applied_at, a.tag_id`, Args: []any{s.Workspace, of}, Scan: func(r *db.Rows) error {
			var id model.ConversationID
			t, err := scanAppliedTag(record.Behind(r, &id))
			byID[id].Tags = append(byID[id].Tags, t)
			return err
		}},
		{Of: "teammates of conversations", Statement: `SELECT t.conversation_id, t.admin_id, m.name, m.email FROM conversation_teammates t
			LEFT JOIN admins m ON m.workspace_id = t.workspace_id AND m.id = t.admin_id
			WHERE t.workspace_id = $1 AND t.conversation_id ` + these + `
			ORDER BY t.conversation_id, t.admin_id`, Args: []any{s.Workspace, of}, Scan: func(r *db.Rows) error {
			var id model.ConversationID
			var m model.Admin
			err := r.Scan(&id, &m.ID, record.OrEmpty(&m.Name), record.OrEmpty(&m.Email))
			byID[id].Teammates = append(byID[id].Teammates, m.ID)
			known[m.ID] = model.ByAdmin(&m)
			return err
		}},
	}
}

// oneOf is what follows a column of keys that are among some, with what $2 stands for. Of one, no database needs a list, and a statement says which row it
// writes to. Of more, in is the dialect's list.
func oneOf[K ~string | ~int64](in func(place string) string, keys []K) (condition string, arg any) {
	if len(keys) == 1 {
		return "= $2", keys[0]
	}
	return in("$2"), record.ToJSON(keys)
}

// contactsOf reads who takes part in conversations.
func (s *scope) contactsOf(byID map[model.ConversationID]*model.Conversation, known people, ids ...model.ConversationID) record.Reading {
	these, of := oneOf(s.Dialect().InInts, ids)
	return record.Reading{Of: "contacts of conversations", Statement: `SELECT p.conversation_id, k.id, k.role, k.name, k.email FROM conversation_contacts p
		JOIN contacts k ON k.workspace_id = p.workspace_id AND k.id = p.contact_id
		WHERE p.workspace_id = $1 AND p.conversation_id ` + these + `
		ORDER BY p.conversation_id, p.contact_id`, Args: []any{s.Workspace, of}, Scan: func(r *db.Rows) error {
		var id model.ConversationID
		var k model.Contact
		err := r.Scan(&id, &k.ID, &k.Role, record.OrEmpty(&k.Name), record.OrEmpty(&k.Email))
		byID[id].Contacts = append(byID[id].Contacts, model.ParticipantOf(&k))
		known[k.ID] = model.ByContact(&k)
		return err
	}}
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

// authors reads who authors are now who are not known: one query for the contacts and one for the admins, if there are any.
func (s *scope) authors(known people, authors ...*model.Author) (readings []record.Reading) {
	contacts := map[model.ContactID][]*model.Author{}
	admins := map[model.AdminID][]*model.Author{}
	for _, a := range authors {
		if contact, here := known[a.Contact]; here && a.IsContact() {
			*a = contact
		} else if a.IsContact() {
			contacts[a.Contact] = append(contacts[a.Contact], a)
		} else if admin, here := known[a.Admin]; here && a.Type == model.AuthorAdmin {
			*a = admin
		} else if a.Type == model.AuthorAdmin {
			admins[a.Admin] = append(admins[a.Admin], a)
		}
	}
	if len(contacts) > 0 {
		these, of := oneOf(s.Dialect().In, slices.Collect(maps.Keys(contacts)))
		readings = append(readings, record.Reading{Of: "authors", Statement: `SELECT id, role, name, email FROM contacts WHERE workspace_id = $1 AND id ` + these,
			Args: []any{s.Workspace, of}, Scan: func(r *db.Rows) error {
				var c model.Contact
				if err := r.Scan(&c.ID, &c.Role, record.OrEmpty(&c.Name), record.OrEmpty(&c.Email)); err != nil {
					return err
				}
				for _, a := range contacts[c.ID] {
					*a = model.ByContact(&c)
				}
				return nil
			}})
	}
	if len(admins) > 0 {
		these, of := oneOf(s.Dialect().InInts, slices.Collect(maps.Keys(admins)))
		readings = append(readings, record.Reading{Of: "authors", Statement: `SELECT id, name, email FROM admins WHERE workspace_id = $1 AND id ` + these,
			Args: []any{s.Workspace, of}, Scan: func(r *db.Rows) error {
				var m model.Admin
				if err := r.Scan(&m.ID, &m.Name, &m.Email); err != nil {
					return err
				}
				for _, a := range admins[m.ID] {
					*a = model.ByAdmin(&m)
				}
				return nil
			}})
	}
	return readings
}
