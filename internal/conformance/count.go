package conformance

func counts() group {
	return group{"Counts", []*operation{
		{id: "counts", method: get, path: "/counts", beyond: true, calls: []call{{}}},
	}}
}
