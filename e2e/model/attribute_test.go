package model

import (
	"maps"
	"slices"
	"strconv"
)

// An attribute is a custom data attribute as the rules have it.
type attribute struct {
	id       int64
	of       string // contact, company or conversation
	name     string
	kind     string // string or integer
	archived bool
}

func (m *machine) attributeActions() map[string]func() {
	return map[string]func(){
		"declare an attribute": m.declare,
		"archive an attribute": m.archiveAttribute,
	}
}

func (m *machine) attribute(of, name string) *attribute {
	for _, a := range m.attributes {
		if a.of == of && a.name == name {
			return a
		}
	}
	return nil
}

// conform is what values of custom attributes become, or why they cannot be. The first name in
// the order of names decides.
func (m *machine) conform(of string, values any) (object, refusal) {
	given, _ := values.(object)
	out := object{}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		a, v := m.attribute(of, name), given[name]
		if a == nil || a.archived && v != nil {
			kind := "Custom"
			if of == "conversation" {
				kind = "Conversation"
			}
			return nil, invalid(kind + " attribute '" + name + "' does not exist")
		}
		switch v := v.(type) {
		case nil:
			out[name] = nil
		case int:
			out[name] = v
			if a.kind == "string" {
				out[name] = strconv.Itoa(v)
			}
		case string:
			out[name] = v
			if a.kind == "integer" {
				n, err := strconv.Atoi(v)
				if err != nil {
					return nil, refusal{400, "invalid_document", "Custom attribute '" + name + "' must be a whole number"}
				}
				out[name] = n
			}
		}
	}
	return out, done
}

// declare makes an attribute. Contacts and companies share their names, archived ones too.
func (m *machine) declare() {
	of := pick(m, "model", "contact", "company", "conversation")
	name := pick(m, "name", "size", "colour", "plan", "tier", "name", "a.b", "")
	kind := pick(m, "type", "string", "integer", "colour")
	words := map[string]string{"contact": "people", "company": "company"}
	why := done
	switch {
	case of == "conversation":
		why = invalid("The Data Attribute model field must be either contact or company")
	case name == "":
		why = required("Name is a required parameter.")
	case name == "a.b":
		why = invalid("Your name for this attribute must only contain alphanumeric characters, currency symbols, and hyphens")
	case kind == "colour":
		why = invalid("Data Type isn't an option")
	case name == "name", name == "size" && of == "company":
		why = invalid("'" + name + "' is one of our standard attributes for your " + words[of] + " data. To save this as new " + words[of] + " data, use a different name.")
	default:
		for _, a := range m.attributes {
			if a.of != "conversation" && a.name == name {
				why = invalid("You already have '" + name + "' in your " + words[a.of] + " data. To save this as new " + words[of] + " data, use a different name.")
			}
		}
	}
	got := m.ask("POST", "/data_attributes", object{"model": of, "name": name, "data_type": kind}, why)
	if why == done {
		id := int64(got["id"].(float64))
		m.attributes = append(m.attributes, &attribute{id: id, of: of, name: name, kind: kind})
		m.shows("the attribute", got, object{"name": name, "model": of, "data_type": kind, "custom": true, "archived": false, "full_name": "custom_attributes." + name})
	}
}

// archiveAttribute archives an attribute or brings it back. One that a segment asks for stays.
func (m *machine) archiveAttribute() {
	if m.chance("no attribute", 8) {
		m.ask("PUT", "/data_attributes/404", object{"archived": true}, refusal{404, "field_not_found", "We couldn't find that data attribute to update"})
		return
	}
	a := m.attributes[m.among("attribute", len(m.attributes))]
	archived := pick(m, "archived", true, false)
	why := done
	if archived && a.name == "plan" && a.of == "contact" {
		why = refusal{422, "data_invalid", "The Data Attribute you are trying to archive has a dependant object"}
	}
	got := m.ask("PUT", "/data_attributes/"+number(a.id), object{"archived": archived}, why)
	if why == done {
		a.archived = archived
		m.shows("the attribute", got, object{"id": a.id, "archived": archived})
	}
}
