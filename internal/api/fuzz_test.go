package api_test

import (
	"context"
	"fmt"
	"net/url"
	"testing"

	"github.com/go-json-experiment/json"

	"parley/internal/apptest"
	"parley/internal/model"
	sandboxes "parley/internal/model/sandbox"
)

// populated are rigs on each database at hand with the same few contacts, which
// have something of everything.
func populated(f *testing.F) []*apptest.Rig {
	f.Helper()
	rigs := apptest.Rigs(f)
	same := sandboxes.With(context.Background(), sandboxes.State{IDs: "same"}) // which are searched by, too
	for _, r := range rigs {
		for _, a := range [][2]string{{"plan", "string"}, {"seats", "integer"}, {"spend", "float"}, {"paid", "boolean"}, {"since", "date"}} {
			r.Post(f, "/data_attributes", object{"name": a[0], "model": "contact", "data_type": a[1]}).OK()
		}
		r.Post(f, "/tags", `{"name":"t"}`).OK()
		for i := range 4 {
			p := model.ContactPatch{ExternalID: model.Some(fmt.Sprint(i)), CreatedAt: model.Some(int64(1768478400 - i*40000))}
			if i > 0 {
				p.Name, p.Email = model.Some("Ann_%ä"), model.Some(fmt.Sprintf("%d@x.test", i))
				p.LastSeenAt, p.OwnerID = model.Some(int64(i)), model.Some(model.AdminID(1))
				p.Attributes = model.Attributes{"plan": "pro", "seats": int64(i), "spend": float64(i) + .5, "paid": i == 1, "since": int64(i * 90000)}
				p.Profile = model.Some(model.Profile{Browser: "firefox", IOSLastSeenAt: 7})
			}
			if _, err := r.People.CreateContact(same, r.Actor(), p); err != nil {
				f.Fatal(err)
			}
		}
	}
	return rigs
}

// agree sends the same search to all databases. It is answered or refused, and
// everywhere alike.
func agree(t *testing.T, rigs []*apptest.Rig, body []byte) {
	t.Helper()
	var first *apptest.Answer
	for _, r := range rigs {
		a := r.Post(t, "/contacts/search", body)
		if a.Status != 200 && a.Status != 400 && a.Status != 413 {
			t.Fatalf("%s gives %d %s", body, a.Status, a.Body)
		}
		if first == nil {
			first = a
		} else if a.Status != first.Status || a.At("total_count") != first.At("total_count") || a.At("errors.0.message") != first.At("errors.0.message") {
			t.Fatalf("%s gives %d %s\nand %d %s", body, first.Status, first.Pretty(), a.Status, a.Pretty())
		}
	}
}

// Any body at all.
func FuzzSearchBody(f *testing.F) {
	for _, seed := range []string{
		`{"query":{"operator":"AND","value":[{"field":"created_at","operator":">","value":"1306054154"}]},"pagination":{"per_page":5}}`,
		`{"query":{"field":"custom_attributes.spend","operator":"IN","value":[1.5,"2.5"]},"sort":{"field":"custom_attributes.seats","order":"ascending"}}`,
		`{"query":{"operator":"OR","value":[{"field":"name","operator":"~","value":"_%\\"},{"operator":"AND","value":[{"field":"tag_id","operator":"!=","value":"1"},{"field":"segment_id","operator":"NIN","value":[]}]}]}}`,
		`{"query":{"field":"browser","operator":"NIN","value":[]},"sort":{"field":"browser"}}`, `{"query":null}`, `{"query":{"field":"role","operator":"=","value":null}}`,
		`{"query":{"field":"last_seen_at","operator":"=","value":1.5e0},"pagination":{"starting_after":"WzFd"}}`,
	} {
		f.Add([]byte(seed))
	}
	rigs := populated(f)
	f.Fuzz(func(t *testing.T, body []byte) { agree(t, rigs, body) })
}

// Any field, any operator and any value, within a well-formed query.
func FuzzSearchFilter(f *testing.F) {
	fields := []string{"id", "role", "name", "avatar", "owner_id", "email", "email_domain", "phone", "external_id", "created_at", "updated_at", "signed_up_at",
		"last_seen_at", "last_contacted_at", "browser", "location.city", "unsubscribed_from_emails", "ios_last_seen_at", "ios_app_device", "andoid_sdk_version",
		"segment_id", "tag_id", "custom_attributes.plan", "custom_attributes.seats", "custom_attributes.spend", "custom_attributes.paid", "custom_attributes.since"}
	operators := []string{"=", "!=", "IN", "NIN", ">", "<", ">=", "<=", "~", "!~", "^", "$"}
	values := []string{`null`, `""`, `"a"`, `1`, `-1.5`, `"1e2"`, `true`, `[]`, `[1,"a",true]`, `1e15`, `"\\%_"`, `9007199254740991`, `"-0"`}
	for i, value := range values {
		f.Add(uint8(i), uint8(i), uint8(i), i%2 == 0, "", value)
	}
	for i := range fields {
		f.Add(uint8(i), uint8(2+i%2), uint8(i), false, "", `[]`)
	}
	f.Add(uint8(0), uint8(0), uint8(0), true, "custom_attributes.nope", `1`)
	rigs := populated(f)
	f.Fuzz(func(t *testing.T, field, operator, sort uint8, ascending bool, otherField, value string) {
		name := fields[int(field)%len(fields)]
		if otherField != "" {
			name = otherField
		}
		raw, err := json.Marshal(name)
		if err != nil {
			t.Skip("the name is no text")
		}
		order := "descending"
		if ascending {
			order = "ascending"
		}
		one := fmt.Sprintf(`{"field":%s,"operator":%q,"value":%s}`, raw, operators[int(operator)%len(operators)], value)
		agree(t, rigs, fmt.Appendf(nil, `{"query":{"operator":"OR","value":[%s,{"field":"name","operator":"=","value":"x"}]},"sort":{"field":%q,"order":%q},"pagination":{"per_page":2}}`,
			one, fields[int(sort)%len(fields)], order))
	})
}

// Any id, in the path, in a body and as a cursor: nothing is found and nothing
// fails.
func FuzzID(f *testing.F) {
	for _, seed := range []string{"", "1", "6657aae86abd0164c24b0d29", "'", "\"", "a/b", "..", "\x00", "\xff", "%", "😀", "null", "-1", "9223372036854775808"} {
		f.Add(seed)
	}
	rigs := populated(f)
	f.Fuzz(func(t *testing.T, id string) {
		raw, err := json.Marshal(id)
		for _, r := range rigs {
			for _, call := range []struct{ method, path, body string }{
				{"GET", "/contacts/" + url.PathEscape(id), ``},
				{"POST", "/contacts/" + url.PathEscape(id) + "/archive", ``},
				{"DELETE", "/tags/404" + url.PathEscape(id), ``},
				{"GET", "/visitors?user_id=" + url.QueryEscape(id), ``},
				{"GET", "/contacts?starting_after=x" + url.QueryEscape(id), ``},
				{"POST", "/contacts/merge", fmt.Sprintf(`{"from":%s,"into":%s}`, raw, raw)},
				{"POST", "/tags", fmt.Sprintf(`{"name":"x","users":[{"id":%s}]}`, raw)},
				{"PUT", "/visitors", fmt.Sprintf(`{"user_id":%s}`, raw)},
			} {
				if call.body != "" && err != nil {
					continue // no text
				}
				a := r.Do(t, call.method, call.path, call.body)
				if a.Status != 404 && a.Status != 400 && !(id == "" && a.Status == 200) {
					t.Errorf("%s %q answers %d %s", a.Call, id, a.Status, a.Body)
				}
			}
		}
	})
}
