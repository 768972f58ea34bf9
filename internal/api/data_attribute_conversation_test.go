package api_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"parley/internal/apptest"
	"parley/internal/model"
)

// TestConversationAttributes holds that the attributes of conversations, which the
// API does not declare, are listed and changed like any other, and that their names
// are their own.
func TestConversationAttributes(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		declare := func(of model.AttributeModel, name string) (*model.DataAttribute, error) {
			return r.People.DeclareDataAttribute(context.Background(), r.Actor(), model.DataAttributePatch{Model: of, Name: name, Type: model.TypeString})
		}
		names := func(query string) (names []string) {
			var list struct {
				Data []struct{ Model, Name string }
			}
			r.Get(t, "/data_attributes"+query).OK().Decode(&list)
			for _, a := range list.Data {
				if a.Model == "conversation" {
					names = append(names, a.Name)
				}
			}
			return names
		}
		r.Post(t, "/data_attributes", `{"name":"plan","model":"contact","data_type":"integer"}`).OK()
		a, err := declare(model.ConversationAttributes, "plan")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := declare(model.ConversationAttributes, "website"); err != nil { // which is a built-in one of companies
			t.Error(err)
		}
		r.Post(t, "/data_attributes", `{"name":"website","model":"contact","data_type":"string"}`).OK()
		if _, err := declare(model.ConversationAttributes, "plan"); err == nil || err.Error() !=
			"parameter_invalid: You already have 'plan' in your conversation data. To save this as new conversation data, use a different name." {
			t.Error(err)
		}
		if _, err := declare("tag", "x"); err == nil || err.Error() != "parameter_invalid: "+noModel {
			t.Error(err)
		}

		if diff := cmp.Diff([]string{"plan", "website"}, names("?model=conversation")); diff != "" {
			t.Error(diff)
		}
		if got := names(""); got != nil {
			t.Errorf("among the attributes of contacts and companies are %v", got)
		}
		path := fmt.Sprint("/data_attributes/", a.ID)
		r.Put(t, path, `{"archived":true,"model":"contact"}`).OK()
		if diff := cmp.Diff([]string{"website"}, names("?model=conversation")); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]string{"plan", "website"}, names("?model=conversation&include_archived=true")); diff != "" {
			t.Error(diff)
		}

		// What is declared for conversations says nothing of contacts.
		if _, err := declare(model.ConversationAttributes, "mood"); err != nil {
			t.Fatal(err)
		}
		r.Post(t, "/contacts", `{"external_id":"1","custom_attributes":{"mood":"calm"}}`).
			Fails(400, "parameter_invalid", "Custom attribute 'mood' does not exist")
		r.Post(t, "/contacts", `{"external_id":"1","custom_attributes":{"plan":"2"}}`).OK()
		found := r.Post(t, "/contacts/search", `{"query":{"field":"custom_attributes.plan","operator":">","value":1}}`).OK()
		if found.At("total_count") != 1.0 {
			t.Errorf("the contact's plan is not the number it was declared as: %s", found.Pretty())
		}

		_, _, stranger := r.NewWorkspace(t)
		if other := r.Get(t, "/data_attributes?model=conversation", apptest.As(stranger)).OK(); strings.Contains(string(other.Body), "mood") {
			t.Error("the attributes are seen from another workspace")
		}
	})
}
