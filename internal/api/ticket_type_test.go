package api_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"parley/internal/apptest"
)

const (
	badIcon  = "Icon must be a single emoji, not a shortcode or a text"
	noName   = "Name is a required parameter."
	notFound = "Resource Not Found"
)

// builtIns are the attributes that a new ticket type has.
const builtIns = `{"type":"list","data":[
	{"type":"ticket_type_attribute","id":"1","workspace_id":"<ws>","name":"_default_title_","description":"","data_type":"string",
	"input_options":{"multiline":false},"order":0,"required_to_create":false,"required_to_create_for_contacts":false,
	"visible_on_create":true,"visible_to_contacts":true,"default":true,"ticket_type_id":1,"archived":false,
	"created_at":1768478400,"updated_at":1768478400},
	{"type":"ticket_type_attribute","id":"2","workspace_id":"<ws>","name":"_default_description_","description":"","data_type":"string",
	"input_options":{"multiline":true},"order":1,"required_to_create":false,"required_to_create_for_contacts":false,
	"visible_on_create":true,"visible_to_contacts":true,"default":true,"ticket_type_id":1,"archived":false,
	"created_at":1768478400,"updated_at":1768478400}]}`

func TestTicketTypeIsShownAsItWasMade(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		is(t, r.Get(t, "/ticket_types"), `{"type":"list","data":[]}`)

		made := r.Post(t, "/ticket_types", `{"name":"Customer Issue","description":"Customer Report Template","icon":"🦁"}`)
		want := `{"type":"ticket_type","id":"1","name":"Customer Issue","description":"Customer Report Template","icon":"🦁",
			"workspace_id":"<ws>","archived":false,"created_at":1768478400,"updated_at":1768478400,"is_internal":false,
			"ticket_type_attributes":` + builtIns + `}`
		ws := string(r.Workspace.ID)
		is(t, made, want, "<ws>", ws)
		is(t, r.Get(t, "/ticket_types/1"), want, "<ws>", ws)
		is(t, r.Get(t, "/ticket_types"), `{"type":"list","data":[`+want+`]}`, "<ws>", ws)
	})
}

func TestTicketTypeIsMade(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		for _, c := range []struct {
			name    string
			body    string
			want    object
			refused *refusal
		}{
			{"with a name alone", `{"name":"Bug"}`, object{"name": "Bug", "description": "", "icon": "🎟️", "is_internal": false, "archived": false}, nil},
			{"of the same name", `{"name":"Bug"}`, object{"name": "Bug"}, nil},
			{"for the workspace alone", `{"name":"Task","is_internal":true}`, object{"is_internal": true}, nil},
			{"with a truth value as text", `{"name":"Task","is_internal":"true"}`, object{"is_internal": true}, nil},
			{"with nulls", `{"name":"Bug","description":null,"icon":null,"is_internal":null}`,
				object{"description": "", "icon": "🎟️", "is_internal": false}, nil},
			{"with an empty icon", `{"name":"Bug","icon":""}`, object{"icon": "🎟️"}, nil},
			{"not archived", `{"name":"Bug","archived":true}`, object{"archived": false}, nil},
			{"with spaces around", `{"name":" Bug\n","icon":" 🐞 "}`, object{"name": "Bug", "icon": "🐞"}, nil},
			{"with a number for a name", `{"name":7}`, object{"name": "7"}, nil},
			{"with a long name", `{"name":"` + strings.Repeat("ä", 255) + `"}`, object{"name": strings.Repeat("ä", 255)}, nil},

			{"without a body", ``, nil, missing(noName)},
			{"of null", `null`, nil, missing(noName)},
			{"without a name", `{"description":"x"}`, nil, missing(noName)},
			{"with a null name", `{"name":null}`, nil, missing(noName)},
			{"with a blank name", `{"name":" \t"}`, nil, invalid("Name cannot be blank")},
			{"with a name too long", `{"name":"` + strings.Repeat("ä", 256) + `"}`, nil, invalid("Name is too long (maximum is 255 characters)")},
			{"with a description too long", `{"name":"Bug","description":"` + strings.Repeat("x", 1001) + `"}`, nil,
				invalid("Description is too long (maximum is 1000 characters)")},
			{"with a list for a name", `{"name":["Bug"]}`, nil, invalid("name is invalid")},
			{"with a word for a truth value", `{"name":"Bug","is_internal":"perhaps"}`, nil, invalid("is_internal is invalid")},
			{"with a list for a body", `[]`, nil, invalid("The request body must be a JSON object")},
			{"with a NUL", `{"name":"\u0000"}`, nil, invalid("Text cannot contain the NUL character")},
		} {
			t.Run(c.name, func(t *testing.T) {
				holds(t, r.Post(t, "/ticket_types", c.body), c.refused, c.want)
			})
		}
		r.Post(t, "/ticket_types", `{"name":"`+strings.Repeat("x", 5<<20)+`"}`).
			Fails(413, "parameter_invalid", "The request body is larger than 5 MB")
	})
}

func TestTicketTypeIconIsOneEmoji(t *testing.T) {
	t.Parallel()
	r := apptest.New(t)
	for _, icon := range []string{"🎟️", "🎟", "❤️", "❤", "©️", "1️⃣", "#⃣", "👍🏽", "🇩🇪", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🏴", "👩‍💻", "👩🏻‍❤️‍💋‍👩🏿", "🏳️‍🌈", "👨‍👩‍👧‍👦", "🪎", "⌚", "🅰️", "🈁", "ℹ️", "🐞"} {
		if got := r.Post(t, "/ticket_types", object{"name": "x", "icon": icon}).OK().At("icon"); got != icon {
			t.Errorf("%s becomes %v", icon, got)
		}
	}
	for _, icon := range []string{":ticket:", "ticket", "T", "1", "#", "🐞🐞", "🐞 🐞", "🐞x", "x🐞", "🐞\u200d", "\u200d🐞", "\ufe0f", "🇩", "🇩🇪🇫", "🇩x",
		"🏽", "🏴\U000e0067\U000e0062", "☎\ufe0e", "★", "é", "\U0010ffff", "<b>", "1\ufe0f", strings.Repeat("👩\u200d", 50) + "💻"} {
		r.Post(t, "/ticket_types", object{"name": "x", "icon": icon}).Fails(400, "parameter_invalid", badIcon)
	}
}

func TestTicketTypeIsUpdated(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		made := r.Post(t, "/ticket_types", `{"name":"Bug Report","description":"Bug Report Template","icon":"🐞"}`).OK()
		r.Clock.Pass(1e9)
		path := "/ticket_types/" + made.ID()
		for _, c := range []struct {
			name    string
			body    string
			want    object
			refused *refusal
		}{
			{"name", `{"name":"Bug Report 2"}`, object{"name": "Bug Report 2", "description": "Bug Report Template", "icon": "🐞"}, nil},
			{"nothing", ``, object{"name": "Bug Report 2", "created_at": 1768478400.0, "updated_at": 1768478401.0}, nil},
			{"description", `{"description":"New"}`, object{"description": "New"}, nil},
			{"no description", `{"description":null}`, object{"description": ""}, nil},
			{"icon", `{"icon":"🦁"}`, object{"icon": "🦁"}, nil},
			{"the default icon", `{"icon":null}`, object{"icon": "🎟️"}, nil},
			{"internal", `{"is_internal":true}`, object{"is_internal": true}, nil},
			{"archived", `{"archived":true}`, object{"archived": true, "is_internal": true}, nil},
			{"null is no truth value", `{"archived":null,"is_internal":null}`, object{"archived": true, "is_internal": true}, nil},
			{"an archived one", `{"name":"Old"}`, object{"name": "Old", "archived": true}, nil},
			{"back again", `{"archived":false}`, object{"archived": false}, nil},
			{"other fields are ignored", `{"id":"9","category":"Tracker"}`, object{"id": made.ID()}, nil},

			{"null name", `{"name":null}`, nil, invalid("Name cannot be blank")},
			{"blank name", `{"name":""}`, nil, invalid("Name cannot be blank")},
			{"shortcode", `{"icon":":bug:","name":"not this"}`, nil, invalid(badIcon)},
			{"the refused one is not kept", ``, object{"name": "Old"}, nil},
		} {
			t.Run(c.name, func(t *testing.T) {
				a := r.Put(t, path, c.body)
				holds(t, a, c.refused, c.want)
				if c.refused == nil && string(a.Body) != string(r.Get(t, path).OK().Body) {
					t.Error("what is read is not what was answered")
				}
			})
		}
		if got := ids(t, r.Get(t, "/ticket_types")); !cmp.Equal(got, []string{made.ID()}) {
			t.Error(got)
		}
	})
}

func TestTicketTypeIsOfOneWorkspace(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		other := r.Elsewhere(t)
		other.Post(t, "/ticket_types", `{"name":"Theirs"}`).OK()
		theirs := other.Post(t, "/ticket_types", `{"name":"Theirs"}`).OK().ID() // an id that is not given out here
		attribute := other.Post(t, "/ticket_types/"+theirs+"/attributes", `{"name":"a","description":"","data_type":"string"}`).OK().ID()
		mine := r.Post(t, "/ticket_types", `{"name":"Mine"}`).OK().ID()

		for _, id := range []string{theirs, "999", "0", "-1", "abc", "01", "9223372036854775808"} {
			r.Get(t, "/ticket_types/"+id).Fails(404, "not_found", notFound)
			r.Put(t, "/ticket_types/"+id, `{"name":"x"}`).Fails(404, "not_found", notFound)
			r.Post(t, "/ticket_types/"+id+"/attributes", `{"name":"x","description":"","data_type":"string"}`).Fails(404, "not_found", notFound)
			r.Put(t, "/ticket_types/"+id+"/attributes/1", `{"description":"x"}`).Fails(404, "not_found", notFound)
		}
		for _, id := range []string{attribute, "999", "0", "x"} {
			r.Put(t, "/ticket_types/"+mine+"/attributes/"+id, `{"description":"x"}`).Fails(404, "not_found", notFound)
		}
		if got := other.Get(t, "/ticket_types/"+theirs).OK().At("name"); got != "Theirs" {
			t.Error(got)
		}
		if got := ids(t, r.Get(t, "/ticket_types")); !cmp.Equal(got, []string{mine}) {
			t.Error(got)
		}
		r.Delete(t, "/ticket_types/"+mine, nil).Fails(404, "not_found", notFound)
	})
}

func TestTicketTypesAreLimited(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		const full = "A workspace can have 200 ticket types at most, archived ones included"
		for range 198 {
			r.Post(t, "/ticket_types", `{"name":"x"}`).OK()
		}
		r.Put(t, "/ticket_types/1", `{"archived":true}`).OK()
		got := statuses(atOnce(8, func(int) *apptest.Answer { return r.Post(t, "/ticket_types", `{"name":"x"}`) }))
		if got[200] != 2 || got[400] != 6 {
			t.Error(got)
		}
		r.Post(t, "/ticket_types", `{"name":"x"}`).Fails(400, "parameter_invalid", full)
		r.Put(t, "/ticket_types/1", `{"archived":false}`).OK()
		if n := len(ids(t, r.Get(t, "/ticket_types"))); n != 200 {
			t.Errorf("%d ticket types", n)
		}
	})
}

// statuses counts the answers of each status.
func statuses(answers []*apptest.Answer) map[int]int {
	counts := map[int]int{}
	for _, a := range answers {
		counts[a.Status]++
	}
	return counts
}

func TestTicketTypeIsUpdatedByTwo(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		path := "/ticket_types/" + r.Post(t, "/ticket_types", `{"name":"x"}`).OK().ID()
		bodies := []string{`{"name":"y"}`, `{"description":"d"}`, `{"icon":"🦁"}`, `{"is_internal":true}`, `{"archived":true}`}
		got := statuses(atOnce(len(bodies), func(i int) *apptest.Answer { return r.Put(t, path, bodies[i]) }))
		if got[200] != len(bodies) {
			t.Error(got)
		}
		holds(t, r.Get(t, path), nil, object{"name": "y", "description": "d", "icon": "🦁", "is_internal": true, "archived": true})
	})
}
