package parleytest

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"parley/internal/wire"
	"parley/internal/wire/dev"
)

// members are those of a type of the contract, from its tags.
func members(of any) map[string]bool {
	all := map[string]bool{}
	for f := range reflect.TypeOf(of).Fields() {
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" {
			all[name] = true
		}
	}
	return all
}

// TestFaultIsWhole has a fault of everything be sent with every member that the contract has.
func TestFaultIsWhole(t *testing.T) {
	t.Parallel()
	var f Fault
	v := reflect.ValueOf(&f).Elem()
	for i := range v.NumField() {
		switch field := v.Field(i); field.Interface().(type) {
		case time.Duration:
			field.SetInt(int64(time.Second))
		case string:
			field.SetString("x")
		case bool:
			field.SetBool(true)
		case float64:
			field.SetFloat(0.5)
		default:
			field.SetInt(7)
		}
	}
	text, err := json.Marshal((&Parley{t: t}).fault(f))
	if err != nil {
		t.Fatal(err)
	}
	var sent map[string]any
	if err := json.Unmarshal(text, &sent); err != nil {
		t.Fatal(err)
	}
	for name := range members(dev.FaultRequest{}) {
		if sent[name] == nil {
			t.Errorf("a fault is sent without %s", name)
		}
	}
	if len(sent) != v.NumField() {
		t.Errorf("of %d fields %d are sent: %s", v.NumField(), len(sent), text)
	}
}

// TestNamesAreTheContracts holds that what is read of answers is called so there.
func TestNamesAreTheContracts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ ours, contract any }{
		{Request{}, dev.LoggedRequest{}}, {Outgoing{}, wire.Outgoing{}}, {FieldChange{}, wire.FieldChange{}},
	} {
		there := members(c.contract)
		for name := range members(c.ours) {
			if !there[name] {
				t.Errorf("%T reads %s, which %T has not", c.ours, name, c.contract)
			}
		}
	}
}
