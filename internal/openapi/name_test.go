package openapi

import (
	"reflect"
	"testing"
)

type pair[A, B any] struct{}

func TestTypeName(t *testing.T) {
	t.Parallel()
	type HTTPError struct{}
	for _, tt := range []struct {
		of   reflect.Type
		want string
	}{
		{reflect.TypeFor[reflector](), "reflector"},
		{reflect.TypeFor[HTTPError](), "http_error"},
		{reflect.TypeFor[pair[HTTPError, int]](), "http_error_int_pair"},
		{reflect.TypeFor[pair[[]string, map[string]*reflector]](), "string_array_reflector_map_pair"},
		{reflect.TypeFor[pair[pair[int, bool], Operation]](), "int_bool_pair_operation_pair"},
	} {
		if got := typeName(tt.of.Name()); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.of.Name(), got, tt.want)
		}
	}
	for name, want := range map[string]string{"ID": "id", "ContactID": "contact_id", "NewContact": "new_contact", "V2List": "v2_list", "already_so": "already_so"} {
		if got := snake(name); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
}
