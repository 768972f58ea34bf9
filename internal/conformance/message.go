package conformance

// The message is shown in the Messenger; nobody gets an e-mail.
func messages() group {
	return group{"Messages", []*operation{
		{id: "createMessage", method: post, path: "/messages", calls: []call{
			{body: `{"message_type":"inapp","from":{"type":"admin","id":"${me}"},"to":{"type":"user","id":"${user}"},` +
				`"body":"Welcome! Shall we set up your first calendar together?${mark}"}`, late: true},
		}},
	}}
}
