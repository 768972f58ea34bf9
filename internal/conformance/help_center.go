package conformance

func helpCenter() group {
	return group{"Help Center", []*operation{
		{id: "createCollection", method: post, path: "/help_center/collections", calls: []call{
			{body: `{"name":"Taking bookings${mark}","description":"From the first calendar to the last reminder"}`,
				keep: map[string]string{"collection": "id"},
				undo: undo{method: del, path: "/help_center/collections/${collection}"}},
		}},
		// The first collection of a workspace brings its help center along.
		{id: "listHelpCenters", method: get, path: "/help_center/help_centers", calls: []call{
			{pick: map[string]string{"help_center": "data.0.id"}},
		}},
		{id: "retrieveHelpCenter", method: get, path: "/help_center/help_centers/{id}", unknown: []string{"not_found"}, calls: []call{
			{to: "/help_center/help_centers/${help_center}"},
		}},
		{id: "listAllCollections", method: get, path: "/help_center/collections", calls: []call{
			{to: "/help_center/collections?per_page=2", found: map[string]string{"collection": "data.0.id"}},
		}},
		{id: "retrieveCollection", method: get, path: "/help_center/collections/{id}", unknown: []string{"not_found"}, calls: []call{
			{to: "/help_center/collections/${collection}", late: true},
		}},
		{id: "updateCollection", method: put, path: "/help_center/collections/{id}", unknown: []string{"not_found"}, calls: []call{
			{to: "/help_center/collections/${collection}", body: `{"name":"Taking bookings and deposits${mark}"}`, late: true},
		}},
		{id: "deleteCollection", method: del, path: "/help_center/collections/{id}", unknown: []string{"not_found"}, end: true, calls: []call{
			{to: "/help_center/collections/${collection}"},
		}},
		{id: "createSection", method: post, path: "/help_center/sections", calls: []call{
			{body: `{"name":"Before the season${mark}","parent_id":${collection}}`,
				keep: map[string]string{"section": "id"}, late: true,
				undo: undo{method: del, path: "/help_center/sections/${section}"}},
		}},
		{id: "listAllSections", method: get, path: "/help_center/sections", calls: []call{
			{to: "/help_center/sections?per_page=2", found: map[string]string{"section": "data.0.id"}},
		}},
		{id: "retrieveSection", method: get, path: "/help_center/sections/{id}", unknown: []string{"not_found"}, calls: []call{
			{to: "/help_center/sections/${section}", late: true},
		}},
		{id: "updateSection", method: put, path: "/help_center/sections/{id}", unknown: []string{"not_found"}, calls: []call{
			{to: "/help_center/sections/${section}", body: `{"name":"Before the first season${mark}","parent_id":${collection}}`, late: true},
		}},
		{id: "deleteSection", method: del, path: "/help_center/sections/{id}", unknown: []string{"not_found"}, end: true, calls: []call{
			{to: "/help_center/sections/${section}"},
		}},
	}}
}
