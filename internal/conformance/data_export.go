package conformance

// One export is read to its end and downloaded, a second one is cancelled. A
// workspace has one at a time.
func dataExport() group {
	busy := []instead{{429, "", "another export of the workspace is running"}}
	body := `{"created_at_after":${month_ago},"created_at_before":${now}}`
	return group{"Data Export", []*operation{
		{id: "createDataExport", method: post, path: "/export/content/data", calls: []call{
			{body: body, instead: busy, keep: map[string]string{"export": "job_identifier"},
				undo: undo{method: post, path: "/export/cancel/${export}", any4xx: true}},
			{body: body, instead: busy, keep: map[string]string{"second_export": "job_identifier"}, after: []string{"getDataExport"},
				undo: undo{method: post, path: "/export/cancel/${second_export}", any4xx: true}},
		}},
		{id: "getDataExport", method: get, path: "/export/content/data/{job_identifier}", unknown: []string{"not_found"}, calls: []call{
			{to: "/export/content/data/${export}", pick: map[string]string{"completed_export": "status=completed.job_identifier"},
				until: []string{"completed", "no_data", "failed", "canceled"}},
		}},
		{id: "downloadDataExport", method: get, path: "/download/content/data/{job_identifier}", unknown: []string{"not_found"},
			accept: "application/octet-stream", calls: []call{{to: "/download/content/data/${completed_export}"}}},
		{id: "cancelDataExport", method: post, path: "/export/cancel/{job_identifier}", unknown: []string{"not_found"}, calls: []call{
			{to: "/export/cancel/${second_export}"},
		}},
	}}
}
