package contract

import "slices"

// convert turns an OpenAPI 3.0 schema into JSON Schema 2020-12. Annotations are
// left out, formats among them: they would not be held against an answer.
func convert(schema any) any {
	s, ok := schema.(map[string]any)
	if !ok {
		return schema // true or false
	}
	if ref, ok := s["$ref"]; ok {
		return orNull(map[string]any{"$ref": ref}, s)
	}
	out := map[string]any{}
	for name, value := range s {
		switch name {
		case "properties":
			properties := map[string]any{}
			for property, sub := range object(value) {
				properties[property] = convert(sub)
			}
			out[name] = properties
		case "items", "not", "additionalProperties":
			out[name] = convert(value)
		case "allOf", "anyOf", "oneOf":
			subs := make([]any, 0, len(items(value)))
			for _, sub := range items(value) {
				subs = append(subs, convert(sub))
			}
			out[name] = subs
		case "type", "enum", "required", "pattern", "minLength", "maxLength", "minItems", "maxItems",
			"uniqueItems", "minProperties", "maxProperties", "multipleOf":
			out[name] = value
		case "minimum":
			out[bound(name, "exclusiveMinimum", s)] = value
		case "maximum":
			out[bound(name, "exclusiveMaximum", s)] = value
		}
	}
	return orNull(out, s)
}

// bound is the keyword for a limit, which 3.0 makes exclusive by a flag beside
// it.
func bound(inclusive, exclusive string, said map[string]any) string {
	if said[exclusive] == true {
		return exclusive
	}
	return inclusive
}

// orNull lets a schema accept null as well if 3.0 says it is nullable.
func orNull(schema, said map[string]any) any {
	if said["nullable"] != true {
		return schema
	}
	for _, key := range []string{"$ref", "allOf", "anyOf", "oneOf", "not"} {
		if schema[key] != nil {
			return map[string]any{"anyOf": []any{schema, map[string]any{"type": "null"}}}
		}
	}
	if kind, ok := schema["type"].(string); ok {
		schema["type"] = []any{kind, "null"}
	}
	if values := items(schema["enum"]); values != nil && !slices.Contains(values, nil) {
		schema["enum"] = append(slices.Clone(values), nil)
	}
	return schema
}
