package record

import (
	"strconv"

	"parley/internal/model"
)

// Searchable is what of a contact is searched by and has no column of its
// own, by the search's name for it.
func Searchable(c *model.Contact) map[string]any {
	values := map[string]any{}
	for name, v := range c.Profile.Texts() {
		if *v != "" {
			values[name] = model.Fold(*v)
		}
	}
	for name, v := range c.Profile.Times() {
		if *v != 0 {
			values[name] = *v
		}
	}
	if c.Avatar != "" {
		values["avatar"] = model.Fold(c.Avatar)
	}
	AddSearchable(values, c.Attributes)
	return values
}

// AddSearchable adds custom attributes: texts folded, numbers plain, and the
// words true and false, which the two databases would write differently.
func AddSearchable(values map[string]any, attributes model.Attributes) {
	for name, v := range attributes {
		switch x := v.(type) {
		case string:
			v = model.Fold(x)
		case bool:
			v = strconv.FormatBool(x)
		}
		values["custom_attributes."+name] = v
	}
}
