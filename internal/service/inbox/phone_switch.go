package inbox

import (
	"context"

	"parley/internal/model"
	"parley/internal/model/event"
	"parley/internal/phone"
	"parley/internal/service/people"
	"parley/internal/store"
)

// The bounds of what is sent to phones.
const (
	// maxSwitches is how many text messages a workspace may send to one phone in
	// switchWindow, in seconds. Whoever is called and did not ask for it has that
	// many to bear.
	maxSwitches  = 5
	switchWindow = 60 * 60
	// maxSMSName is how much of a workspace's name a text message has, in
	// characters: the link is what it is for.
	maxSMSName = 40
)

// invalidPhoneNumber is the answer to a phone number that nobody can have.
func invalidPhoneNumber() *model.Error {
	return &model.Error{Kind: model.Invalid, Code: "invalid_phone_number", Message: "Invalid phone number"}
}

// smsUnsupported is the answer to a phone number that text messages do not reach.
func smsUnsupported() *model.Error {
	return &model.Error{Kind: model.Unprocessable, Code: "sms_not_supported", Message: "This phone number cannot receive text messages"}
}

// tooManySMS is the answer to a phone number that was sent enough for now.
func tooManySMS() *model.Error {
	return &model.Error{Kind: model.Unprocessable, Code: "sms_limit_exceeded",
		Message: "Too many text messages were sent to this phone number. Please try again later"}
}

// SwitchPhone sends whoever has a phone number a text message with a link to the
// Messenger, below base, where clients reach the server. The number is that of a
// contact, on whom the custom attributes are kept; where there is none, of a new
// lead.
func (s *Service) SwitchPhone(ctx context.Context, by *model.Actor, number string, attributes model.Attributes, base string) (*model.PhoneSwitch, error) {
	to, ok := phone.Parse(number)
	if !ok {
		return nil, invalidPhoneNumber()
	}
	if !to.TakesTexts() {
		return nil, smsUnsupported()
	}
	p := &model.PhoneSwitch{ID: model.NewUUID(), Phone: to.String()}
	if err := model.ValidateText("The link", base+p.Path(), model.MaxText); err != nil {
		return nil, err
	}
	err := s.store.Update(ctx, by.Workspace.ID, func(tx *store.Tx) error {
		if err := tx.PhoneSwitches.Lock(p.Phone); err != nil {
			return err
		}
		recent, err := tx.PhoneSwitches.CountAfter(p.Phone, tx.Now()-switchWindow)
		if err != nil {
			return err
		}
		if recent >= maxSwitches {
			return tooManySMS()
		}
		contact, err := caller(tx, to, attributes)
		if err != nil {
			return err
		}
		p.Contact, p.CreatedAt = contact.ID, tx.Now()
		tx.Notify(event.Changed, event.Contact{ID: contact.ID})
		if err := tx.PhoneSwitches.Insert(p); err != nil {
			return err
		}
		return sendLink(tx, by.Workspace, p, base)
	})
	return p, err
}

// caller finds and holds the contact who has a phone number, or makes a lead, and
// keeps the custom attributes.
func caller(tx *store.Tx, number phone.Number, attributes model.Attributes) (*model.Contact, error) {
	c, err := tx.Contacts.FindByPhoneForUpdate(number.Spellings())
	if isNotFound(err) {
		return people.AddContact(tx, model.ContactPatch{Role: model.Some(model.RoleLead), Phone: model.Some(number.String()), Attributes: attributes})
	}
	if err == nil && len(attributes) > 0 {
		err = people.ChangeContact(tx, c, model.ContactPatch{Attributes: attributes})
	}
	return c, err
}

// sendLink puts a text message with the link of a switch into the outbox.
func sendLink(tx *store.Tx, from *model.Workspace, p *model.PhoneSwitch, base string) error {
	name := []rune(model.OneLine(from.Name))
	if len(name) > maxSMSName {
		name = append(name[:maxSMSName-3], '.', '.', '.')
	}
	m := &model.OutgoingSMS{ID: model.NewTimeUUID(tx.Time()), Switch: p.ID, Contact: p.Contact, To: p.Phone, State: model.SMSQueued,
		Body: "Continue your conversation with " + string(name) + " here: " + base + p.Path(), CreatedAt: tx.Now()}
	if err := tx.SMS.Insert(m); err != nil {
		return err
	}
	return tx.Jobs.Enqueue(model.Job{Kind: model.SendSMS, Payload: model.SendSMSPayload{SMS: m.ID}})
}
