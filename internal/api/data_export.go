package api

import (
	"parley/internal/model/content"
	"parley/internal/wire"
)

// POST /export/content/data
func (a *API) createDataExport(r *request, in wire.DataExportRequest) (wire.DataExport, error) {
	after, before, err := in.Range()
	if err != nil {
		return wire.DataExport{}, err
	}
	e, err := a.Content.CreateDataExport(r.Context(), r.actor, after, before)
	return one(e, err, r.showExport)
}

// GET /export/content/data/{job_identifier}
func (a *API) getDataExport(r *request, _ none) (wire.DataExport, error) {
	e, err := a.Content.FindDataExport(r.Context(), r.actor, r.exportID())
	return one(e, err, r.showExport)
}

// POST /export/cancel/{job_identifier}
func (a *API) cancelDataExport(r *request, _ none) (wire.DataExport, error) {
	e, err := a.Content.CancelDataExport(r.Context(), r.actor, r.exportID())
	return one(e, err, r.showExport)
}

// GET /download/content/data/{job_identifier}
func (a *API) downloadDataExport(r *request, _ none) (binary, error) {
	e, file, err := a.Content.OpenDataExport(r.Context(), r.actor, r.exportID())
	if err != nil {
		return binary{}, err
	}
	return binary{body: file, size: e.Size, name: string(e.ID) + ".csv.gz"}, nil
}

func (r *request) exportID() content.DataExportID {
	return content.DataExportID(r.path("job_identifier"))
}

func (r *request) showExport(e *content.DataExport) wire.DataExport {
	return wire.FromDataExport(e, r.base)
}
