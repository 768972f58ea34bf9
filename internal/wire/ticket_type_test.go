package wire_test

import (
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"

	"parley/internal/model"
	"parley/internal/wire"
)

// Whatever text comes as list_items, it is read as the items that stand between
// its commas, or refused in the API's words.
func FuzzListItems(f *testing.F) {
	for _, seed := range []string{"", "Low Priority,Medium Priority,High Priority", " a ,, b,", ",", "a\n,\tb", "ä, ,ö", strings.Repeat("x,", 5000)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		body, err := json.Marshal(map[string]string{"list_items": text})
		if err != nil {
			return // no text
		}
		var in wire.TicketTypeAttributeRequest
		if err := wire.Decode(body, &in); err != nil {
			if _, told := model.AsError(err); !told {
				t.Fatal(err)
			}
			return
		}
		p := in.Patch()
		if !p.Items.Has() {
			t.Fatal("the items are lost")
		}
		var names []string
		for _, item := range p.Items.Value {
			if item.Name == "" || item.Name != strings.TrimSpace(item.Name) || strings.Contains(item.Name, ",") || item.ID != "" || item.Archived {
				t.Errorf("%q holds %+v", text, item)
			}
			names = append(names, item.Name)
		}
		var again wire.TicketTypeAttributeRequest
		body, err = json.Marshal(map[string]string{"list_items": strings.Join(names, " , ")})
		if err != nil {
			t.Fatal(err)
		}
		if err := wire.Decode(body, &again); err != nil || !cmp.Equal(p.Items, again.Patch().Items) {
			t.Errorf("%q is read in two ways", text)
		}
	})
}
