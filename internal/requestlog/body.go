package requestlog

import (
	"slices"

	"github.com/klauspost/compress/s2"
)

// Kept is how many bytes are kept of a body.
const Kept = 64 << 10

// packable is how long a body is that is compressed. Of a shorter one too little is saved.
const packable = 1 << 10

// A Body is what was sent, or its beginning.
type Body struct {
	Cut bool

	bytes  []byte
	packed bool // they are compressed: most bodies are lists of objects that look alike
}

// NewBody keeps a body, of which nobody may change a byte afterwards, or the
// beginning of a longer one.
func NewBody(b []byte) Body {
	kept := Body{bytes: b, Cut: len(b) > Kept}
	if kept.Cut {
		kept.bytes = b[:Kept]
	}
	if len(b) < packable {
		return kept
	}
	if packed := s2.Encode(nil, kept.bytes); len(packed) < len(kept.bytes)/2 {
		kept.bytes, kept.packed = slices.Clone(packed), true // what there was room for is not held
	} else if kept.Cut {
		kept.bytes = slices.Clone(kept.bytes) // nor the rest
	}
	return kept
}

// Bytes are those that are kept. Nobody may change one.
func (b Body) Bytes() []byte {
	if !b.packed {
		return b.bytes
	}
	unpacked, err := s2.Decode(nil, b.bytes)
	if err != nil {
		panic(err) // NewBody has packed it
	}
	return unpacked
}

// size is about how many bytes of memory it takes.
func (b Body) size() int { return cap(b.bytes) }
