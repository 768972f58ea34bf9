package wire

import "parley/internal/model"

// A PhoneSwitchRequest says which phone the link goes to, and what is to be known
// of its owner.
type PhoneSwitchRequest struct {
	Phone            Opt[Text]  `json:"phone" doc:"In E.164 form; spaces, dashes, dots and parentheses between the digits mean nothing."`
	CustomAttributes Attributes `json:"custom_attributes,omitzero" doc:"Kept on the contact who has that number."`
}

// A PhoneSwitch is a link to the Messenger that is sent to a phone.
type PhoneSwitch struct {
	Type  string `json:"type" enum:"phone_call_redirect"`
	URL   string `json:"url" doc:"The link."`
	Phone string `json:"phone" doc:"In E.164 form." example:"+353832345678"`
}

// FromPhoneSwitch translates a phone switch whose link begins with base.
func FromPhoneSwitch(base string) func(*model.PhoneSwitch) PhoneSwitch {
	return func(p *model.PhoneSwitch) PhoneSwitch {
		return PhoneSwitch{"phone_call_redirect", base + p.Path(), p.Phone}
	}
}

// A SwitchError is the answer to a phone switch that is refused, which is told in
// another form than all other failures.
type SwitchError struct {
	ErrorKey string `json:"error_key" example:"invalid_phone_number"`
	Message  string `json:"message"`
}

// NewSwitchError translates a refusal.
func NewSwitchError(e *model.Error) any { return SwitchError{e.Code, e.Message} }
