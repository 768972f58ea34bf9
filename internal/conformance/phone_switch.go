package conformance

// The number is that of a contact of ours, and one of those that are kept free for
// books and films, so that no telephone gets the message. A server may know that
// and refuse it.
func phoneSwitch() group {
	return group{"Switch", []*operation{
		{id: "createPhoneSwitch", method: post, path: "/phone_call_redirects", calls: []call{
			{body: `{"phone":"${user_phone}"}`,
				instead: []instead{
					{400, "sms_failed", "the server could not send a message to a number that is nobody's"},
					{400, "invalid_phone_number", "the server refuses a number that is nobody's"},
					{422, "", "the server refuses a number that is nobody's"},
				}},
		}},
	}}
}
