package api_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"parley/internal/apptest"
)

// newTicketType makes a ticket type and returns where its attributes are made.
func newTicketType(t testing.TB, r *apptest.Rig) string {
	t.Helper()
	return "/ticket_types/" + r.Post(t, "/ticket_types", `{"name":"Bug"}`).OK().ID() + "/attributes"
}

// items are the list_options of a list: labels, those that were dropped in
// brackets.
func items(t testing.TB, a *apptest.Answer) []string {
	t.Helper()
	var attribute struct {
		InputOptions struct {
			ListOptions []struct {
				Label, ID string
				Archived  bool
			} `json:"list_options"`
		} `json:"input_options"`
	}
	a.OK().Decode(&attribute)
	var labels []string
	for _, o := range attribute.InputOptions.ListOptions {
		if o.Archived {
			o.Label = "(" + o.Label + ")"
		}
		labels = append(labels, o.Label)
	}
	return labels
}

// itemIDs are the ids of a list's items, by label.
func itemIDs(t testing.TB, a *apptest.Answer) map[string]string {
	t.Helper()
	found := map[string]string{}
	list, _ := a.OK().At("input_options.list_options").([]any)
	for _, o := range list {
		o := o.(map[string]any)
		id := o["id"].(string)
		if len(id) != 36 || id[14] != '4' {
			t.Errorf("%s is no UUID", id)
		}
		found[o["label"].(string)] = id
	}
	return found
}

func TestTicketTypeAttributeIsShownAsItWasDeclared(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		path := newTicketType(t, r)
		is(t, r.Post(t, path, `{"name":"Attribute Title","description":"Attribute Description","data_type":"string","required_to_create":false}`),
			`{"type":"ticket_type_attribute","id":"3","workspace_id":"<ws>","name":"Attribute Title","description":"Attribute Description",
			"data_type":"string","input_options":{"multiline":false},"order":2,"required_to_create":false,
			"required_to_create_for_contacts":false,"visible_on_create":true,"visible_to_contacts":true,"default":false,
			"ticket_type_id":1,"archived":false,"created_at":1768478400,"updated_at":1768478400}`, "<ws>", string(r.Workspace.ID))

		for i, c := range []struct {
			name string
			body string
			want object
		}{
			{"string", `{"data_type":"string","multiline":true}`, object{"input_options": object{"multiline": true}}},
			{"integer", `{"data_type":"integer"}`, object{"input_options": nil}},
			{"decimal", `{"data_type":"decimal","multiline":false}`, object{"input_options": nil}},
			{"boolean", `{"data_type":"boolean"}`, object{"input_options": nil}},
			{"datetime", `{"data_type":"datetime"}`, object{"input_options": nil}},
			{"files", `{"data_type":"files"}`, object{"input_options": object{"allow_multiple_values": false}}},
			{"more files", `{"data_type":"files","allow_multiple_values":"true"}`, object{"input_options": object{"allow_multiple_values": true}}},
			{"flags", `{"data_type":"integer","required_to_create":true,"required_to_create_for_contacts":true,"visible_on_create":false,"visible_to_contacts":false}`,
				object{"required_to_create": true, "required_to_create_for_contacts": true, "visible_on_create": false, "visible_to_contacts": false}},
			{"null flags", `{"data_type":"integer","required_to_create":null,"visible_on_create":null,"list_items":null}`,
				object{"required_to_create": false, "visible_on_create": true}},
			{"not archived", `{"data_type":"integer","archived":true,"default":true}`, object{"archived": false, "default": false}},
			{"empty list items of a string", `{"data_type":"string","list_items":""}`, object{"input_options": object{"multiline": false}}},
		} {
			t.Run(c.name, func(t *testing.T) {
				a := r.Post(t, path, `{"name":" `+c.name+` ","description":"",`+c.body[1:])
				holds(t, a, nil, c.want)
				holds(t, a, nil, object{"name": c.name, "order": float64(i + 3), "default": false, "ticket_type_id": 1.0})
			})
		}
		var shown struct {
			Attributes struct {
				Data []struct {
					Name  string
					Order int
				}
			} `json:"ticket_type_attributes"`
		}
		r.Get(t, strings.TrimSuffix(path, "/attributes")).OK().Decode(&shown)
		if len(shown.Attributes.Data) != 14 {
			t.Errorf("%d attributes are shown", len(shown.Attributes.Data))
		}
		for i, a := range shown.Attributes.Data {
			if a.Order != i {
				t.Errorf("%s is in place %d and has the order %d", a.Name, i, a.Order)
			}
		}
	})
}

func TestTicketTypeAttributeIsRefused(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		path := newTicketType(t, r)
		r.Post(t, path, `{"name":"taken","description":"","data_type":"string"}`).OK()
		taken := func(name string) *refusal {
			return invalid("The ticket type has an attribute named '" + name + "' already")
		}
		many := make([]string, 251)
		for i := range many {
			many[i] = fmt.Sprint(i)
		}
		for _, c := range []struct {
			name    string
			body    string
			refused *refusal
		}{
			{"no body", ``, missing(noName)},
			{"no name", `{"description":"","data_type":"string"}`, missing(noName)},
			{"null name", `{"name":null,"description":"","data_type":"string"}`, missing(noName)},
			{"no description", `{"name":"x","data_type":"string"}`, missing("Description is a required parameter.")},
			{"no data type", `{"name":"x","description":""}`, missing("Data type is a required parameter.")},
			{"empty data type", `{"name":"x","description":"","data_type":""}`, missing("Data type is a required parameter.")},
			{"unknown data type", `{"name":"x","description":"","data_type":"float"}`, invalid("Data Type isn't an option")},
			{"data type in capitals", `{"name":"x","description":"","data_type":"String"}`, invalid("Data Type isn't an option")},
			{"blank name", `{"name":" ","description":"","data_type":"string"}`, invalid("Name cannot be blank")},
			{"long name", `{"name":"` + strings.Repeat("é", 256) + `","description":"","data_type":"string"}`, invalid("Name is too long (maximum is 255 characters)")},
			{"long description", `{"name":"x","description":"` + strings.Repeat("é", 1001) + `","data_type":"string"}`,
				invalid("Description is too long (maximum is 1000 characters)")},
			{"taken", `{"name":" taken","description":"","data_type":"integer"}`, taken("taken")},
			{"taken by a built-in one", `{"name":"_default_title_","description":"","data_type":"string"}`, taken("_default_title_")},
			{"lines of a number", `{"name":"x","description":"","data_type":"integer","multiline":true}`, invalid("Only an attribute of type string can be multiline")},
			{"many values of a string", `{"name":"x","description":"","data_type":"string","allow_multiple_values":true}`,
				invalid("Only an attribute of type files can allow multiple values")},
			{"items of a string", `{"name":"x","description":"","data_type":"string","list_items":"a,b"}`, invalid("List items can only be given to an attribute of type list")},
			{"a list without items", `{"name":"x","description":"","data_type":"list"}`, missing("List items are a required parameter of a list.")},
			{"a list of nothing", `{"name":"x","description":"","data_type":"list","list_items":" , ,"}`, missing("List items are a required parameter of a list.")},
			{"equal items", `{"name":"x","description":"","data_type":"list","list_items":"a,b, a"}`, invalid("List items must differ from each other")},
			{"a long item", `{"name":"x","description":"","data_type":"list","list_items":"a,` + strings.Repeat("é", 256) + `"}`,
				invalid("List item is too long (maximum is 255 characters)")},
			{"many items", `{"name":"x","description":"","data_type":"list","list_items":"` + strings.Join(many, ",") + `"}`, invalid("A list can have 250 items at most")},
			{"far too many items", `{"name":"x","description":"","data_type":"list","list_items":"` + strings.Repeat("a,", 100_000) + `"}`,
				invalid("A list can have 5000 members at most")},
			{"items in a list", `{"name":"x","description":"","data_type":"list","list_items":["a","b"]}`, invalid("list_items is invalid")},
			{"a word for a truth value", `{"name":"x","description":"","data_type":"string","multiline":"yes"}`, invalid("multiline is invalid")},
		} {
			t.Run(c.name, func(t *testing.T) { holds(t, r.Post(t, path, c.body), c.refused, nil) })
		}
		r.Post(t, path, `{"name":"Taken","description":"","data_type":"list","list_items":"`+strings.Join(many[1:], ",")+`"}`).OK()
		r.Post(t, newTicketType(t, r), `{"name":"taken","description":"of another type","data_type":"string"}`).OK()
	})
}

func TestTicketTypeAttributeIsUpdated(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		path := newTicketType(t, r)
		r.Post(t, path, `{"name":"other","description":"","data_type":"string"}`).OK()
		made := r.Post(t, path, `{"name":"name","description":"description","data_type":"string"}`).OK()
		r.Clock.Pass(1e9)
		for _, c := range []struct {
			name    string
			body    string
			want    object
			refused *refusal
		}{
			{"description", `{"description":"New Attribute Description"}`, object{"description": "New Attribute Description", "name": "name", "order": 3.0,
				"created_at": 1768478400.0, "updated_at": 1768478401.0}, nil},
			{"nothing", ``, object{"description": "New Attribute Description"}, nil},
			{"no description", `{"description":null}`, object{"description": ""}, nil},
			{"name", `{"name":"new name"}`, object{"name": "new name"}, nil},
			{"flags", `{"required_to_create":true,"required_to_create_for_contacts":true,"visible_on_create":false,"visible_to_contacts":false,"multiline":true}`,
				object{"required_to_create": true, "required_to_create_for_contacts": true, "visible_on_create": false, "visible_to_contacts": false,
					"input_options.multiline": true}, nil},
			{"one flag", `{"required_to_create":false}`, object{"required_to_create": false, "required_to_create_for_contacts": true}, nil},
			{"the same data type", `{"data_type":"string"}`, object{"data_type": "string"}, nil},
			{"archived", `{"archived":true}`, object{"archived": true}, nil},
			{"back again", `{"archived":false}`, object{"archived": false}, nil},

			{"another data type", `{"data_type":"integer"}`, nil, invalid("The data type of an attribute cannot be changed")},
			{"a name that is taken", `{"name":"other"}`, nil, invalid("The ticket type has an attribute named 'other' already")},
			{"blank name", `{"name":" "}`, nil, invalid("Name cannot be blank")},
			{"null name", `{"name":null}`, nil, invalid("Name cannot be blank")},
			{"items", `{"list_items":"a"}`, nil, invalid("List items can only be given to an attribute of type list")},
			{"multiple values", `{"allow_multiple_values":true}`, nil, invalid("Only an attribute of type files can allow multiple values")},
		} {
			t.Run(c.name, func(t *testing.T) { holds(t, r.Put(t, path+"/"+made.ID(), c.body), c.refused, c.want) })
		}
		holds(t, r.Get(t, strings.TrimSuffix(path, "/attributes")), nil,
			object{"ticket_type_attributes.data.3.name": "new name", "ticket_type_attributes.data.3.archived": false})
		r.Put(t, newTicketType(t, r)+"/"+made.ID(), `{"description":"of another type"}`).Fails(404, "not_found", notFound)
	})
}

func TestBuiltInTicketAttributesStay(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		path := newTicketType(t, r)
		for id, name := range map[string]string{"1": "_default_title_", "2": "_default_description_"} {
			for body, message := range map[string]string{
				`{"name":"Title"}`:           "The built-in attribute '" + name + "' cannot be renamed",
				`{"archived":true}`:          "The built-in attribute '" + name + "' cannot be archived",
				`{"data_type":"integer"}`:    "The data type of an attribute cannot be changed",
				`{"list_items":"a"}`:         "List items can only be given to an attribute of type list",
				`{"name":"","archived":1.5}`: "archived is invalid",
			} {
				r.Put(t, path+"/"+id, body).Fails(400, "parameter_invalid", message)
			}
			holds(t, r.Put(t, path+"/"+id, `{"name":"`+name+`","archived":false,"description":"What it is about","required_to_create":true,
				"visible_to_contacts":false,"multiline":true}`), nil, object{"name": name, "description": "What it is about", "default": true,
				"required_to_create": true, "visible_to_contacts": false, "input_options.multiline": true, "archived": false})
		}
	})
}

func TestListItemsKeepTheirIDs(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		path := newTicketType(t, r)
		made := r.Post(t, path, `{"name":"priority","description":"","data_type":"list","list_items":"Low Priority, Medium ,High,"}`)
		if diff := cmp.Diff([]string{"Low Priority", "Medium", "High"}, items(t, made)); diff != "" {
			t.Error(diff)
		}
		path += "/" + made.ID()
		known := itemIDs(t, made)
		for _, c := range []struct {
			name, list string
			want       []string
		}{
			{"another order", "High,Medium,Low Priority", []string{"High", "Medium", "Low Priority"}},
			{"one more", "High,Medium,Low Priority,Urgent", []string{"High", "Medium", "Low Priority", "Urgent"}},
			{"two dropped", "Urgent, High", []string{"Urgent", "High", "(Medium)", "(Low Priority)"}},
			{"one back, one new", "High,Medium,Later", []string{"High", "Medium", "Later", "(Urgent)", "(Low Priority)"}},
			{"letters of another case", "high", []string{"high", "(High)", "(Medium)", "(Later)", "(Urgent)", "(Low Priority)"}},
		} {
			t.Run(c.name, func(t *testing.T) {
				a := r.Put(t, path, object{"list_items": c.list})
				if diff := cmp.Diff(c.want, items(t, a)); diff != "" {
					t.Error(diff)
				}
				seen := map[string]bool{}
				for label, id := range itemIDs(t, a) {
					if known[label] != "" && known[label] != id || seen[id] {
						t.Errorf("%s has become %s", label, id)
					}
					known[label], seen[id] = id, true
				}
			})
		}
		if got := items(t, r.Put(t, path, `{"list_items":null,"description":"x"}`)); len(got) != 6 {
			t.Error(got)
		}
		r.Put(t, path, `{"list_items":" "}`).Fails(400, "parameter_invalid", "A list must have at least one item")
		r.Put(t, path, `{"list_items":7}`).OK()

		// Dropped items are kept, but not without end.
		for n := range 4 {
			var list strings.Builder
			for i := range 249 {
				fmt.Fprintf(&list, "%d-%d,", n, i)
			}
			a := r.Put(t, path, object{"list_items": list.String()})
			if n < 3 {
				a.OK()
			} else {
				a.Fails(400, "parameter_invalid", "A list can have had 1000 different items at most")
			}
		}
	})
}

func TestArchivedTicketAttributeGivesItsNameFree(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		path := newTicketType(t, r)
		const body = `{"name":"severity","description":"","data_type":"integer"}`
		first := path + "/" + r.Post(t, path, body).OK().ID()
		r.Put(t, first, `{"archived":true}`).OK()
		second := path + "/" + r.Post(t, path, body).OK().ID()
		r.Put(t, first, `{"archived":false}`).Fails(400, "parameter_invalid", "The ticket type has an attribute named 'severity' already")
		r.Put(t, first, `{"description":"still archived"}`).OK()
		r.Put(t, second, `{"name":"other"}`).OK()
		r.Put(t, first, `{"archived":false}`).OK()
		r.Put(t, second, `{"name":"severity"}`).Fails(400, "parameter_invalid", "The ticket type has an attribute named 'severity' already")
	})
}

func TestTicketTypeAttributesAreDeclaredAtOnce(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		path := newTicketType(t, r)
		orders := map[any]int{}
		for _, a := range atOnce(8, func(i int) *apptest.Answer {
			return r.Post(t, path, fmt.Sprintf(`{"name":"a%d","description":"","data_type":"string"}`, i))
		}) {
			orders[a.OK().At("order")]++
		}
		for order := 2.0; order < 10; order++ {
			if orders[order] != 1 {
				t.Errorf("the order %v is had by %d", order, orders[order])
			}
		}
		got := statuses(atOnce(8, func(int) *apptest.Answer {
			return r.Post(t, path, `{"name":"precious","description":"","data_type":"string"}`)
		}))
		if got[200] != 1 || got[400] != 7 {
			t.Error(got)
		}
		id := r.Post(t, path, `{"name":"list","description":"","data_type":"list","list_items":"a"}`).OK().ID()
		atOnce(8, func(i int) *apptest.Answer { return r.Put(t, path+"/"+id, object{"list_items": fmt.Sprint("a,b", i)}) })
		if got := items(t, r.Put(t, path+"/"+id, ``)); len(got) != 9 {
			t.Errorf("an item was lost: %v", got)
		}
	})
}

func TestTicketTypeAttributesAreLimited(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		path := newTicketType(t, r)
		for i := range 98 {
			r.Post(t, path, fmt.Sprintf(`{"name":"a%d","description":"","data_type":"string"}`, i)).OK()
		}
		r.Put(t, path+"/3", `{"archived":true}`).OK()
		r.Post(t, path, `{"name":"x","description":"","data_type":"string"}`).
			Fails(400, "parameter_invalid", "A ticket type can have 100 attributes at most, archived ones included")
	})
}
