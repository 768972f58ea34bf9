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

// Compress makes such a file, for the tests that keep them.
func Compress(text []byte) []byte {
	var file bytes.Buffer
	w, err := flate.NewWriter(&file, flate.BestCompression)
	if err != nil {
		panic(err) // the level is one
	}
	w.Write(text) // to memory
	w.Close()
	return file.Bytes()
}
