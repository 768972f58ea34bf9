package api_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"parley/internal/apptest"
)

// extensions goes through Parley's own operations, which the script does not have, as the
// owner and as whoever has the token of the server: in an order in which each succeeds.
func (m *matrix) extensions() {
	t := m.t
	t.Helper()
	values := map[string]string{}
	do := func(id, path, body string, keep ...string) {
		t.Helper()
		op := m.operations[id]
		if op == nil {
			t.Fatalf("there is no operation %s", id)
		}
		for name, value := range values {
			path, body = strings.ReplaceAll(path, "<"+name+">", value), strings.ReplaceAll(body, "<"+name+">", value)
		}
		hr := httptest.NewRequest(op.method, "https://parley.example"+path, nil)
		if !m.seen[id] {
			m.ours.hear(t)
			m.try(op, hr, []byte(body))
		}
		token := m.r.Token
		if op.dev {
			token = apptest.DevToken
		}
		w := m.send(hr, []byte(body), token)
		if w.Code != http.StatusOK {
			t.Fatalf("%s is answered %d %s", id, w.Code, w.Body)
		}
		m.seen[id] = true
		for _, k := range keep {
			name, at, _ := strings.Cut(k, "=")
			var tree any
			if err := json.Unmarshal(w.Body.Bytes(), &tree); err != nil {
				t.Fatal(err)
			}
			values[name] = fmt.Sprint(valueAt(tree, at))
		}
	}

	do("createApp", "/_parley/apps", `{"name":"Sync","redirect_urls":["https://sync.test/back"],"scopes":["read_tags"]}`, "app=id")
	do("listApps", "/_parley/apps", "")
	do("retrieveApp", "/_parley/apps/<app>", "")
	do("rotateAppSecret", "/_parley/apps/<app>/secret", "")

	values["conversation"] = m.r.Get(t, "/conversations").OK().At("conversations.0.id").(string)
	values["contact"] = m.r.Get(t, "/contacts").OK().At("data.0.id").(string)
	do("createPresence", "/_parley/presence", `{"conversation_id":"<conversation>"}`)
	do("listPresence", "/_parley/presence?conversation_id=<conversation>", "")
	do("createTyping", "/_parley/typing", `{"conversation_id":"<conversation>"}`)

	do("createWebhook", "/_parley/webhooks", `{"url":"https://sync.test/","topics":["contact.user.updated"],"app_id":"<app>"}`, "webhook=id")
	do("listWebhooks", "/_parley/webhooks", "")
	do("retrieveWebhook", "/_parley/webhooks/<webhook>", "")
	do("updateWebhook", "/_parley/webhooks/<webhook>", `{"topics":["contact.user.updated","contact.user.created"]}`)
	do("pingWebhook", "/_parley/webhooks/<webhook>/ping", "")
	do("triggerWebhook", "/_parley/webhooks/<webhook>/trigger", `{"topic":"contact.user.updated","object_id":"<contact>"}`)
	do("listDeliveries", "/_parley/webhooks/<webhook>/deliveries", "")
	values["delivery"] = m.r.Get(t, "/_parley/webhooks/"+values["webhook"]+"/deliveries").OK().At("data.0.id").(string)
	do("retrieveDelivery", "/_parley/deliveries/<delivery>", "")
	do("replayDelivery", "/_parley/deliveries/<delivery>/replay", "")
	do("replayDeliveries", "/_parley/webhooks/<webhook>/replay", `{"from":1,"to":9999999999}`)
	do("deleteWebhook", "/_parley/webhooks/<webhook>", "")
	do("deleteApp", "/_parley/apps/<app>", "")

	do("createWorkspace", "/_parley/workspaces", `{"name":"Sandbox"}`, "workspace=id", "token=access_token")
	do("listWorkspaces", "/_parley/workspaces", "")
	const in = "/_parley/workspaces/<workspace>"
	do("retrieveWorkspace", in, "")
	do("updateWorkspace", in, `{"search_lag":1}`)
	do("createWorkspaceToken", in+"/tokens", "")
	do("createSnapshot", in+"/snapshots", `{"name":"before"}`)
	do("listSnapshots", in+"/snapshots", "")
	do("diffSnapshot", in+"/snapshots/before/diff", "")
	do("restoreSnapshot", in+"/snapshots/before/restore", "")
	do("deleteSnapshot", in+"/snapshots/before", "")
	do("resetWorkspace", in+"/reset", "")
	do("retrieveClock", in+"/clock", "")
	do("setClock", in+"/clock", fmt.Sprintf(`{"now":%d,"frozen":true}`, m.r.Clock.Now().Unix()))
	do("advanceClock", in+"/clock/advance", `{"seconds":3600}`)
	m.r.Clock.Pass(2 * time.Hour) // a clock is not set back
	do("resetClock", in+"/clock", "")
	do("createFault", in+"/faults", `{"operation":"identifyAdmin","status":503}`, "fault=id")
	do("listFaults", in+"/faults", "")
	do("deleteFault", in+"/faults/<fault>", "")
	do("deleteFaults", in+"/faults", "")
	do("listRequests", in+"/requests", "")
	do("assertRequests", in+"/requests/assert", `{"operation":"identifyAdmin","count":0}`)
	do("deleteRequests", in+"/requests", "")
	do("listOutbox", in+"/outbox", "")
	do("deleteWorkspace", in, "")
}
