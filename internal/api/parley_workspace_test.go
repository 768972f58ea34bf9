package api_test

import (
	"strings"
	"testing"

	"parley/internal/app"
	"parley/internal/apptest"
)

func TestWorkspaces(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		r = r.AsDeveloper()
		made := r.Post(t, "/_parley/workspaces", object{"name": "Mine", "timezone": "Europe/Berlin", "region": "EU"}).OK()
		id, token := made.ID(), made.At("access_token").(string)
		const shown = `{"type":"workspace","id":"<id>","name":"Mine","timezone":"Europe/Berlin","region":"EU","created_at":1768478400}`
		is(t, r.Get(t, "/_parley/workspaces/"+id), shown, "<id>", id)
		if list := r.Get(t, "/_parley/workspaces?name=Mine").OK(); !strings.Contains(string(list.Body), id) || strings.Contains(string(list.Body), token) {
			t.Errorf("the list has the workspace, and no token: %s", list.Body)
		}
		me := r.Get(t, "/me", apptest.As(token)).OK()
		if me.At("app.id_code") != id || me.At("app.timezone") != "Europe/Berlin" {
			t.Errorf("the token is of another workspace: %s", me.Body)
		}
		named := strings.Repeat("z", 7) + id[:1]
		second := r.Post(t, "/_parley/workspaces", object{"id": named})
		is(t, second, `{"type":"workspace","id":"<id>","name":"Sandbox","timezone":"UTC","region":"US",
			"created_at":1768478400,"access_token":"<token>"}`, "<id>", named, "<token>", second.At("access_token").(string))
		r.Post(t, "/_parley/workspaces", object{"id": named}).Fails(409, "conflict", "There is a workspace "+named+" already")

		is(t, r.Delete(t, "/_parley/workspaces/"+id, nil), `{"id":"<id>","object":"workspace","deleted":true}`, "<id>", id)
		r.Get(t, "/me", apptest.As(token)).Fails(401, "unauthorized", "Access Token Invalid")
		for _, gone := range []string{id, "nobodyhas", "x", "%00"} {
			r.Get(t, "/_parley/workspaces/"+gone).Is(404)
			r.Delete(t, "/_parley/workspaces/"+gone, nil).Is(404)
		}
	})
}

// The commands of the documentation can be typed as they are there.
func TestCallsByHand(t *testing.T) {
	t.Parallel()
	r := apptest.New(t)
	for _, kind := range []string{"application/x-www-form-urlencoded", "", "text/plain"} {
		r.AsDeveloper().Post(t, "/_parley/workspaces", object{"name": "x"}, apptest.Header("Content-Type", kind)).OK()
	}
	r.Post(t, "/tags", object{"name": "x"}, apptest.Header("Content-Type", "text/plain")).Is(415)
}

func TestWorkspacesAreRefused(t *testing.T) {
	t.Parallel()
	r := apptest.New(t)
	dev := r.AsDeveloper()
	for name, body := range map[string]any{
		"id": object{"id": "X"}, "long name": object{"name": strings.Repeat("x", 256)}, "zone": object{"timezone": "Mars/Base"},
		"region": object{"region": "MOON"}, "no object": `[]`, "no JSON": `{`,
	} {
		t.Run(name, func(t *testing.T) { dev.Post(t, "/_parley/workspaces", body).Is(400) })
	}
	// Who has the token of a workspace rules no server, and the other way round.
	for _, token := range []string{r.Token, "", "dev-token2", "dev"} {
		r.Post(t, "/_parley/workspaces", object{}, apptest.As(token)).Fails(401, "unauthorized", "Access Token Invalid")
		r.Get(t, "/_parley/workspaces/"+string(r.Workspace.ID), apptest.As(token)).Fails(401, "unauthorized", "Access Token Invalid")
	}
	dev.Get(t, "/me").Fails(401, "unauthorized", "Access Token Invalid")
	dev.Get(t, "/_parley/apps").Fails(401, "unauthorized", "Access Token Invalid")
	// A server that is for nobody's tests has none of it.
	off := r.Restarted(t, app.Options{DevToken: apptest.NoDevToken}).Unjudged() // whose contract has it
	for _, token := range []string{apptest.DevToken, "", r.Token, apptest.NoDevToken} {
		off.Post(t, "/_parley/workspaces", object{}, apptest.As(token)).Fails(404, "not_found", "Resource Not Found")
	}
}
