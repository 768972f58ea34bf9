package api

import (
	"parley/internal/model"
	"parley/internal/model/identity"
	"parley/internal/wire"
)

// GET /_parley/apps
func (a *API) listApps(r *request, _ none) (wire.List[wire.AppPackage], error) {
	apps, err := a.Identity.ListApps(r.Context(), r.actor)
	if err != nil {
		return wire.List[wire.AppPackage]{}, err
	}
	return wire.NewList(apps, wire.FromListedApp), nil
}

// POST /_parley/apps
func (a *API) createApp(r *request, in wire.AppRequest) (wire.AppPackage, error) {
	app, err := a.Identity.RegisterApp(r.Context(), r.actor, string(in.Name), in.RedirectURLs.Value, in.Wanted())
	return one(app, err, wire.FromApp)
}

// GET /_parley/apps/{id}
func (a *API) retrieveApp(r *request, _ none) (wire.AppPackage, error) {
	app, err := a.Identity.FindApp(r.Context(), r.actor, r.appID())
	return one(app, err, wire.FromApp)
}

// POST /_parley/apps/{id}/secret
func (a *API) rotateAppSecret(r *request, _ none) (wire.AppPackage, error) {
	app, err := a.Identity.RotateSecret(r.Context(), r.actor, r.appID())
	return one(app, err, wire.FromApp)
}

// DELETE /_parley/apps/{id}
func (a *API) deleteApp(r *request, _ none) (wire.Deleted, error) {
	app, err := a.Identity.DeleteApp(r.Context(), r.actor, r.appID())
	return one(app, err, func(app *identity.App) wire.Deleted {
		return wire.Deleted{ID: app.ID.String(), Object: "app_package", Deleted: true}
	})
}

func (r *request) appID() identity.AppID { return model.Decimal[identity.AppID](r.path("id")) }
