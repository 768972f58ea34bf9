package seed

import _ "embed"

//go:embed demo.yaml
var demo []byte

// Demo is the example company of a new server: people, companies and all that
// belongs to them.
func Demo() (*File, error) { return Parse("demo.yaml", demo) }
