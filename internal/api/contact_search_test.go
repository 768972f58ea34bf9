package api_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"parley/internal/apptest"
	"parley/internal/db"
	"parley/internal/model"
)

// search asks for the contacts that match a query, given as Go values or JSON.
func search(t *testing.T, r *apptest.Rig, query any) *apptest.Answer {
	t.Helper()
	if text, ok := query.(string); ok {
		return r.Post(t, "/contacts/search", `{"query":`+text+`}`)
	}
	return r.Post(t, "/contacts/search", object{"query": query})
}

// filter is one filter.
func filter(field, operator string, value any) object {
	return object{"field": field, "operator": operator, "value": value}
}

// finds checks which of some contacts a query finds, by the names the test has
// for them.
func finds(t *testing.T, r *apptest.Rig, names map[string]string, query any, want ...string) {
	t.Helper()
	a := search(t, r, query)
	got := []string{}
	for _, id := range ids(t, a) {
		got = append(got, names[id])
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		body, _ := json.Marshal(query)
		t.Errorf("%s finds %q, want %q", body, got, want)
	}
	if total := a.At("total_count"); total != float64(len(got)) {
		t.Errorf("%d found, and total_count is %v", len(got), total)
	}
}

// execute runs a statement that no operation runs; $1 is the workspace.
func execute(t testing.TB, r *apptest.Rig, statement string, args ...any) {
	t.Helper()
	err := r.Database.Update(context.Background(), func(tx *db.Tx) error {
		_, err := tx.Exec(statement, append([]any{r.Workspace.ID}, args...)...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Every field of the published table, with every operator of its type. Ann has a
// value in each, Nobody in none that can be without.
func TestSearchByEveryField(t *testing.T) {
	const (
		strings = `= != IN NIN ~ !~ ^ $`
		numbers = `= != IN NIN < > <= >=`
		dates   = `= < >`
		truths  = `= != IN NIN`
		member  = `= !=`
		// Ann has this time; it is 10:30 on a Wednesday in Los Angeles.
		at = 1704911400
	)
	fields := []struct {
		name      string
		operators string
		value     any // Ann's
		nobody    any // Nobody's
		column    string
	}{
		{"id", strings, nil, nil, ""}, // filled in below
		{"role", strings, "user", "lead", ""},
		{"name", strings, "Ann Öwner", nil, ""},
		{"avatar", strings, "https://x.test/Ann.png", nil, ""},
		{"owner_id", numbers, 1, nil, ""},
		{"email", strings, "ann@acme.test", nil, ""},
		{"email_domain", strings, "acme.test", nil, ""},
		{"phone", strings, "+353 EXT 7", nil, ""},
		{"external_id", strings, "Ann-1", "lead-1", ""},
		{"created_at", dates, at, at + 10*86400, ""},
		{"updated_at", dates, at, at + 10*86400, ""},
		{"signed_up_at", dates, at, nil, ""},
		{"last_seen_at", dates, at, nil, ""},
		{"last_contacted_at", dates, at, nil, "last_contacted_at"},
		{"last_replied_at", dates, at, nil, "last_replied_at"},
		{"last_email_opened_at", dates, at, nil, "last_email_opened_at"},
		{"last_email_clicked_at", dates, at, nil, "last_email_clicked_at"},
		{"language_override", strings, "fr-FR", nil, ""},
		{"browser", strings, "Firefox", nil, ""},
		{"browser_language", strings, "en-IE", nil, ""},
		{"os", strings, "OS X", nil, ""},
		{"location.country", strings, "Éire", nil, ""},
		{"location.region", strings, "Leinster", nil, ""},
		{"location.city", strings, "Dublin", nil, ""},
		{"unsubscribed_from_emails", truths, true, false, ""},
		{"marked_email_as_spam", truths, true, false, "marked_email_as_spam"},
		{"has_hard_bounced", truths, true, false, "has_hard_bounced"},
		{"ios_last_seen_at", dates, at, nil, ""},
		{"ios_app_version", strings, "1.2.3", nil, ""},
		{"ios_device", strings, "iPhone", nil, ""},
		{"ios_app_device", strings, "iPhone", nil, ""}, // the same under another name
		{"ios_os_version", strings, "17.0", nil, ""},
		{"ios_app_name", strings, "Acme", nil, ""},
		{"ios_sdk_version", strings, "9.9", nil, ""},
		{"android_last_seen_at", dates, at, nil, ""},
		{"android_app_version", strings, "4.5.6", nil, ""},
		{"android_device", strings, "Pixel", nil, ""},
		{"android_app_name", strings, "Acme", nil, ""},
		{"andoid_sdk_version", strings, "8.8", nil, ""},
		{"android_sdk_version", strings, "8.8", nil, ""},
		{"android_os_version", strings, "14", nil, ""},
		{"segment_id", truths, nil, nil, ""},
		{"tag_id", member, nil, nil, ""},
		{"custom_attributes.plan", strings, "Pro % Plan", nil, ""},
		{"custom_attributes.job title", strings, "Boss", nil, ""},
		{"custom_attributes.seats", numbers, 3, nil, ""},
		{"custom_attributes.spend", numbers, 155.5, nil, ""},
		{"custom_attributes.paid", truths, true, nil, ""},
		{"custom_attributes.since", dates, at, nil, ""},
	}
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		for _, a := range [][2]string{{"plan", "string"}, {"job title", "string"}, {"seats", "integer"}, {"spend", "float"}, {"paid", "boolean"}, {"since", "date"}} {
			declare(t, r, a[0], a[1])
		}
		create := func(p model.ContactPatch) string {
			c, err := r.People.CreateContact(context.Background(), r.Actor(), p)
			if err != nil {
				t.Fatal(err)
			}
			return string(c.ID)
		}
		ann := create(model.ContactPatch{
			ExternalID: model.Some("Ann-1"), Email: model.Some("Ann@Acme.test"), Phone: model.Some("+353 EXT 7"), Name: model.Some("Ann Öwner"),
			Avatar: model.Some("https://x.test/Ann.png"), OwnerID: model.Some(model.AdminID(1)), SignedUpAt: model.Some[int64](at),
			LastSeenAt: model.Some[int64](at), UnsubscribedFromEmails: model.Some(true), CreatedAt: model.Some[int64](at),
			Attributes: model.Attributes{"plan": "Pro % Plan", "job title": "Boss", "seats": int64(3), "spend": 155.5, "paid": true, "since": int64(at)},
			Profile: model.Some(model.Profile{Country: "Éire", Region: "Leinster", City: "Dublin", LanguageOverride: "fr-FR", Browser: "Firefox",
				BrowserLanguage: "en-IE", OS: "OS X", IOSLastSeenAt: at, IOSAppVersion: "1.2.3", IOSDevice: "iPhone", IOSOSVersion: "17.0",
				IOSAppName: "Acme", IOSSDKVersion: "9.9", AndroidLastSeenAt: at, AndroidAppVersion: "4.5.6", AndroidDevice: "Pixel",
				AndroidAppName: "Acme", AndroidSDKVersion: "8.8", AndroidOSVersion: "14"})})
		nobody := create(model.ContactPatch{Role: model.Some(model.RoleLead), ExternalID: model.Some("lead-1"), CreatedAt: model.Some[int64](at + 10*86400)})
		names := map[string]string{ann: "ann", nobody: "nobody"}
		tag := r.Post(t, "/tags", `{"name":"vip"}`).OK().ID()
		r.Post(t, "/contacts/"+ann+"/tags", object{"id": tag}).OK()
		segment, err := r.People.PutSegment(context.Background(), r.Actor(), model.Segment{Name: "Pros", PersonType: model.PersonUser,
			Filter: model.Filter{Field: "custom_attributes.plan", Operator: model.Contains, Value: "pro"}})
		if err != nil {
			t.Fatal(err)
		}

		for _, fd := range fields {
			t.Run(fd.name, func(t *testing.T) {
				value, theirs := fd.value, fd.nobody
				switch fd.name {
				case "id":
					value, theirs = ann, nobody
				case "tag_id":
					value = tag
				case "segment_id":
					value = string(segment.ID)
				}
				if fd.column != "" {
					execute(t, r, `UPDATE contacts SET `+fd.column+` = $2 WHERE workspace_id = $1 AND id = $3`, value, ann)
				}
				expect := func(operator string, value any, want ...string) {
					t.Helper()
					finds(t, r, names, filter(fd.name, operator, value), want...)
				}
				switch fd.operators {
				case strings:
					text := []rune(value.(string))
					expect("=", value, "ann")
					expect("=", upper(value), "ann")
					expect("=", string(text[1:]))
					expect("=", "")
					expect("!=", upper(value), "nobody")
					expect("!=", "nobody has this", "ann", "nobody")
					expect("IN", []any{"no", upper(value)}, "ann")
					expect("IN", []any{})
					expect("NIN", []any{"no", value}, "nobody")
					expect("NIN", []any{"no"}, "ann", "nobody")
					expect("NIN", []any{}, "ann", "nobody")
					expect("^", string(text[:len(text)-1]), "ann")
					expect("^", upper(string(text[:len(text)-1])), "ann")
					expect("$", string(text[1:]), "ann")
					expect("~", string(text[1:len(text)-1]), "ann")
					expect("!~", string(text[1:len(text)-1]), "nobody")
					expect("~", "nobody has this")
				case numbers:
					expect("=", value, "ann")
					expect("=", fmt.Sprint(value), "ann")
					expect("=", -1)
					expect("!=", value, "nobody")
					expect("IN", []any{value, 77}, "ann")
					expect("IN", []any{fmt.Sprint(value)}, "ann")
					expect("NIN", []any{value}, "nobody")
					expect(">", 0, "ann")
					expect(">", value)
					expect("<", value)
					expect("<", "200", "ann")
					expect(">=", value, "ann")
					expect("<=", value, "ann")
					expect("<=", 0)
				case dates:
					early, same, late := []string{}, []string{"ann"}, []string{"ann"}
					if theirs != nil {
						early, late = []string{"nobody"}, []string{"ann"}
					}
					expect("=", value, same...)
					expect("=", fmt.Sprint(value), same...)
					expect("=", float64(at)+.75, same...)
					expect("=", at+13*3600, same...)
					expect("=", at+14*3600)
					expect(">", value, early...)
					expect(">", at-86400, append(early, "ann")...)
					expect("<", value)
					expect("<", at+86400, late...)
				case truths:
					if fd.name == "segment_id" {
						expect("=", value, "ann")
						expect("!=", value, "nobody")
						expect("IN", []any{value, "no"}, "ann")
						expect("NIN", []any{value}, "nobody")
						break
					}
					expect("=", true, "ann")
					expect("=", "true", "ann")
					expect("!=", true, "nobody")
					expect("IN", []any{true}, "ann")
					expect("NIN", []any{true}, "nobody")
					expect("IN", []any{true, false}, map[bool][]string{true: {"ann"}, false: {"ann", "nobody"}}[theirs == nil]...)
				case member:
					expect("=", value, "ann")
					expect("!=", value, "nobody")
					expect("=", "404")
					expect("!=", "404", "ann", "nobody")
					expect("=", "nonsense")
				}
				if fd.operators != member && fd.name != "segment_id" {
					if theirs == nil {
						expect("=", nil, "nobody")
						expect("!=", nil, "ann")
					} else {
						expect("=", nil)
						expect("!=", nil, "ann", "nobody")
					}
				}
				for _, operator := range []string{"=", "!=", "IN", "NIN", "<", ">", "<=", ">=", "~", "!~", "^", "$"} {
					if slices.Contains(split(fd.operators), operator) {
						continue
					}
					search(t, r, filter(fd.name, operator, []any{value})).Fails(400, "parameter_invalid",
						fmt.Sprintf("Operator %q cannot be used with %s", operator, fd.name))
				}
			})
		}
	})
}

func upper(v any) string { return strings.ToUpper(v.(string)) }

func split(s string) []string { return strings.Fields(s) }

// Which values fit which fields.
func TestSearchValuesThatDoNotFit(t *testing.T) {
	tests := []struct{ field, operator, value string }{
		{"name", "=", `true`}, {"name", "=", `1.5`}, {"name", "=", `["a"]`}, {"name", "IN", `[true]`}, {"name", "~", `null`},
		{"name", "IN", `null`}, {"name", "~", `false`},
		{"owner_id", "=", `"ann"`}, {"owner_id", "=", `1.5`}, {"owner_id", "=", `true`}, {"owner_id", ">", `null`}, {"owner_id", "IN", `["x"]`},
		{"owner_id", "=", `""`}, {"owner_id", "=", `"0x10"`}, {"owner_id", "=", `"1_000"`}, {"owner_id", "=", `"1e400"`}, {"owner_id", "=", `"inf"`},
		{"owner_id", "=", `"9007199254740993"`},
		{"created_at", "=", `"foorbar"`}, {"created_at", ">", `""`}, {"created_at", ">", `true`}, {"created_at", ">", `[1]`}, {"created_at", "<", `null`},
		{"created_at", ">", `"2020-01-01"`}, {"created_at", ">", `"NaN"`}, {"created_at", ">", `1e15`},
		{"unsubscribed_from_emails", "=", `1`}, {"unsubscribed_from_emails", "=", `"yes"`}, {"unsubscribed_from_emails", "IN", `["no"]`},
		{"tag_id", "=", `true`}, {"tag_id", "=", `null`}, {"tag_id", "!=", `["1"]`}, {"segment_id", "=", `true`}, {"segment_id", "IN", `[true]`},
		{"custom_attributes.seats", "=", `"many"`}, {"custom_attributes.seats", "=", `2.5`}, {"custom_attributes.paid", "=", `"maybe"`},
		{"custom_attributes.since", "=", `"today"`}, {"custom_attributes.spend", "=", `"much"`},
	}
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		for _, a := range [][2]string{{"seats", "integer"}, {"spend", "float"}, {"paid", "boolean"}, {"since", "date"}} {
			declare(t, r, a[0], a[1])
		}
		for _, tt := range tests {
			message := fmt.Sprintf("The value for %s does not fit the field and the operator %q", tt.field, tt.operator)
			search(t, r, fmt.Sprintf(`{"field":%q,"operator":%q,"value":%s}`, tt.field, tt.operator, tt.value)).
				Fails(400, "parameter_invalid", message)
		}
		search(t, r, filter("name", "IN", "ann")).Fails(400, "parameter_invalid", "IN needs a list of values for name")
		search(t, r, filter("owner_id", "NIN", 1)).Fails(400, "parameter_invalid", "NIN needs a list of values for owner_id")
	})
}

func TestSearchGrammar(t *testing.T) {
	const one = `{"field":"role","operator":"=","value":"user"}`
	many := func(n int) string { return strings.Repeat(one+",", n-1) + one }
	group := func(operator, of string) string { return `{"operator":"` + operator + `","value":[` + of + `]}` }
	notNested := "Filters can be nested 2 levels deep at most"
	tests := []struct {
		name    string
		body    string
		want    int
		refused *refusal
	}{
		{name: "the published example", body: `{"query":{"operator":"AND","value":[{"field":"created_at","operator":">","value":"1306054154"}]},"pagination":{"per_page":5}}`, want: 1},
		{name: "one filter", body: `{"query":` + one + `}`, want: 1},
		{name: "a group of one", body: `{"query":` + group("AND", one) + `}`, want: 1},
		{name: "fifteen", body: `{"query":` + group("OR", many(15)) + `}`, want: 1},
		{name: "two levels", body: `{"query":` + group("AND", group("OR", many(15))+","+group("OR", many(15))) + `}`, want: 1},
		{name: "filters beside groups", body: `{"query":` + group("OR", one+","+group("AND", one)) + `}`, want: 1},
		{name: "nothing but null for the rest", body: `{"query":` + one + `,"pagination":null,"sort":null}`, want: 1},
		{name: "fields of later versions", body: `{"query":` + one + `,"include":["x"]}`, want: 1},
		{name: "an order without a field", body: `{"query":` + one + `,"sort":{"order":"ascending"}}`, want: 1},
		{name: "a field without an order", body: `{"query":` + one + `,"sort":{"field":"name"}}`, want: 1},

		{name: "sixteen", body: `{"query":` + group("OR", many(16)) + `}`, refused: invalid("At most 15 filters can be joined by one OR")},
		{name: "sixteen further in", body: `{"query":` + group("OR", group("AND", many(16))) + `}`, refused: invalid("At most 15 filters can be joined by one AND")},
		{name: "three levels", body: `{"query":` + group("AND", group("OR", group("AND", one))) + `}`, refused: invalid(notNested)},
		{name: "ten levels", body: `{"query":` + strings.Repeat(`{"operator":"AND","value":[`, 10) + one + strings.Repeat(`]}`, 10) + `}`, refused: invalid("The filters are nested too deeply")},
		{name: "an empty group", body: `{"query":` + group("AND", "") + `}`, refused: invalid("AND needs at least one filter")},
		{name: "an empty group further in", body: `{"query":` + group("AND", one+","+group("OR", "")) + `}`, refused: invalid("OR needs at least one filter")},
		{name: "a group that is no list", body: `{"query":{"operator":"AND","value":` + one + `}}`, refused: invalid("AND needs a list of filters")},
		{name: "a group without a value", body: `{"query":{"operator":"AND"}}`, refused: invalid("AND needs a list of filters")},
		{name: "a group of texts", body: `{"query":{"operator":"AND","value":["a"]}}`, refused: invalid("A filter must be an object with a field, an operator and a value")},
		{name: "a group of null", body: `{"query":{"operator":"AND","value":[null]}}`, refused: invalid("A filter must be an object with a field, an operator and a value")},
		{name: "no body", body: ``, refused: missing("query is required")},
		{name: "no query", body: `{}`, refused: missing("query is required")},
		{name: "a query that is null", body: `{"query":null}`, refused: missing("query is required")},
		{name: "a query that is a list", body: `{"query":[` + one + `]}`, refused: invalid("A filter must be an object with a field, an operator and a value")},
		{name: "an empty query", body: `{"query":{}}`, refused: invalid("A filter needs an operator")},
		{name: "no operator", body: `{"query":{"field":"role","value":"user"}}`, refused: invalid("A filter needs an operator")},
		{name: "no field", body: `{"query":{"operator":"=","value":"user"}}`, refused: invalid("A filter needs a field")},
		{name: "no value", body: `{"query":{"field":"role","operator":"="}}`, refused: invalid("A filter needs a value")},
		{name: "a field that is a number", body: `{"query":{"field":7,"operator":"=","value":"user"}}`, refused: invalid("field is invalid")},
		{name: "an escaped operator", body: `{"query":{"field":"created_at","operator":"&gt;","value":1}}`, refused: invalid("Operator '&gt;' is not supported")},
		{name: "a lower-case group", body: `{"query":{"operator":"and","value":[` + one + `]}}`, refused: invalid("Operator 'and' is not supported")},
		{name: "an unheard-of operator", body: `{"query":{"field":"name","operator":"` + strings.Repeat("=", 50) + `","value":1}}`, refused: invalid("Operator '" + strings.Repeat("=", 40) + "…' is not supported")},
		{name: "an unknown field", body: `{"query":{"field":"shoe_size","operator":"=","value":1}}`, refused: &refusal{400, "invalid_field", "shoe_size is not a valid search field"}},
		{name: "an empty field", body: `{"query":{"field":"","operator":"=","value":1}}`, refused: &refusal{400, "invalid_field", " is not a valid search field"}},
		{name: "a field like SQL", body: `{"query":{"field":"name\" OR 1=1 --","operator":"=","value":1}}`, refused: &refusal{400, "invalid_field", `name" OR 1=1 -- is not a valid search field`}},
		{name: "an undeclared attribute", body: `{"query":{"field":"custom_attributes.nope","operator":"=","value":1}}`, refused: &refusal{400, "invalid_field", "custom_attributes.nope is not a valid search field"}},
		{name: "a value that is an object", body: `{"query":{"field":"name","operator":"=","value":{}}}`, refused: invalid("A filter's value must be a text, a number, a truth value, null or a list of those")},
		{name: "a list that holds a list", body: `{"query":{"field":"name","operator":"IN","value":[["a"]]}}`, refused: invalid("A filter's value must be a text, a number, a truth value, null or a list of those")},
		{name: "a list that holds null", body: `{"query":{"field":"name","operator":"IN","value":["a",null]}}`, refused: invalid("A list of values cannot contain null")},
		{name: "a number beyond exactness", body: `{"query":{"field":"owner_id","operator":"=","value":9007199254740992}}`, refused: invalid("query is invalid")},
		{name: "a list too long", body: `{"query":{"field":"owner_id","operator":"IN","value":[` + strings.Repeat("1,", 1000) + `1]}}`, refused: invalid("A list can have 1000 values at most")},
		{name: "a text too long", body: `{"query":{"field":"name","operator":"=","value":"` + strings.Repeat("x", 2049) + `"}}`, refused: invalid(`The value for name does not fit the field and the operator "="`)},
		{name: "an order in short", body: `{"query":` + one + `,"sort":{"field":"name","order":"desc"}}`, refused: &refusal{400, "invalid_sort_order", "Invalid sort order 'desc'. Must be one of: ascending, descending"}},
		{name: "an unknown field to sort by", body: `{"query":` + one + `,"sort":{"field":"shoe_size"}}`, refused: &refusal{400, "invalid_field", "shoe_size is not a valid search field"}},
		{name: "a tag to sort by", body: `{"query":` + one + `,"sort":{"field":"tag_id"}}`, refused: &refusal{400, "invalid_field", "tag_id is not a valid search field"}},
		{name: "a sort that is a text", body: `{"query":` + one + `,"sort":"name"}`, refused: invalid("sort is invalid")},
		{name: "a pagination that is a list", body: `{"query":` + one + `,"pagination":[]}`, refused: invalid("pagination is invalid")},
	}
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		r.Post(t, "/contacts", `{"email":"a@x.test"}`).OK()
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				holds(t, r.Post(t, "/contacts/search", tt.body), tt.refused, object{"total_count": float64(tt.want)})
			})
		}
	})
}

// The largest query that the bounds allow is answered, or refused as too large.
func TestSearchAtItsLargest(t *testing.T) {
	lists := map[string]func(i int) any{
		"owner_id":                func(i int) any { return i },
		"name":                    func(i int) any { return fmt.Sprint("name ", i) },
		"custom_attributes.spend": func(i int) any { return float64(i) + .5 },
		"custom_attributes.plan":  func(i int) any { return fmt.Sprint(i) },
		"segment_id":              func(i int) any { return fmt.Sprintf("%024x", i) },
	}
	group := func(operator string, of []string) string {
		return fmt.Sprintf(`{"operator":%q,"value":[%s]}`, operator, strings.Join(of, ","))
	}
	queries := map[string]string{}
	for field, value := range lists {
		values := make([]any, 1000)
		if field == "segment_id" {
			values = values[:400] // or the body is too large
		}
		for i := range values {
			values[i] = value(i)
		}
		text, err := json.Marshal(filter(field, "NIN", values))
		if err != nil {
			t.Fatal(err)
		}
		queries[field] = group("AND", slices.Repeat([]string{group("OR", slices.Repeat([]string{string(text)}, 15))}, 15))
	}
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		declare(t, r, "spend", "float")
		declare(t, r, "plan", "string")
		r.Post(t, "/contacts", `{"external_id":"1"}`).OK()
		for _, query := range queries {
			a := search(t, r, query)
			if a.Status == 400 {
				a.Fails(400, "parameter_invalid", "The query asks for too much at once")
			} else {
				holds(t, a, nil, object{"total_count": 1.})
			}
		}
	})
}

// What a search asks of texts that have a meaning elsewhere.
func TestSearchTexts(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		names := map[string]string{}
		for i, name := range []string{"100%", "100 percent", "a_b", "aXb", `back\slash`, "Straße", "STRASSE", "Σίσυφος", "K2", "naïve", "it's", `"q"`, "😀 smile", "İzmir"} {
			id := r.Post(t, "/contacts", object{"external_id": fmt.Sprint(i), "name": name}).OK().ID()
			names[id] = name
		}
		for _, tt := range []struct {
			operator, value string
			want            []string
		}{
			{"~", "%", []string{"100%"}},
			{"~", "0%", []string{"100%"}},
			{"$", "%", []string{"100%"}},
			{"^", "%", nil},
			{"~", "_", []string{"a_b"}},
			{"^", "a_", []string{"a_b"}},
			{"=", "a_b", []string{"a_b"}},
			{"=", "A_B", []string{"a_b"}},
			{"~", `\`, []string{`back\slash`}},
			{"~", `\s`, []string{`back\slash`}},
			{"=", "straẞe", []string{"Straße"}},
			{"=", "strasse", []string{"STRASSE"}},
			{"=", "ΣΊΣΥΦΟΣ", []string{"Σίσυφος"}},
			{"~", "ΥΦΟσ", []string{"Σίσυφος"}},
			{"=", "k2", []string{"K2"}},
			{"=", "NAÏVE", []string{"naïve"}},
			{"=", "naive", nil},
			{"~", "'", []string{"it's"}},
			{"~", "' OR '1'='1", nil},
			{"~", `"`, []string{`"q"`}},
			{"^", "😀", []string{"😀 smile"}},
			{"=", "izmir", []string{"İzmir"}},
			{"~", "*", nil},
			{"^", "[a-z]", nil},
		} {
			finds(t, r, names, filter("name", tt.operator, tt.value), tt.want...)
		}
		if n := search(t, r, filter("name", "~", "")).At("total_count"); n != 14. {
			t.Errorf("everything contains nothing, and %v contacts are found", n)
		}
		if n := search(t, r, filter("name", "!~", "%")).At("total_count"); n != 13. {
			t.Errorf("%v contacts contain no per cent sign, want 13", n)
		}
	})
}

// A number finds the text that it is spelt as.
func TestSearchTextByNumber(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		names := map[string]string{r.Post(t, "/contacts", `{"external_id":"70","phone":"353"}`).OK().ID(): "ann"}
		finds(t, r, names, filter("external_id", "=", 70), "ann")
		finds(t, r, names, filter("external_id", "IN", []any{70, 71}), "ann")
		finds(t, r, names, filter("phone", "^", 35), "ann")
		finds(t, r, names, filter("external_id", "=", 7))
	})
}

// Dates are whole days of the workspace's own calendar.
func TestSearchDates(t *testing.T) {
	at := func(zone, clock string) int64 {
		loc, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		when, err := time.ParseInLocation("2006-01-02 15:04:05", clock, loc)
		if err != nil {
			t.Fatal(err)
		}
		return when.Unix()
	}
	// Each zone with the moments around a day's two ends: the last second before
	// it, its first, its last, and the first after it. As Unix seconds where the
	// clock alone does not tell.
	tests := []struct {
		name, zone                 string
		before, first, last, after int64
	}{
		{"an ordinary day in UTC", "UTC", 1577836799, 1577836800, 1577923199, 1577923200},
		{"an ordinary day in California", "America/Los_Angeles", at("America/Los_Angeles", "2026-01-14 23:59:59"), at("America/Los_Angeles", "2026-01-15 00:00:00"),
			at("America/Los_Angeles", "2026-01-15 23:59:59"), at("America/Los_Angeles", "2026-01-16 00:00:00")},
		{"a day of 23 hours", "America/Los_Angeles", 1772956800 - 1, 1772956800, 1772956800 + 23*3600 - 1, 1772956800 + 23*3600},
		{"a day of 25 hours", "America/Los_Angeles", 1793516400 - 1, 1793516400, 1793516400 + 25*3600 - 1, 1793516400 + 25*3600},
		{"half an hour off", "Asia/Kolkata", at("Asia/Kolkata", "2026-06-30 23:59:59"), at("Asia/Kolkata", "2026-07-01 00:00:00"), at("Asia/Kolkata", "2026-07-01 23:59:59"), at("Asia/Kolkata", "2026-07-02 00:00:00")},
		{"far ahead", "Pacific/Kiritimati", at("Pacific/Kiritimati", "2026-01-15 23:59:59"), at("Pacific/Kiritimati", "2026-01-16 00:00:00"), at("Pacific/Kiritimati", "2026-01-16 23:59:59"), at("Pacific/Kiritimati", "2026-01-17 00:00:00")},
		// 4 November 2018 began in São Paulo at 01:00, which was 03:00 in UTC.
		{"a day without a midnight", "America/Sao_Paulo", 1541300400 - 1, 1541300400, 1541300400 + 23*3600 - 1, 1541300400 + 23*3600},
		{"the day before it", "America/Sao_Paulo", 1541300400 - 86400 - 1, 1541300400 - 86400, 1541300400 - 1, 1541300400},
		// 31 October 2021 had two midnights in the Azores, the first at 00:00 in UTC.
		{"a day with two midnights", "Atlantic/Azores", 1635638400 - 1, 1635638400, 1635638400 + 25*3600 - 1, 1635638400 + 25*3600},
		// Samoa left out 30 December 2011.
		{"the day before one that never was", "Pacific/Apia", 1325152800 - 1, 1325152800, 1325152800 + 86400 - 1, 1325152800 + 86400},
	}
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				r := r.In(t, tt.zone)
				declare(t, r, "since", "date")
				names := map[string]string{}
				for name, at := range map[string]int64{"before": tt.before, "first": tt.first, "last": tt.last, "after": tt.after} {
					c, err := r.People.CreateContact(context.Background(), r.Actor(), model.ContactPatch{ExternalID: model.Some(name),
						CreatedAt: model.Some(at), LastSeenAt: model.Some(at), Attributes: model.Attributes{"since": at}})
					if err != nil {
						t.Fatal(err)
					}
					names[string(c.ID)] = name
				}
				for _, field := range []string{"created_at", "updated_at", "last_seen_at", "custom_attributes.since"} {
					for _, day := range []int64{tt.first, (tt.first + tt.last) / 2, tt.last} {
						finds(t, r, names, filter(field, "=", day), "first", "last")
						finds(t, r, names, filter(field, ">", day), "after")
						finds(t, r, names, filter(field, "<", day), "before")
					}
					finds(t, r, names, filter(field, ">", tt.before), "first", "last", "after")
					finds(t, r, names, filter(field, "<", tt.after), "before", "first", "last")
					// As importers ask for what has changed since.
					finds(t, r, names, object{"operator": "OR", "value": []any{filter(field, ">", tt.first), filter(field, "=", tt.first)}}, "first", "last", "after")
				}
			})
		}
	})
}

// Milliseconds are a date in the far future: nothing is found, nothing fails.
func TestSearchDatesFarAway(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		id := r.Post(t, "/contacts", `{"external_id":"1"}`).OK().ID()
		names := map[string]string{id: "ann"}
		for _, v := range []any{1768478400000, 99999999999999, "1768478400000"} {
			finds(t, r, names, filter("created_at", ">", v))
			finds(t, r, names, filter("created_at", "=", v))
			finds(t, r, names, filter("created_at", "<", v), "ann")
		}
		for _, v := range []any{0, -1, -99999999999999, "-86400"} {
			finds(t, r, names, filter("created_at", ">", v), "ann")
			finds(t, r, names, filter("created_at", "<", v))
		}
	})
}

func TestSearchSegments(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		put := func(g model.Segment) string {
			saved, err := r.People.PutSegment(context.Background(), r.Actor(), g)
			if err != nil {
				t.Fatal(err)
			}
			return string(saved.ID)
		}
		named := model.Filter{Field: "name", Operator: model.Equal, Value: "ann"}
		users := put(model.Segment{Name: "Anns", PersonType: model.PersonUser, Filter: named})
		leads := put(model.Segment{Name: "Anns", PersonType: model.PersonLead, Filter: named})
		companies := put(model.Segment{Name: "Big", PersonType: model.PersonCompany, Filter: model.Filter{Field: "name", Operator: model.Equal, Value: "ann"}})
		names := map[string]string{
			r.Post(t, "/contacts", `{"external_id":"1","name":"Ann"}`).OK().ID():  "user",
			r.Post(t, "/contacts", `{"role":"lead","name":"ANN"}`).OK().ID():      "lead",
			r.Post(t, "/contacts", `{"external_id":"2","name":"Bert"}`).OK().ID(): "other",
		}
		finds(t, r, names, filter("segment_id", "=", users), "user")
		finds(t, r, names, filter("segment_id", "=", leads), "lead")
		finds(t, r, names, filter("segment_id", "!=", users), "lead", "other")
		finds(t, r, names, filter("segment_id", "IN", []any{users, leads}), "user", "lead")
		finds(t, r, names, filter("segment_id", "NIN", []any{users, leads}), "other")
		finds(t, r, names, filter("segment_id", "=", companies))
		finds(t, r, names, filter("segment_id", "=", "nonsense"))
		finds(t, r, names, filter("segment_id", "!=", "nonsense"), "user", "lead", "other")
		finds(t, r, names, object{"operator": "AND", "value": []any{filter("segment_id", "=", users), filter("role", "=", "lead")}})
		elsewhere := r.Elsewhere(t)
		elsewhere.Post(t, "/contacts", `{"external_id":"1","name":"Ann"}`).OK()
		finds(t, elsewhere, nil, filter("segment_id", "=", users))
	})
}
