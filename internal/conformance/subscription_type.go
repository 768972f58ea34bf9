package conformance

func subscriptionTypes() group {
	return group{"Subscription Types", []*operation{
		{id: "listSubscriptionTypes", method: get, path: "/subscription_types", calls: []call{
			{pick: map[string]string{"live_subscription_type": "data.state=live.id", "consent_type": "data.state=live.consent_type"}},
		}},
		{id: "attachSubscriptionTypeToContact", method: post, path: "/contacts/{contact_id}/subscriptions", unknown: []string{"not_found"}, calls: []call{
			{to: "/contacts/${user}/subscriptions", body: `{"id":"${live_subscription_type}","consent_type":"${consent_type}"}`, late: true},
		}},
		{id: "listSubscriptionsForAContact", method: get, path: "/contacts/{contact_id}/subscriptions", unknown: []string{"not_found"}, calls: []call{
			{to: "/contacts/${user}/subscriptions"},
		}},
		{id: "detachSubscriptionTypeToContact", method: del, path: "/contacts/{contact_id}/subscriptions/{id}",
			unknown: []string{"not_found", "not_found"}, calls: []call{
				{to: "/contacts/${user}/subscriptions/${live_subscription_type}", after: []string{"attachSubscriptionTypeToContact"}},
			}},
		// The same under the name that the Ruby SDK calls.
		{id: "attachSubscriptionTypeOfAContact", method: post, path: "/contacts/{contact_id}/subscription_types", beyond: true, unknown: []string{"not_found"},
			calls: []call{
				{to: "/contacts/${user}/subscription_types", body: `{"id":"${live_subscription_type}","consent_type":"${consent_type}"}`, late: true},
			}},
		{id: "listSubscriptionTypesForAContact", method: get, path: "/contacts/{contact_id}/subscription_types", beyond: true, unknown: []string{"not_found"},
			calls: []call{{to: "/contacts/${user}/subscription_types"}}},
		{id: "detachSubscriptionTypeOfAContact", method: del, path: "/contacts/{contact_id}/subscription_types/{id}", beyond: true,
			unknown: []string{"not_found", "not_found"}, calls: []call{
				{to: "/contacts/${user}/subscription_types/${live_subscription_type}", after: []string{"attachSubscriptionTypeOfAContact"}},
			}},
	}}
}
