package lazy

import (
	"bytes"
	"compress/flate"
	"fmt"
	"io"
)

// Text reads a file that is part of the program, and is compressed by DEFLATE there, for it is wanted once or not at all. TestCompressed
// holds such files against those that they are of.
func Text(compressed []byte) []byte {
	text, err := io.ReadAll(flate.NewReader(bytes.NewReader(compressed)))
	if err != nil {
		panic(fmt.Errorf("a file of the program: %w", err))
	}
	return text
}
