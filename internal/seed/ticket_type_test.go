package seed_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"parley/internal/apptest"
	"parley/internal/model"
	"parley/internal/seed"
)

// TestTicketTypesOnWhatIsThere applies a seed to a workspace that has some of its
// ticket types already.
func TestTicketTypesOnWhatIsThere(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		old := r.Post(t, "/ticket_types", map[string]any{"name": "Bug", "description": "archived"}).OK().ID()
		r.Put(t, "/ticket_types/"+old, map[string]any{"archived": true}).OK()
		bug := "/ticket_types/" + r.Post(t, "/ticket_types", map[string]any{"name": "Bug", "icon": "🦁"}).OK().ID()
		severity := r.Post(t, bug+"/attributes", map[string]any{"name": "severity", "description": "How bad", "data_type": "list", "list_items": "low,high"}).OK()
		r.Post(t, bug+"/attributes", map[string]any{"name": "mine", "description": "", "data_type": "boolean"}).OK()
		gone := r.Post(t, bug+"/attributes", map[string]any{"name": "gone", "description": "", "data_type": "integer"}).OK().ID()
		r.Put(t, bug+"/attributes/"+gone, map[string]any{"archived": true}).OK()

		const text = `
ticket_types:
  - name: " Bug "
    description: Something is broken
    attributes:
      - {name: severity, data_type: list, list_items: [high, mid]}
      - {name: _default_title_, required_to_create: true}
      - {name: gone, data_type: integer, description: still archived}
      - {name: seen_at, data_type: datetime, visible_to_contacts: false}
  - name: Task
    icon: 📋
    internal: true
    attributes:
      - {name: notes, data_type: string, multiline: true, description: What to know}
      - {name: papers, data_type: files, allow_multiple_values: true, required_to_create_for_contacts: true, visible_on_create: false}
`
		f := parse(t, text)
		want := []seed.Count{{Kind: "ticket types", Created: 1, Updated: 1}, {Kind: "ticket type attributes", Created: 3, Updated: 3}}
		if diff := cmp.Diff(want, apply(t, r, f, r.Workspace.ID).Counts); diff != "" {
			t.Error(diff)
		}
		if second := apply(t, r, f, r.Workspace.ID); changed(second) {
			t.Errorf("the second application changed something: %+v", second.Counts)
		}

		after := r.Get(t, bug).OK()
		const at = "ticket_type_attributes.data."
		for path, want := range map[string]any{
			"icon": "🦁", "description": "Something is broken", "archived": false,
			at + "0.required_to_create": true, at + "1.required_to_create": false,
			at + "2.description": "How bad", at + "2.input_options.list_options.0.id": severity.At("input_options.list_options.1.id"),
			at + "2.input_options.list_options.1.label": "mid", at + "2.input_options.list_options.2.archived": true,
			at + "3.name": "mine", at + "4.archived": true, at + "4.description": "still archived",
			at + "5.name": "seen_at", at + "5.description": "", at + "5.visible_to_contacts": false, at + "6": nil,
		} {
			if got := after.At(path); got != want {
				t.Errorf("%s is %v, want %v", path, got, want)
			}
		}
		task := r.Get(t, "/ticket_types").OK()
		for path, want := range map[string]any{
			"data.0.description": "archived", "data.2.name": "Task", "data.2.icon": "📋", "data.2.is_internal": true,
			"data.2." + at + "2.input_options.multiline": true, "data.2." + at + "3.input_options.allow_multiple_values": true,
			"data.2." + at + "3.required_to_create_for_contacts": true, "data.2." + at + "3.visible_on_create": false,
		} {
			if got := task.At(path); got != want {
				t.Errorf("%s is %v, want %v", path, got, want)
			}
		}
	})
}

func TestTicketTypesHaveTheSameIDsEverywhere(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		const text = `
workspace: {name: Acme}
admins: [{email: ann@acme.test, name: Ann}]
ticket_types: [{name: Bug, attributes: [{name: severity, data_type: list, list_items: [low, high]}]}]`
		show := func() any {
			f := parse(t, text)
			f.Workspace.ID = model.NewWorkspaceID()
			types := enter(t, r, apply(t, r, f, "")).Get(t, "/ticket_types").OK()
			return []any{types.At("data.0.id"), types.At("data.0.ticket_type_attributes.data.2.id"),
				types.At("data.0.ticket_type_attributes.data.2.input_options")}
		}
		one := show()
		if diff := cmp.Diff(one, show()); diff != "" {
			t.Error(diff)
		}
	})
}

func TestTicketTypeRefusals(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		r.Post(t, "/ticket_types", map[string]any{"name": "Bug"}).OK()
		for _, c := range []struct{ name, text, want string }{
			{"no name", "ticket_types: [{icon: 🐞}]", "ticket_types, number 1: a ticket type of a seed needs a name"},
			{"no emoji", `ticket_types: [{name: Bug, icon: ":bug:"}]`, "ticket_types, number 1: Bug: Icon must be a single emoji, not a shortcode or a text"},
			{"no data type", "ticket_types: [{name: Bug, attributes: [{name: x}]}]",
				"ticket_types, number 1: Bug: attributes, number 1: x: Data type is a required parameter."},
			{"another data type", "ticket_types: [{name: Bug, attributes: [{name: _default_title_, data_type: integer}]}]",
				"ticket_types, number 1: Bug: attributes, number 1: _default_title_: The data type of an attribute cannot be changed"},
			{"no items", "ticket_types: [{name: Bug, attributes: [{name: x, data_type: list, list_items: []}]}]",
				"ticket_types, number 1: Bug: attributes, number 1: x: List items are a required parameter of a list."},
			{"a comma in an item", `ticket_types: [{name: Bug, attributes: [{name: x, data_type: list, list_items: ["a,b"]}]}]`,
				"ticket_types, number 1: Bug: attributes, number 1: x: List items cannot contain a comma"},
		} {
			_, err := r.Seeds.Apply(context.Background(), parse(t, c.text), r.Workspace.ID)
			if err == nil || err.Error() != c.want {
				t.Errorf("%s:\ngot  %v\nwant %s", c.name, err, c.want)
			}
		}
		if got := r.Get(t, "/ticket_types").OK(); got.At("data.1") != nil || got.At("data.0.ticket_type_attributes.data.2") != nil {
			t.Errorf("something is left of seeds that failed: %s", got.Pretty())
		}
	})
}
