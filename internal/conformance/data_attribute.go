package conformance

// A data attribute cannot be deleted; it is archived in the end.
func dataAttributes() group {
	return group{"Data Attributes", []*operation{
		{id: "createDataAttribute", method: post, path: "/data_attributes", calls: []call{
			{body: `{"name":"rental-stations${word}","model":"contact","data_type":"integer","description":"How many stations the customer rents out from${mark}"}`,
				keep: map[string]string{"data_attribute": "id"},
				undo: undo{method: put, path: "/data_attributes/${data_attribute}", body: `{"archived":true}`}},
		}},
		{id: "listDataAttributes", method: get, path: "/data_attributes", calls: []call{{to: "/data_attributes?model=company"}}},
		{id: "updateDataAttribute", method: put, path: "/data_attributes/{id}", unknown: []string{"field_not_found"}, calls: []call{
			{to: "/data_attributes/${data_attribute}", body: `{"description":"How many stations the customer rents out from, closed ones left out${mark}"}`, late: true},
		}},
	}}
}
