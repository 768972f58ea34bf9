package api_test

import (
	"slices"
	"strings"
	"testing"

	"parley/internal/api"
	"parley/internal/apptest"
	"parley/internal/model/identity"
)

func TestApps(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		made := r.Post(t, "/_parley/apps", object{"name": " Sync ", "redirect_urls": []string{"https://sync.test/back?a=1", "http://localhost:9/back"},
			"scopes": []string{"write_tags", "read_tags", "read_tags"}}).OK()
		id, client, secret := made.ID(), made.At("client_id").(string), made.At("client_secret").(string)
		const shown = `{"type":"app_package","id":"<id>","name":"Sync","client_id":"<client>","client_secret":"<secret>",
			"redirect_urls":["https://sync.test/back?a=1","http://localhost:9/back"],"scopes":["read_tags","write_tags"],"created_at":1768478400}`
		is(t, made, shown, "<id>", id, "<client>", client, "<secret>", secret)
		is(t, r.Get(t, "/_parley/apps/"+id), shown, "<id>", id, "<client>", client, "<secret>", secret)
		is(t, r.Get(t, "/_parley/apps"), `{"type":"list","data":[`+strings.Replace(shown, `"client_secret":"<secret>",`, "", 1)+`]}`,
			"<id>", id, "<client>", client)

		other := r.Elsewhere(t)
		for _, path := range []string{"/_parley/apps/" + id, "/_parley/apps/0", "/_parley/apps/x"} {
			other.Get(t, path).Fails(404, "not_found", "App not found")
			other.Delete(t, path, nil).Fails(404, "not_found", "App not found")
			other.Post(t, path+"/secret", nil).Fails(404, "not_found", "App not found")
		}
		is(t, other.Get(t, "/_parley/apps"), `{"type":"list","data":[]}`)

		rotated := r.Post(t, "/_parley/apps/"+id+"/secret", nil).OK()
		if rotated.At("client_secret") == secret || rotated.At("client_id") != client {
			t.Errorf("after the rotation: %s", rotated.Body)
		}
		is(t, r.Delete(t, "/_parley/apps/"+id, nil), `{"id":"<id>","object":"app_package","deleted":true}`, "<id>", id)
		r.Get(t, "/_parley/apps/"+id).Fails(404, "not_found", "App not found")
	})
}

func TestAppsAreRefused(t *testing.T) {
	t.Parallel()
	r := apptest.New(t)
	urls := func(all ...string) object { return object{"name": "x", "redirect_urls": all} }
	many := make([]string, 21)
	for i := range many {
		many[i] = "https://x.test/" + strings.Repeat("a", i+1)
	}
	for name, body := range map[string]any{
		"no name": object{}, "empty name": object{"name": " "}, "long name": object{"name": strings.Repeat("x", 256)},
		"unknown scope": object{"name": "x", "scopes": []string{"root"}}, "too many URLs": urls(many...),
		"http": urls("http://x.test/"), "no host": urls("https:///x"), "relative": urls("/x"), "empty": urls(""), "script": urls("javascript:alert(1)"),
		"data": urls("data:text/html,x"), "fragment": urls("https://x.test/#"), "account": urls("https://a@x.test/"),
		"backslash": urls(`https://x.test\@evil.test/`), "backslash in the path": urls(`https://x.test/\evil`), "space": urls("https://x.test/ "),
		"line break": urls("https://x.test/\r\nSet-Cookie: a=b"), "letters beyond ASCII": urls("https://x.test/ü"),
		"loopback in a name": urls("http://localhost.evil.test/"), "loopback in an account": urls("http://127.0.0.1@evil.test/"),
		"too long": urls("https://x.test/" + strings.Repeat("a", 2048)), "no text": object{"name": "x", "redirect_urls": []any{1}},
		"no list": object{"name": "x", "scopes": "read_tags"},
	} {
		if a := r.Post(t, "/_parley/apps", body); a.Status != 400 {
			t.Errorf("%s: %d %s", name, a.Status, a.Body)
		}
	}
	for _, u := range []string{"http://127.0.0.1:3000/x", "http://[::1]/x", "https://X.test", "http://LOCALHOST/"} {
		r.Post(t, "/_parley/apps", urls(u)).OK()
	}
	for i := len(r.Get(t, "/_parley/apps").OK().At("data").([]any)); i < identity.MaxApps; i++ {
		if _, err := r.Identity.RegisterApp(t.Context(), r.Actor(), "x", nil, nil); err != nil {
			t.Fatal(err)
		}
	}
	r.Post(t, "/_parley/apps", urls()).Fails(400, "parameter_invalid", "A workspace can have 100 apps at most")
}

// TestScopes holds that an app may do what its scopes say and nothing else: every
// operation has a scope, and is refused to an app that lacks it.
func TestScopes(t *testing.T) {
	t.Parallel()
	r := apptest.New(t)
	type op struct{ ID, Method, Path string }
	var all []op
	for _, path := range []string{"/openapi.json", "/_parley/openapi.json"} {
		var document struct {
			Paths map[string]map[string]struct{ OperationID string }
		}
		r.Get(t, path).OK().Decode(&document)
		for path, methods := range document.Paths {
			for method, o := range methods {
				all = append(all, op{o.OperationID, strings.ToUpper(method), path})
			}
		}
	}
	known, with, without := api.Scopes(), map[identity.Scope]string{}, map[identity.Scope]string{}
	for _, op := range all {
		if strings.HasPrefix(op.Path, "/_parley/workspaces") { // no app has the token of the server
			r.Do(t, op.Method, op.Path, nil, apptest.As(r.AppToken(t))).Fails(401, "unauthorized", "Access Token Invalid")
			continue
		}
		scope, listed := known[op.ID]
		if !listed {
			t.Errorf("%s has no scope: say in scopes.go what an app needs for it", op.ID)
		}
		delete(known, op.ID)
		if scope != identity.NoScope && !scope.Known() {
			t.Errorf("%s needs the scope %q, which there is not", op.ID, scope)
		}
		path, accept := strings.NewReplacer("{", "", "}", "").Replace(op.Path), apptest.Header("Accept", "*/*")
		if with[scope] == "" {
			others := slices.DeleteFunc(identity.Scopes(), func(s identity.Scope) bool { return s == scope || s.Includes(scope) })
			with[scope], without[scope] = r.AppToken(t, scope), r.AppToken(t, others...)
			if a := r.Do(t, op.Method, path, nil, apptest.As(with[scope]), accept); a.Status == 403 || a.Status == 401 {
				t.Errorf("%s with the scope %q: %d %s", op.ID, scope, a.Status, a.Body)
			}
		}
		if a := r.Do(t, op.Method, path, nil, apptest.As(without[scope]), accept); scope == identity.NoScope {
			a.OK()
		} else {
			a.Fails(403, "forbidden", "You do not have the required scope ("+string(scope)+") to access this resource")
		}
	}
	for id := range known {
		t.Errorf("there is a scope for %s, which is not served", id)
	}
}
