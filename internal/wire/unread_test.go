package wire_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"parley/internal/wire"
)

func TestUnread(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, body string
		of         reflect.Type
		want       string
	}{
		{"none", `{"email":"a@b.test","custom_attributes":{"anything":1}}`, reflect.TypeFor[wire.ContactRequest](), ""},
		{"several", `{"emial":"a@b.test","name":"A","vip":{"a":[1]}}`, reflect.TypeFor[wire.ContactRequest](), "/emial /vip"},
		{"with others beside", `{"name":"A","plann":"x"}`, reflect.TypeFor[wire.CompanyRequest](), "/plann"},
		{"within an object", `{"from":{"type":"user","id":"1","nick":"x"},"body":"b"}`, reflect.TypeFor[wire.ConversationRequest](), "/from/nick"},
		{"a name with a slash", `{"a/b":1}`, reflect.TypeFor[wire.ContactRequest](), "/a~1b"},
		{"of another type", `{"email":{}}`, reflect.TypeFor[wire.ContactRequest](), ""},
		{"no JSON", `{"emial":`, reflect.TypeFor[wire.ContactRequest](), ""},
		{"no object", `[1]`, reflect.TypeFor[wire.ContactRequest](), ""},
		{"nothing", ``, reflect.TypeFor[wire.ContactRequest](), ""},
		{"too many", `{"a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1,"h":1,"i":1}`, reflect.TypeFor[wire.NoteRequest](), "/a /b /c /d /e /f /g /h"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := wire.Unread([]byte(c.body), c.of)
			slices.Sort(got)
			if strings.Join(got, " ") != c.want {
				t.Errorf("found %q, want %s", got, c.want)
			}
		})
	}
}
