package api_test

import (
	"testing"

	"parley/internal/apptest"
)

func TestSnapshotOnce(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		dev := r.AsDeveloper()
		made := dev.Post(t, "/_parley/workspaces", object{"seed": "demo"}).OK()
		path := "/_parley/workspaces/" + made.ID()
		token := apptest.As(made.At("access_token").(string))
		t.Log(string(r.Get(t, "/counts", token).OK().Body))
		dev.Post(t, path+"/snapshots", object{"name": "a"}).OK()
		dev.Post(t, path+"/snapshots", object{"name": "a"}).Is(409)
		r.Post(t, "/contacts", object{"email": "x@y.test"}, token).OK()
		t.Log(string(dev.Get(t, path+"/snapshots/a/diff").OK().Body))
		dev.Post(t, path+"/snapshots/a/restore", nil).OK()
		t.Log(string(dev.Get(t, path+"/snapshots/a/diff").OK().Body))
		dev.Post(t, path+"/reset", nil).OK()
		t.Log(string(r.Get(t, "/counts", token).OK().Body))
		again := dev.Post(t, "/_parley/workspaces", object{"seed": "demo"}).OK()
		t.Log(string(r.Get(t, "/counts", apptest.As(again.At("access_token").(string))).OK().Body))
		other := dev.Post(t, "/_parley/workspaces", object{"snapshot": object{"workspace_id": made.ID(), "name": "a"}}).OK()
		t.Log(string(r.Get(t, "/counts", apptest.As(other.At("access_token").(string))).OK().Body))
		t.Log(string(r.Get(t, "/help_center/help_centers", apptest.As(other.At("access_token").(string))).OK().Body))
		dev.Delete(t, path, nil).OK()
		dev.Post(t, "/_parley/workspaces/"+other.ID()+"/reset", nil).OK()
	})
}
