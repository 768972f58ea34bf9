package requestlog

import (
	"os"
	"slices"
	"sync"

	"github.com/klauspost/compress/s2"
)

// Kept is how many bytes are kept of a body.
const Kept = 64 << 10

// packable is how long a body is that is compressed. Of a shorter one too little is saved.
const packable = 1 << 10

// A Body is what was sent, or its beginning.
type Body struct {
	content *content // nil: nothing was sent
	cut     bool
}

// content is what is kept of a body: in memory, or, since the log rested, in a file.
type content struct {
	size   int  // about how many bytes of memory it takes, or took
	packed bool // it is compressed: most bodies are lists of objects that look alike

	mu     sync.Mutex
	bytes  []byte   // unless it is in a file
	file   *os.File // which ends with the last content that is in it
	at     int64
	length int
}

// NewBody keeps a body, of which nobody may change a byte afterwards, or the
// beginning of a longer one.
func NewBody(b []byte) Body {
	if len(b) == 0 {
		return Body{}
	}
	cut := len(b) > Kept
	c := &content{bytes: b[:min(len(b), Kept)]}
	if len(b) >= packable {
		if packed := s2.Encode(nil, c.bytes); len(packed) < len(c.bytes)/2 {
			c.bytes, c.packed = slices.Clone(packed), true // what there was room for is not held
		} else if cut {
			c.bytes = slices.Clone(c.bytes) // nor the rest
		}
	}
	c.size = cap(c.bytes)
	return Body{content: c, cut: cut}
}

// Read returns what is kept, of which nobody may change a byte, and whether that is all that was sent. Of what cannot be
// read from a file any more nothing is kept.
func (b Body) Read() (kept []byte, whole bool) {
	if b.content == nil {
		return nil, true
	}
	kept, err := b.content.read()
	if err == nil && b.content.packed {
		kept, err = s2.Decode(nil, kept)
	}
	if err != nil {
		return nil, false
	}
	return kept, !b.cut
}

// size is about how many bytes of memory it takes, until the log rests.
func (b Body) size() int {
	if b.content == nil {
		return 0
	}
	return b.content.size
}

// read returns the bytes, compressed or not.
func (c *content) read() ([]byte, error) {
	c.mu.Lock()
	bytes, file, at, length := c.bytes, c.file, c.at, c.length
	c.mu.Unlock()
	if file == nil {
		return bytes, nil
	}
	bytes = make([]byte, length)
	_, err := file.ReadAt(bytes, at)
	return bytes, err
}

// inMemory reports whether it is in no file.
func (c *content) inMemory() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.file == nil
}

// move has it be in a file that has its bytes, and not where it was.
func (c *content) move(file *os.File, at int64, length int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.bytes, c.file, c.at, c.length = nil, file, at, length
}
