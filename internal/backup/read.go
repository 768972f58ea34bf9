package backup

import (
	"archive/tar"
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/klauspost/compress/zstd"

	"parley/internal/blob"
	"parley/internal/db"
)

// A Reader reads an archive from its beginning to its end, once. It believes nothing that is in it: what is not as Write
// writes it is an error, and is told by the name of the member.
type Reader struct {
	Head Head

	zstd *zstd.Decoder
	tar  *tar.Reader
	sums *spool
	n    int64 // members read

	name string    // of the member that is being read
	size int64     // its bytes
	left io.Reader // what is left of them
	sum  hash.Hash
	back bool // the next member is the one that is being read
}

// ErrFormat says that something is no archive, or none that this Parley reads.
var ErrFormat = errors.New("this is no archive that this version of Parley reads")

// NewReader begins to read an archive: its Head. Close it when done.
func NewReader(from io.Reader) (*Reader, error) {
	z, err := zstd.NewReader(from, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(64<<20), zstd.WithDecoderLowmem(true))
	if err != nil {
		return nil, err
	}
	sums, err := newSpool()
	if err != nil {
		z.Close()
		return nil, err
	}
	r := &Reader{zstd: z, tar: tar.NewReader(z), sums: sums}
	if err := r.readHead(); err != nil {
		r.Close()
		return nil, err
	}
	return r, nil
}

// Close gives back what the reader holds.
func (r *Reader) Close() {
	r.zstd.Close()
	r.sums.remove()
}

func (r *Reader) readHead() error {
	name, err := r.next()
	if err != nil || name != headName {
		return errors.Join(ErrFormat, err)
	}
	if err := r.json(&r.Head); err != nil {
		return err
	}
	if r.Head.Format != Format {
		return fmt.Errorf("%w: it has the format %d, and this version reads %d", ErrFormat, r.Head.Format, Format)
	}
	return nil
}

// next goes to the next member and returns its name; io.EOF says that there is none.
func (r *Reader) next() (string, error) {
	if r.back {
		r.back = false
		return r.name, nil
	}
	h, err := r.tar.Next()
	if err == io.EOF {
		return "", io.EOF
	}
	if err != nil {
		return "", fmt.Errorf("behind %q: %w", r.name, damaged(err))
	}
	if h.Typeflag != tar.TypeReg || h.Size < 0 || strings.ContainsAny(h.Name, "\n\r") {
		return "", fmt.Errorf("the member %.100q is no file", h.Name)
	}
	if h.Name != sumsName && h.Name != absentName && h.Size > maxMember {
		return "", fmt.Errorf("the member %.100q says that it has %d bytes", h.Name, h.Size)
	}
	r.name, r.size, r.sum = h.Name, h.Size, sha256.New()
	r.left = io.TeeReader(r.tar, r.sum)
	return r.name, nil
}

// unread has next return the same member again. Nothing of it has been read.
func (r *Reader) unread() { r.back = true }

// end reads what is left of a member and notes its sum.
func (r *Reader) end() error {
	if _, err := io.Copy(io.Discard, r.left); err != nil {
		return r.wrong(damaged(err))
	}
	r.n++
	return r.sums.line(sumLine(r.sum, r.name))
}

// wrong is an error in the member that is being read.
func (r *Reader) wrong(err error) error { return fmt.Errorf("%s: %w", r.name, err) }

func unexpected(name string) error {
	return fmt.Errorf("the member %.100q is not expected there", name)
}

// damaged says what the end of a file in the middle of something means.
func damaged(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("the archive ends too early: %w", err)
	}
	return err
}

// json reads a member that is a JSON object.
func (r *Reader) json(into any) error {
	if r.size > maxDescription {
		return r.wrong(fmt.Errorf("%d bytes are too many", r.size))
	}
	if err := json.UnmarshalRead(r.left, into, json.RejectUnknownMembers(false)); err != nil {
		return r.wrong(damaged(err))
	}
	return r.end()
}

// rows calls fn with each row of a table, which is valid until the next. It ends before the first member that is none of
// this table.
func (r *Reader) rows(table string, columns []db.Column) func() ([]any, error) {
	row := make([]any, len(columns))
	parts, n := 0, int64(0)
	var lines *jsontext.Decoder
	return func() ([]any, error) {
		for {
			if lines == nil {
				name, err := r.next()
				if err != nil {
					return nil, noEnd(err)
				}
				if name != part(table, parts+1) {
					r.unread()
					return nil, io.EOF
				}
				parts++
				lines = jsontext.NewDecoder(r.left, jsontext.AllowDuplicateNames(true))
			}
			err := readRow(lines, columns, row)
			if err == nil {
				n++
				return row, nil
			}
			if err != io.EOF {
				return nil, r.wrong(fmt.Errorf("row %d of the table: %w", n+1, damaged(err)))
			}
			lines = nil
			if err := r.end(); err != nil {
				return nil, err
			}
		}
	}
}

// A Keeper takes a file of an archive. What it does not read is skipped.
type Keeper func(key string, size int64, from io.Reader) error

// files hands over each file, and returns a row for each, and for each that is said to be absent: its key, and whether it
// is there.
func (r *Reader) files(keep Keeper, m *Manifest) func() ([]any, error) {
	var absent *bufio.Scanner
	return func() ([]any, error) {
		if absent == nil {
			name, err := r.next()
			if err != nil {
				return nil, noEnd(err)
			}
			if key, ok := strings.CutPrefix(name, filesFolder); ok {
				m.Files++
				m.FileBytes += r.size
				if err := blob.CheckKey(key); err != nil {
					return nil, err
				}
				if err := keep(key, r.size, r.left); err != nil {
					return nil, r.wrong(damaged(err))
				}
				return []any{key, true}, r.end()
			}
			if name == sumsName {
				r.unread()
				return nil, io.EOF
			}
			if name != absentName {
				return nil, unexpected(name)
			}
			absent = bufio.NewScanner(r.left)
		}
		if absent.Scan() {
			m.Absent++
			return []any{absent.Text(), false}, blob.CheckKey(absent.Text())
		}
		if err := absent.Err(); err != nil {
			return nil, r.wrong(err)
		}
		if err := r.end(); err != nil {
			return nil, err
		}
		return nil, io.EOF
	}
}

// finish reads the sums and the manifest, and holds what was read against them.
func (r *Reader) finish(m *Manifest) error {
	m.Members = r.n
	name, err := r.next()
	if err != nil {
		return noEnd(err)
	}
	if name != sumsName {
		return unexpected(name)
	}
	if err := r.compareSums(); err != nil {
		return r.wrong(damaged(err))
	}
	m.SumsHash = hex.EncodeToString(r.sum.Sum(nil))
	if name, err = r.next(); err != nil || name != manifestName {
		return fmt.Errorf("there is no %s: %w", manifestName, errors.Join(noEnd(err), io.ErrUnexpectedEOF))
	}
	var said Manifest
	if err := r.json(&said); err != nil {
		return err
	}
	if !slices.Equal(said.Tables, m.Tables) {
		return r.wrong(fmt.Errorf("the rows are not as many as it says: %v, and not %v", m.Tables, said.Tables))
	}
	said.Tables = m.Tables
	if fmt.Sprint(said) != fmt.Sprint(*m) {
		return r.wrong(errors.New("the files are not as many as it says"))
	}
	return r.nothingBehind()
}

// compareSums reads the list of sums, which must be that of what was read.
func (r *Reader) compareSums() error {
	said := bufio.NewScanner(r.left)
	err := r.sums.each(func(line string) error {
		if !said.Scan() {
			return errors.Join(errors.New("the list ends too early"), said.Err())
		}
		if said.Text() != line {
			_, name, _ := strings.Cut(line, "  ")
			return fmt.Errorf("%s is not what was written: its sum is another", name)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if said.Scan() {
		return fmt.Errorf("the archive lacks %.100q", said.Text())
	}
	return errors.Join(said.Err(), r.end())
}

func (r *Reader) nothingBehind() error {
	if name, err := r.next(); err != io.EOF {
		return fmt.Errorf("there is something behind the end: %.100q %w", name, errors.Join(err, ErrFormat))
	}
	if n, err := io.Copy(io.Discard, io.LimitReader(r.zstd, 1)); n != 0 || err != nil {
		return fmt.Errorf("there is something behind the end: %w", errors.Join(err, ErrFormat))
	}
	return nil
}
