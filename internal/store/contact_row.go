package store

import (
	"slices"

	"parley/internal/model"
	"parley/internal/store/record"
)

// The columns of a contact: those that integrations write again and again, of which two indexes have one each, and the others, which have sixteen indexes. As with
// conversations, the others are named only where one of them changes.
var (
	contactColumnsOften  = record.Columns(`updated_at last_seen_at session_count profile attributes searchable`)
	contactColumnsSeldom = record.Columns(`role external_id email phone name pseudonym avatar owner_id unsubscribed_from_emails marked_email_as_spam
		has_hard_bounced created_at signed_up_at last_replied_at last_contacted_at last_email_opened_at last_email_clicked_at archived_at
		external_id_fold email_fold email_domain phone_fold name_fold`)

	insertsContact      = record.Inserts("contacts", slices.Concat([]string{"id"}, contactColumnsOften, contactColumnsSeldom)...)
	updatesContact      = record.Updates("contacts", contactColumnsOften...)
	updatesAllOfContact = record.Updates("contacts", slices.Concat(contactColumnsOften, contactColumnsSeldom)...)
)

// oftenOfContact are the values of contactColumnsOften.
func oftenOfContact(c *model.Contact) []any {
	return []any{c.UpdatedAt, record.Number(c.LastSeenAt), c.SessionCount, record.SetToJSON(c.Profile), record.ToJSON(c.Attributes), record.ToJSON(record.Searchable(c))}
}

// seldomOfContact are the values of contactColumnsSeldom, which can be compared.
func seldomOfContact(c *model.Contact) []any {
	return []any{c.Role, record.Text(c.ExternalID), record.Text(c.Email), record.Text(c.Phone), record.Text(c.Name), record.Text(c.Pseudonym),
		record.Text(c.Avatar), record.Number(c.OwnerID), c.UnsubscribedFromEmails, c.MarkedEmailAsSpam, c.HasHardBounced,
		c.CreatedAt, record.Number(c.SignedUpAt), record.Number(c.LastRepliedAt), record.Number(c.LastContactedAt),
		record.Number(c.LastEmailOpenedAt), record.Number(c.LastEmailClickedAt), record.Number(c.ArchivedAt),
		record.Text(model.Fold(c.ExternalID)), record.Text(model.Fold(c.Email)), record.Text(model.Fold(c.EmailDomain())),
		record.Text(model.Fold(c.Phone)), record.Text(model.Fold(c.Name))}
}

// holding says how a contact is that nobody else can write to until the transaction ends.
func (s Contacts) holding(c *model.Contact, err error) (*model.Contact, error) {
	if err == nil {
		s.heldContact.Is(c.ID, seldomOfContact(c))
	}
	return c, err
}

// Insert writes a new contact.
func (s Contacts) Insert(c *model.Contact) error {
	now := seldomOfContact(c)
	s.heldContact.Is(c.ID, now)
	return s.WriteTo("insert contact", insertsContact, slices.Concat([]any{s.Workspace, c.ID}, oftenOfContact(c), now)...)
}

// Update writes a contact back.
func (s Contacts) Update(c *model.Contact) error {
	statement, values := updatesContact, append([]any{s.Workspace, c.ID}, oftenOfContact(c)...)
	if now := seldomOfContact(c); !s.heldContact.Becomes(c.ID, now) {
		statement, values = updatesAllOfContact, append(values, now...)
	}
	return s.WriteTo("update contact", statement, values...)
}
