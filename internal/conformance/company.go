package conformance

func companies() group {
	return group{"Companies", []*operation{
		{id: "createOrUpdateCompany", method: post, path: "/companies", calls: []call{
			{body: `{"company_id":"harbour-bikes${word}","name":"Harbour Bikes${mark}","website":"https://harbour-bikes.example",` +
				`"industry":"Bicycle rental","size":12,"monthly_spend":49}`,
				keep: map[string]string{"company": "id", "company_key": "company_id"},
				undo: undo{method: del, path: "/companies/${company}"}},
		}},
		{id: "attachContactToACompany", method: post, path: "/contacts/{contact_id}/companies", unknown: []string{"not_found"}, calls: []call{
			{to: "/contacts/${user}/companies", body: `{"id":"${company}"}`, late: true},
		}},
		{id: "retrieveCompany", method: get, path: "/companies", calls: []call{
			{to: "/companies?company_id=${company_key}", late: true},
		}},
		{id: "retrieveACompanyById", method: get, path: "/companies/{company_id}", unknown: []string{"company_not_found"}, calls: []call{
			{to: "/companies/${company}", late: true},
		}},
		{id: "updateCompany", method: put, path: "/companies/{company_id}", unknown: []string{"company_not_found"}, calls: []call{
			{to: "/companies/${company}", body: `{"size":14,"monthly_spend":59}`, late: true},
		}},
		{id: "listAllCompanies", method: post, path: "/companies/list", reads: true, calls: []call{
			{to: "/companies/list?per_page=2", found: map[string]string{"company": "data.0.id", "company_key": "data.0.company_id"}},
		}},
		// A scroll keeps others from beginning one. It ends with the second page, unless
		// there are more than a hundred companies; then a minute after it.
		{id: "scrollOverAllCompanies", method: get, path: "/companies/scroll", calls: []call{
			{pick: map[string]string{"scroll": "scroll_param"},
				instead: []instead{{400, "scroll_exists", "somebody else scrolls over the companies of the workspace"}}},
			{to: "/companies/scroll?scroll_param=${scroll}"},
		}},
		{id: "listAttachedContacts", method: get, path: "/companies/{company_id}/contacts", unknown: []string{"company_not_found"}, calls: []call{
			{to: "/companies/${company}/contacts?per_page=2"},
		}},
		{id: "listAttachedSegmentsForCompanies", method: get, path: "/companies/{company_id}/segments", unknown: []string{"company_not_found"},
			calls: []call{{to: "/companies/${company}/segments"}}},
		{id: "listCompaniesForAContact", method: get, path: "/contacts/{contact_id}/companies", unknown: []string{"not_found"}, calls: []call{
			{to: "/contacts/${user}/companies?per_page=2"},
		}},
		{id: "detachContactFromACompany", method: del, path: "/contacts/{contact_id}/companies/{company_id}",
			unknown: []string{"not_found", "company_not_found"}, calls: []call{
				{to: "/contacts/${user}/companies/${company}", after: []string{"attachContactToACompany"}},
			}},
		{id: "deleteCompany", method: del, path: "/companies/{company_id}", unknown: []string{"company_not_found"}, end: true, calls: []call{
			{to: "/companies/${company}"},
		}},
	}}
}
