package conformance

func dataEvents() group {
	return group{"Data Events", []*operation{
		{id: "createDataEvent", method: post, path: "/events", calls: []call{
			{body: `{"event_name":"imported-bookings${label}","created_at":${now},"user_id":"${user_external_id}",` +
				`"metadata":{"source":"spreadsheet","bookings":412,"deposits":{"amount":184500,"currency":"eur"}}}`, status: 202, late: true},
		}},
		{id: "listDataEvents", method: get, path: "/events", calls: []call{
			{to: "/events?type=user&intercom_user_id=${user}&per_page=2", late: true},
		}},
		{id: "dataEventSummaries", method: post, path: "/events/summaries", calls: []call{
			{body: `{"user_id":"${user_external_id}","event_summaries":{"event_name":"imported-bookings${label}","count":4,` +
				`"first":${month_ago},"last":${hour_ago}}}`, late: true},
		}},
	}}
}
