package sandbox_test

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"parley/internal/apptest"
)

// calls makes calls of every sort that makes something, and returns all that was answered
// and told, without the id of the workspace and that of its token.
func calls(t *testing.T, b *bench) []string {
	t.Helper()
	var answers []string
	var mu sync.Mutex
	id, sum := strings.TrimPrefix(b.path, "/_parley/workspaces/"), sha256.Sum256([]byte(b.Token))
	own := strings.NewReplacer(id, "<workspace>", hex.EncodeToString(sum[:])[:12], "<token>")
	keep := func(what, text string) {
		mu.Lock()
		defer mu.Unlock()
		answers = append(answers, own.Replace(what+" "+text))
	}
	to := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, q *http.Request) {
		body, _ := io.ReadAll(q.Body)
		keep("told", string(body))
	}))
	defer to.Close()
	do := func(method, path string, body any) *apptest.Answer {
		t.Helper()
		a := b.Do(t, method, path, body).OK()
		keep(a.Call, string(a.Body))
		return a
	}
	b.Post(t, "/_parley/webhooks", object{"url": to.URL, "topics": []string{"*"}}).OK() // at a port of its own

	user := do("POST", "/contacts", object{"role": "user", "email": "ann@x.test", "name": "Ann"}).ID()
	lead := do("POST", "/contacts", object{"role": "lead"}).ID()
	do("PUT", "/contacts/"+lead, object{"name": "Lea"})
	do("GET", "/contacts/"+user, nil)
	company := do("POST", "/companies", object{"company_id": "c1", "name": "Acme", "plan": "Pro"}).ID()
	do("POST", "/companies", object{"company_id": "c2", "name": "Bits"})
	do("POST", "/contacts/"+user+"/companies", object{"id": company})
	do("POST", "/contacts/"+user+"/notes", object{"body": "Tall", "admin_id": b.admin})
	tag := do("POST", "/tags", object{"name": "vip"}).ID()
	do("POST", "/contacts/"+user+"/tags", object{"id": tag})
	do("POST", "/data_attributes", object{"name": "size", "model": "contact", "data_type": "integer"})
	b.Post(t, "/events", object{"event_name": "bought", "created_at": now, "user_id": "", "email": "ann@x.test"}).Is(202)
	do("GET", "/events?type=user&email=ann@x.test", nil)
	c := "/conversations/" + do("POST", "/conversations", object{"from": object{"type": "user", "id": user}, "body": "Hello"}).At("conversation_id").(string)
	reply := func(body object) {
		t.Helper()
		body["admin_id"] = b.admin
		do("POST", c+"/reply", body)
	}
	reply(object{"type": "admin", "message_type": "comment", "body": "Hi"})
	reply(object{"type": "admin", "message_type": "note", "body": "Hm"})
	reply(object{"type": "admin", "message_type": "quick_reply", "body": "Yes?", "reply_options": []object{{"text": "Yes", "uuid": "my-own"}}})
	do("POST", c+"/reply", object{"type": "user", "intercom_user_id": user, "message_type": "comment", "body": "Yes"})
	do("POST", c+"/tags", object{"id": tag, "admin_id": b.admin})
	do("POST", c+"/parts", object{"type": "admin", "admin_id": b.admin, "message_type": "snoozed", "snoozed_until": now + day})
	do("POST", c+"/customers", object{"admin_id": b.admin, "customer": object{"email": "new@x.test"}})
	do("POST", "/messages", object{"message_type": "inapp", "body": "News", "from": object{"type": "admin", "id": b.admin}, "to": object{"type": "user", "id": user}})
	kind := do("POST", "/ticket_types", object{"name": "Bug", "category": "Customer"}).ID()
	do("POST", "/ticket_types/"+kind+"/attributes", object{"name": "How bad", "description": "It is", "data_type": "list", "list_items": "High,Low"})
	ticket := do("POST", "/tickets", object{"ticket_type_id": kind, "contacts": []object{{"id": user}},
		"ticket_attributes": object{"_default_title_": "It broke"}}).ID()
	do("POST", "/help_center/collections", object{"name": "Guides"})
	do("POST", "/articles", object{"title": "How", "author_id": b.admin, "body": "<p>So</p>", "state": "published"})
	do("POST", "/news/news_items", object{"title": "New", "sender_id": b.admin, "body": "<p>It is</p>", "state": "draft"})
	do("GET", "/companies/scroll", nil)
	export := do("POST", "/export/content/data", object{"created_at_after": now - day, "created_at_before": now + day}).At("job_identifier").(string)
	do("GET", "/export/content/data/"+export, nil)
	do("PUT", "/admins/"+b.admin+"/away", object{"away_mode_enabled": true, "away_mode_reassign": false})
	do("GET", "/admins/activity_logs?created_at_after=1&created_at_before=4000000000", nil)
	b.advance(object{"seconds": 2 * day}, now+2*day)
	do("GET", c, nil)
	do("GET", "/tickets/"+ticket, nil)
	do("GET", "/contacts", nil)
	do("POST", "/contacts/search", object{"query": object{"field": "role", "operator": "=", "value": "lead"}})
	do("POST", "/conversations/search", object{"query": object{"field": "id", "operator": ">", "value": "0"}})
	do("POST", "/contacts/merge", object{"from": lead, "into": user})
	do("DELETE", "/contacts/"+user, nil)
	b.advance(object{"seconds": day}, now+3*day)
	return answers
}

// TestTheSameIDsEachTime makes the same calls in two workspaces.
func TestTheSameIDsEachTime(t *testing.T) {
	apptest.OnEachWith(t, loopback, func(t *testing.T, r *apptest.Rig) {
		first := calls(t, newBench(t, r, object{"ids": "42", "frozen": true}))
		second := calls(t, newBench(t, r, object{"ids": 42, "frozen": true}))
		if len(first) < 60 {
			t.Errorf("%d answers and notifications", len(first))
		}
		// Several objects are told at once, in the order in which they come.
		if diff := cmp.Diff(sorted(first), sorted(second)); diff != "" {
			t.Errorf("the same calls are answered differently (-first +second):\n%s", diff)
		}
		other := calls(t, newBench(t, r, object{"ids": "43", "frozen": true}))
		if strings.Join(sorted(other), "\n") == strings.Join(sorted(first), "\n") {
			t.Error("another seed makes the same ids")
		}
	})
}

func sorted(list []string) []string { return slices.Sorted(slices.Values(list)) }

// TestIDsWithoutAFrozenClock holds that ids do not depend on when they are made.
func TestIDsWithoutAFrozenClock(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		made := func() (ids []string) {
			b := newBench(t, r, object{"ids": "a"})
			for range 3 {
				ids = append(ids, b.lead())
				b.Post(t, "/contacts", object{"role": "lead", "email": "no address"}).Is(400) // which counts for nothing
				r.Clock.Pass(3 * 1e9)
			}
			return ids
		}
		first := made()
		if diff := cmp.Diff(first, made()); diff != "" {
			t.Errorf("(-first +second):\n%s", diff)
		}
		if first[0] >= first[1] || first[1] >= first[2] {
			t.Errorf("they are not in the order in which they were made: %v", first)
		}
	})
}
