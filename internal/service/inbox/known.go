package inbox

import (
	"context"
	"slices"
	"strings"

	"parley/internal/model"
	"parley/internal/richtext"
	"parley/internal/store"
)

// HasConversation reports whether a contact has a conversation that began with a
// text, or a message of that text that waits for an answer. A seed asks it, so as
// not to begin what it has begun before.
func (s *Service) HasConversation(ctx context.Context, by *model.Actor, who model.ContactRef, body string) (bool, error) {
	body = strings.TrimSpace(body)
	return s.known(ctx, by, who, func(tx *store.Tx, id model.ContactID) (bool, error) {
		return tx.Conversations.Began(id, richtext.FromText(body), richtext.FromInput(body))
	})
}

// HasTicket reports whether a contact has a ticket of a type and a title.
func (s *Service) HasTicket(ctx context.Context, by *model.Actor, who model.ContactRef, kind *model.TicketType, title string) (bool, error) {
	i := slices.IndexFunc(kind.Attributes, func(a *model.TicketTypeAttribute) bool { return a.Name == model.TicketTitle })
	return s.known(ctx, by, who, func(tx *store.Tx, id model.ContactID) (bool, error) {
		return tx.Tickets.Titled(id, kind.ID, kind.Attributes[i].ID, title)
	})
}

func (s *Service) known(ctx context.Context, by *model.Actor, who model.ContactRef, ask func(*store.Tx, model.ContactID) (bool, error)) (bool, error) {
	var known bool
	err := s.store.View(ctx, by.Workspace.ID, func(tx *store.Tx) error {
		id, err := tx.Contacts.Resolve(who)
		if err != nil {
			return err
		}
		known, err = ask(tx, id)
		return err
	})
	return known, err
}
