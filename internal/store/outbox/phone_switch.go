package outbox

import (
	"fmt"

	"parley/internal/model"
	"parley/internal/store/record"
)

// PhoneSwitches are the links to the Messenger that were sent to phones.
type PhoneSwitches struct{ *record.Scope }

// Lock keeps others from switching that phone until the transaction ends.
func (s PhoneSwitches) Lock(phone string) error {
	return s.Scope.Lock("phone switch " + string(s.Workspace) + " " + phone)
}

// Insert writes a new switch.
func (s PhoneSwitches) Insert(p *model.PhoneSwitch) error {
	err := s.Write(`INSERT INTO phone_switches (workspace_id, id, contact_id, phone, created_at) VALUES ($1, $2, $3, $4, $5)`,
		s.Workspace, p.ID, p.Contact, p.Phone, p.CreatedAt)
	if err != nil {
		return fmt.Errorf("store: insert phone switch: %w", err)
	}
	return nil
}

// CountAfter counts the switches of a phone that were made after a time.
func (s PhoneSwitches) CountAfter(phone string, at int64) (int, error) {
	var n int
	err := s.QueryRow(`SELECT count(*) FROM phone_switches WHERE workspace_id = $1 AND phone = $2 AND created_at > $3`,
		s.Workspace, phone, at).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("store: count phone switches: %w", err)
	}
	return n, nil
}
