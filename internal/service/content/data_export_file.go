package content

import (
	"bytes"
	"compress/flate"
	"context"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"

	"parley/internal/blob"
	"parley/internal/model/content"
)

// A gzipPart writes one part of a gzip stream of a single member, so that parts
// behind each other are what every reader takes: some stop after the first of
// several members. The state of the stream between two parts is the checksum and
// the length of the text.
type gzipPart struct {
	out      bytes.Buffer
	deflate  *flate.Writer
	checksum uint32
	length   int64
}

// gzipHeader says: deflated, no name, no time, made on an unknown system.
const gzipHeader = "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"

// newGzipPart begins the next part of an export's file.
func newGzipPart(e *content.DataExport) (*gzipPart, error) {
	p := &gzipPart{checksum: e.Checksum, length: e.TextLength}
	if e.Parts == 0 {
		p.out.WriteString(gzipHeader)
	}
	var err error
	p.deflate, err = flate.NewWriter(&p.out, flate.DefaultCompression)
	return p, err
}

func (p *gzipPart) Write(text []byte) (int, error) {
	p.checksum = crc32.Update(p.checksum, crc32.IEEETable, text)
	p.length += int64(len(text))
	return p.deflate.Write(text)
}

// end returns the part. Behind the last one the stream ends; any other ends with a
// whole byte, so that the next may follow.
func (p *gzipPart) end(last bool) ([]byte, error) {
	if !last {
		err := p.deflate.Flush()
		return p.out.Bytes(), err
	}
	err := p.deflate.Close()
	out := binary.LittleEndian.AppendUint32(p.out.Bytes(), p.checksum)
	return binary.LittleEndian.AppendUint32(out, uint32(p.length)), err
}

// An exportFile reads the parts of an export one after another, of which one is
// open at a time.
type exportFile struct {
	ctx   context.Context
	files blob.Store
	key   func(file int64) string
	parts []content.ExportPart // still to be opened
	open  io.ReadCloser        // nil before the first and after the last
}

func (f *exportFile) Read(to []byte) (int, error) {
	for f.open != nil {
		n, err := f.open.Read(to)
		if err != io.EOF {
			return n, err
		}
		if n > 0 {
			return n, nil
		}
		if err := f.next(); err != nil {
			return 0, err
		}
	}
	return 0, io.EOF
}

// next opens the next part, if there is one.
func (f *exportFile) next() error {
	if err := f.Close(); err != nil || len(f.parts) == 0 {
		return err
	}
	part, size, err := f.files.Open(f.ctx, f.key(f.parts[0].File))
	if err != nil {
		return fmt.Errorf("a part of an export: %w", err)
	}
	if size != f.parts[0].Size {
		part.Close()
		return fmt.Errorf("a part of an export has %d bytes, not %d", size, f.parts[0].Size)
	}
	f.open, f.parts = part, f.parts[1:]
	return nil
}

// Close closes the part that is open.
func (f *exportFile) Close() error {
	open := f.open
	if f.open = nil; open == nil {
		return nil
	}
	return open.Close()
}
