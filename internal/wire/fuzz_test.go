package wire_test

import (
	"bytes"
	"math"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"parley/internal/model"
	"parley/internal/wire"
	"parley/internal/wire/dev"
)

// Whatever bytes come as a body, they are read or refused in the API's words;
// and what is read can be stored.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		``, `{}`, `null`, `[]`, `{"role":"user","external_id":"70","email":"a@x.test","phone":1,"name":null,"avatar":"","signed_up_at":"1","last_seen_at":1.5,
		"owner_id":"3","unsubscribed_from_emails":"true","custom_attributes":{"a":1,"b":"x","c":true,"d":null,"e":-0.0,"f":1e3}}`,
		`{"custom_attributes":{"a":{}}}`, `{"custom_attributes":[]}`, `{"name":"\u0000"}`, `{"name":"\\u0000"}`, `{"name":"\ud83d\ude00"}`, `{"name":"\ud83d"}`,
		`{"query":{"operator":"AND","value":[{"field":"created_at","operator":">","value":"1306054154"},{"operator":"OR","value":[{"field":"email","operator":"IN","value":["a",1]}]}]},
		"pagination":{"per_page":5,"starting_after":null},"sort":{"field":"name","order":"ascending"}}`,
		`{"name":"t","users":[{"id":1,"untag":true}],"companies":[{"company_id":"1"}],"id":7}`,
		`{"title":"t","labels":["a",null],"reactions":[null,"👍"],"newsfeed_assignments":[{"newsfeed_id":"1","published_at":1.5},null]}`,
		`{"type":"user","visitor":{"id":"v"},"user":{"email":"a@x.test"}}`, `{"from":1,"into":"b"}`,
		`{"a":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}`, `{"a":"\"}]"}`, "{\"a\":\"\xff\"}", `{"a":1,"a":2}`, `{"owner_id":9007199254740992}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, in := range []any{new(wire.ContactRequest), new(wire.SearchRequest), new(wire.TagRequest), new(wire.ConvertRequest),
			new(wire.VisitorRequest), new(wire.MergeRequest), new(wire.IDRequest), new(wire.TicketTypeRequest), new(wire.TicketTypeAttributeRequest),
			new(wire.MessageRequest), new(wire.NewsItemRequest), new(wire.DataExportRequest), new(wire.ArticleRequest), new(wire.NewCollectionRequest),
			new(wire.SectionRequest), new(wire.PhoneSwitchRequest), new(wire.SignalRequest), new(wire.CompanyRequest), new(wire.ConversationRequest),
			new(wire.ConversationUpdate), new(wire.ReplyRequest), new(wire.CustomerRequest), new(wire.RedactRequest), new(wire.NoteRequest), new(wire.TicketRequest),
			new(wire.TicketUpdate), new(wire.TicketReply), new(wire.DataAttributeRequest), new(wire.DataEventRequest), new(wire.DataEventSummariesRequest),
			new(wire.SubscriptionRequest), new(wire.AwayRequest), new(wire.WebhookRequest), new(dev.FaultRequest), new(wire.ClockRequest), new(wire.WorkspaceRequest)} {
			before := bytes.Clone(body)
			err := wire.Decode(body, in)
			if !bytes.Equal(before, body) {
				t.Fatalf("reading has changed the body")
			}
			if err != nil {
				if e, ok := model.AsError(err); !ok || e.Kind != model.Invalid || e.Message == "" || !utf8.ValidString(e.Message) {
					t.Errorf("%T: %v", in, err)
				}
				continue
			}
			check(t, reflect.ValueOf(in), 0)
			if r, ok := in.(*wire.NewsItemRequest); ok {
				if _, err := r.Patch(); err != nil {
					if _, ok := model.AsError(err); !ok {
						t.Error(err)
					}
				}
			}
			if r, ok := in.(*wire.SearchRequest); ok {
				if filter, err := r.Filter(); err == nil {
					filter.Tests(func(test *model.Filter) { checkValue(t, test.Value) })
				}
				_, _ = r.Order(model.Sort{Field: "created_at"})
			}
		}
	})
}

// check looks for what cannot be stored in all that was read.
func check(t *testing.T, v reflect.Value, depth int) {
	if depth > 20 {
		return
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			check(t, v.Elem(), depth+1)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			check(t, v.Field(i), depth+1)
		}
	case reflect.Slice:
		for i := range v.Len() {
			check(t, v.Index(i), depth+1)
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			check(t, key, depth+1)
			check(t, v.MapIndex(key), depth+1)
		}
	case reflect.String:
		checkValue(t, v.String())
	case reflect.Int64:
		checkValue(t, v.Int())
	case reflect.Float64:
		checkValue(t, v.Float())
	}
}

func checkValue(t *testing.T, v any) {
	switch v := v.(type) {
	case nil, bool:
	case string:
		if !utf8.ValidString(v) || strings.ContainsRune(v, 0) {
			t.Errorf("%q was read", v)
		}
	case int64:
		if v >= 1<<53 || v <= -1<<53 {
			t.Errorf("%d was read", v)
		}
	case float64:
		if math.IsNaN(v) || math.Abs(v) >= 1<<53 || v == 0 && math.Signbit(v) {
			t.Errorf("%v was read", v)
		}
	case []any:
		for _, member := range v {
			checkValue(t, member)
		}
	default:
		t.Errorf("a %T was read", v)
	}
}

// A cursor that is taken is one that was given out: it says the same when it is
// written again, and nothing under another key.
func FuzzCursor(f *testing.F) {
	key := wire.CursorKey{Secret: "s3cret", List: "listContacts", Sort: model.Sort{Field: "created_at", Descending: true}}
	for _, p := range []*model.Position{{Value: int64(1768478400), ID: "6657aae86abd0164c24b0d29"}, {ID: "a"}, {Value: "näme", ID: "b"}, {Value: 1.5, ID: "c"}, {Value: true, ID: "d"}} {
		f.Add(key.Encode(p, 2))
	}
	for _, seed := range []string{"", "WzFd", "W10", "bnVsbA", "WzFlOTk5LCJhIiwyLCIiXQ", "====", "-_-_"} {
		f.Add(seed)
	}
	others := []wire.CursorKey{
		{Secret: "other", List: key.List, Sort: key.Sort}, {Secret: key.Secret, List: "searchContacts", Sort: key.Sort},
		{Secret: key.Secret, List: key.List, Sort: model.Sort{Field: "created_at"}}, {Secret: key.Secret, List: key.List, Sort: model.Sort{Field: "name", Descending: true}},
	}
	f.Fuzz(func(t *testing.T, cursor string) {
		p, page, err := key.Decode(cursor)
		if err != nil {
			if e, ok := model.AsError(err); !ok || e.Kind != model.Invalid || e.Code != "client_error" {
				t.Errorf("%q gives %v", cursor, err)
			}
			return
		}
		again, number, err := key.Decode(key.Encode(p, page))
		if err != nil || number != page || !cmp.Equal(again, p) {
			t.Errorf("%q says %v, and written again %v, %v", cursor, p, again, err)
		}
		for _, other := range others {
			if _, _, err := other.Decode(cursor); err == nil {
				t.Errorf("%q is taken under %v", cursor, other)
			}
		}
	})
}

// Every position can be written and read back.
func FuzzCursorOfPosition(f *testing.F) {
	f.Add("name", "id", int64(1), 1.5, 2)
	f.Add("\"\u2028\x01", strings.Repeat("x", 2048), int64(-1<<53+1), -0.1, 1)
	f.Fuzz(func(t *testing.T, text, id string, number int64, fraction float64, page int) {
		if !utf8.ValidString(text) || !utf8.ValidString(id) || len(text)+len(id) > 5000 || number >= 1<<53 || number <= -1<<53 ||
			math.IsNaN(fraction) || math.Abs(fraction) >= 1<<53 || fraction == math.Trunc(fraction) {
			t.Skip("no row holds it")
		}
		key := wire.CursorKey{Secret: "s3cret", List: id, Sort: model.Sort{Field: text}}
		for _, value := range []any{nil, text, number, fraction, true} {
			p := &model.Position{Value: value, ID: id}
			got, gotPage, err := key.Decode(key.Encode(p, page))
			if err != nil || gotPage != page || !cmp.Equal(got, p) {
				t.Errorf("%#v on page %d comes back as %#v on page %d, %v", p, page, got, gotPage, err)
			}
		}
	})
}
