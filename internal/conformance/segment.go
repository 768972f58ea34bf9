package conformance

func segments() group {
	return group{"Segments", []*operation{
		{id: "listSegments", method: get, path: "/segments", calls: []call{
			{to: "/segments?include_count=true", pick: map[string]string{"segment": "segments.0.id"}},
		}},
		{id: "retrieveSegment", method: get, path: "/segments/{id}", unknown: []string{"not_found"}, calls: []call{{to: "/segments/${segment}"}}},
		{id: "listSegmentsForAContact", method: get, path: "/contacts/{contact_id}/segments", unknown: []string{"not_found"}, calls: []call{
			{to: "/contacts/${user}/segments"},
		}},
	}}
}
