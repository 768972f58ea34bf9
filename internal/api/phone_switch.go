package api

import (
	"parley/internal/model"
	"parley/internal/wire"
)

// POST /phone_call_redirects
func (a *API) createPhoneSwitch(r *request, in wire.PhoneSwitchRequest) (wire.PhoneSwitch, error) {
	p, err := a.Inbox.SwitchPhone(r.Context(), r.actor, string(in.Phone.Value), model.Attributes(in.CustomAttributes), r.base)
	return one(p, err, wire.FromPhoneSwitch(r.base))
}
