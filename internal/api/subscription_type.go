package api

import (
	"parley/internal/model"
	"parley/internal/wire"
)

// GET /subscription_types
func (a *API) listSubscriptionTypes(r *request, _ none) (wire.List[wire.SubscriptionType], error) {
	types, err := a.People.ListSubscriptionTypes(r.Context(), r.actor)
	return list(types, err, wire.FromSubscriptionType)
}

// GET /contacts/{contact_id}/subscriptions
func (a *API) listContactSubscriptions(r *request, _ none) (wire.List[wire.SubscriptionType], error) {
	types, err := a.People.ContactSubscriptions(r.Context(), r.actor, r.contactID())
	return list(types, err, wire.FromSubscriptionType)
}

// POST /contacts/{contact_id}/subscriptions
func (a *API) attachSubscriptionType(r *request, in wire.SubscriptionRequest) (wire.SubscriptionType, error) {
	if err := in.Validate(); err != nil {
		return wire.SubscriptionType{}, err
	}
	kind := model.Decimal[model.SubscriptionTypeID](string(in.ID.Value))
	t, err := a.People.AttachSubscriptionType(r.Context(), r.actor, r.contactID(), kind, model.ConsentType(in.ConsentType.Value))
	return one(t, err, wire.FromSubscriptionType)
}

// DELETE /contacts/{contact_id}/subscriptions/{id}
func (a *API) detachSubscriptionType(r *request, _ none) (wire.SubscriptionType, error) {
	kind := model.Decimal[model.SubscriptionTypeID](r.path("id"))
	t, err := a.People.DetachSubscriptionType(r.Context(), r.actor, r.contactID(), kind)
	return one(t, err, wire.FromSubscriptionType)
}
