package model

// An Opt tells three things apart in a patch: absent (leave the field), null
// (clear it) and a value (set it).
type Opt[T any] struct {
	Value T
	Set   bool // present, be it null or a value
	Null  bool // present and null
}

// Some is a value that is present.
func Some[T any](v T) Opt[T] { return Opt[T]{Value: v, Set: true} }

// Apply sets field to the value, clears it to its zero value for null, and
// leaves it for absent.
func (o Opt[T]) Apply(field *T) {
	if o.Set {
		*field = o.Value
	}
}

// Has reports a present value that is not null.
func (o Opt[T]) Has() bool { return o.Set && !o.Null }
