package backup

import (
	"archive/tar"
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/klauspost/compress/zstd"

	"parley/internal/blob"
	"parley/internal/db"
)

// A Source is what an archive is made of.
type Source struct {
	Database *db.DB
	Files    blob.Store // nil leaves files out
	Facts    Facts
	Program  string // its version
	Now      time.Time
}

// Write writes an archive of all that is committed when it begins. Others may read and write meanwhile. It takes a few
// megabytes of memory, however much there is; keys of files are kept in a temporary file.
//
// Files are read after the rows. One that has gone since its row was read is in the list of those that were not there.
func Write(ctx context.Context, s Source, to io.Writer) (*Manifest, error) {
	w, err := newWriter(to, s.Now)
	if err != nil {
		return nil, err
	}
	defer w.close()
	m := &Manifest{}
	keys, err := newSpool()
	if err != nil {
		return nil, err
	}
	defer keys.remove()
	err = s.Database.View(ctx, func(tx *db.Tx) error {
		if err := tx.Unhurried(); err != nil {
			return err
		}
		tables, err := w.head(tx, s)
		if err != nil {
			return err
		}
		for _, t := range tables {
			rows, err := w.table(tx, t, slices.Contains(s.Facts.Told, t.Name))
			if err != nil {
				return fmt.Errorf("the table %s: %w", t.Name, err)
			}
			m.Tables = append(m.Tables, Rows{t.Name, rows})
		}
		if s.Files == nil {
			return nil
		}
		return eachFile(tx, tables, s.Facts, func(key string) error { return keys.line(key) })
	})
	if err == nil && s.Files != nil {
		err = w.files(ctx, s.Files, keys, m)
	}
	if err == nil {
		err = w.finish(m)
	}
	return m, err
}

// eachFile calls fn with the key of each file that rows name.
func eachFile(tx *db.Tx, tables []*db.Table, facts Facts, fn func(key string) error) error {
	for _, f := range facts.Files {
		if !slices.ContainsFunc(tables, func(t *db.Table) bool { return t.Name == f.Table }) {
			continue
		}
		err := eachRow(tx, f.Keys, func(rows *db.Rows) error {
			var key string
			if err := rows.Scan(&key); err != nil {
				return err
			}
			return fn(key)
		})
		if err != nil {
			return fmt.Errorf("the files that %s names: %w", f.Table, err)
		}
	}
	return nil
}

func eachRow(tx *db.Tx, query string, fn func(*db.Rows) error) error {
	rows, err := tx.Query(query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := fn(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// A writer writes members and keeps their sums.
type writer struct {
	tar  *tar.Writer
	zstd *zstd.Encoder
	now  time.Time
	sums *spool
	n    int64 // members

	buffer bytes.Buffer // of a file
}

func newWriter(to io.Writer, now time.Time) (*writer, error) {
	// One goroutine: a backup has time, and the server beside it has not.
	z, err := zstd.NewWriter(to, zstd.WithEncoderConcurrency(1))
	if err != nil {
		return nil, err
	}
	sums, err := newSpool()
	if err != nil {
		return nil, err
	}
	return &writer{tar: tar.NewWriter(z), zstd: z, now: now, sums: sums}, nil
}

func (w *writer) close() {
	w.zstd.Close() // which after finish does nothing
	w.sums.remove()
}

// member writes a member of a known size.
func (w *writer) member(name string, size int64, from io.Reader) error {
	err := w.tar.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Size: size, Mode: 0o600, ModTime: w.now, Format: tar.FormatPAX})
	if err != nil {
		return err
	}
	sum := sha256.New()
	if n, err := io.Copy(io.MultiWriter(w.tar, sum), from); err != nil {
		return err
	} else if n != size {
		return fmt.Errorf("%s has %d bytes instead of %d", name, n, size)
	}
	w.n++
	return w.sums.line(sumLine(sum, name))
}

// sumLine is a member's line in the list of sums.
func sumLine(sum hash.Hash, name string) string {
	return hex.EncodeToString(sum.Sum(nil)) + "  " + name
}

func (w *writer) bytes(name string, data []byte) error {
	return w.member(name, int64(len(data)), bytes.NewReader(data))
}

func (w *writer) json(name string, v any) error {
	text, err := json.Marshal(v, jsontext.WithIndent("  "))
	if err != nil {
		return err
	}
	return w.bytes(name, append(text, '\n'))
}

// head writes what the archive is, and returns the tables that are to follow.
func (w *writer) head(tx *db.Tx, s Source) ([]*db.Table, error) {
	h := Head{Format: Format, Program: s.Program, Database: tx.Dialect().Name(), CreatedAt: s.Now.Unix(), Files: s.Files != nil}
	var err error
	if h.Schema, err = tx.SchemaVersion(); err != nil {
		return nil, err
	}
	if h.Schema == 0 {
		return nil, errors.New("there are no tables of Parley in the database")
	}
	all, err := tx.Tables()
	if err != nil {
		return nil, err
	}
	tables := slices.DeleteFunc(all, func(t *db.Table) bool { return slices.Contains(s.Facts.Passing, t.Name) })
	for _, t := range tables {
		columns := make([]Column, len(t.Columns))
		for i, c := range t.Columns {
			columns[i] = Column(c)
		}
		h.Tables = append(h.Tables, Table{t.Name, columns})
	}
	const most = 1000
	err = eachRow(tx, s.Facts.Workspaces, func(rows *db.Rows) error {
		var ws Workspace
		err := rows.Scan(&ws.ID, &ws.Name)
		if len(h.Workspaces) < most {
			ws.Name = strings.ToValidUTF8(ws.Name, "\ufffd") // people read it, nobody else
			h.Workspaces = append(h.Workspaces, ws)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return tables, w.json(headName, h)
}

// table writes the rows of a table, in the order of the key if that matters, and returns how many there are.
func (w *writer) table(tx *db.Tx, t *db.Table, ordered bool) (int64, error) {
	query := "SELECT " + t.ColumnNames() + " FROM " + db.Quoted(t.Name)
	if ordered {
		key := make([]string, len(t.Key))
		for i, name := range t.Key {
			key[i] = db.Quoted(name)
		}
		query += " ORDER BY " + strings.Join(key, ", ")
	}
	row := make([]any, len(t.Columns))
	dest := make([]any, len(row))
	for i := range row {
		dest[i] = &row[i]
	}
	var out []byte
	var n int64
	parts := 0
	flush := func() error {
		parts++
		err := w.bytes(part(t.Name, parts), out)
		out = out[:0]
		return err
	}
	err := eachRow(tx, query, func(rows *db.Rows) (err error) {
		if err = rows.Scan(dest...); err != nil {
			return err
		}
		n++
		if out, err = appendRow(out, t.Columns, row); err != nil {
			return fmt.Errorf("row %d: %w", n, err)
		}
		if len(out) >= partSize {
			return flush()
		}
		return nil
	})
	if err == nil && len(out) > 0 {
		err = flush()
	}
	return n, err
}

// files writes the files of the keys, and which of them are not there.
func (w *writer) files(ctx context.Context, from blob.Store, keys *spool, m *Manifest) error {
	absent, err := newSpool()
	if err != nil {
		return err
	}
	defer absent.remove()
	err = keys.each(func(key string) error {
		size, err := w.file(ctx, from, key)
		if errors.Is(err, fs.ErrNotExist) {
			m.Absent++
			return absent.line(key)
		}
		m.Files++
		m.FileBytes += size
		return err
	})
	if err != nil || m.Absent == 0 {
		return err
	}
	return absent.give(func(size int64, text io.Reader) error { return w.member(absentName, size, text) })
}

// held is how large a file may be to be read before its member is begun, so that one that goes meanwhile does no harm.
const held = 32 << 20

func (w *writer) file(ctx context.Context, from blob.Store, key string) (int64, error) {
	if err := blob.CheckKey(key); err != nil {
		return 0, err
	}
	file, size, err := from.Open(ctx, key)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	if size > maxMember {
		return 0, fmt.Errorf("the file %s has %d bytes, which is more than an archive takes", key, size)
	}
	var data io.Reader = file
	if size <= held {
		w.buffer.Reset()
		if _, err := w.buffer.ReadFrom(file); err != nil {
			again, _, gone := from.Open(ctx, key)
			if gone != nil {
				return 0, gone
			}
			again.Close()
			return 0, fmt.Errorf("reading the file %s: %w", key, err)
		}
		data = &w.buffer
	}
	if err := w.member(filesFolder+key, size, data); err != nil {
		return 0, fmt.Errorf("the file %s: %v", key, err) // not one that is absent, whatever it is
	}
	return size, nil
}

// finish writes the sums and the manifest.
func (w *writer) finish(m *Manifest) error {
	m.Members = w.n
	sum := sha256.New()
	err := w.sums.give(func(size int64, text io.Reader) error {
		// Its own line comes too late to be in it.
		return w.member(sumsName, size, io.TeeReader(text, sum))
	})
	if err != nil {
		return err
	}
	m.SumsHash = hex.EncodeToString(sum.Sum(nil))
	if err := w.json(manifestName, m); err != nil {
		return err
	}
	if err := w.tar.Close(); err != nil {
		return err
	}
	return w.zstd.Close()
}

// A spool is lines in a temporary file: too many to be in memory.
type spool struct {
	file *os.File
	out  *bufio.Writer
}

func newSpool() (*spool, error) {
	file, err := os.CreateTemp("", "parley-backup-")
	if err != nil {
		return nil, err
	}
	_ = os.Remove(file.Name()) // where that works with an open file, a crash leaves nothing
	return &spool{file, bufio.NewWriter(file)}, nil
}

func (s *spool) remove() {
	s.file.Close()
	os.Remove(s.file.Name())
}

func (s *spool) line(text string) error {
	_, err := s.out.WriteString(text + "\n")
	return err
}

// give hands over what has been written, with its size. What is written meanwhile is not in it.
func (s *spool) give(fn func(size int64, text io.Reader) error) error {
	if err := s.out.Flush(); err != nil {
		return err
	}
	size, err := s.file.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	return fn(size, io.NewSectionReader(s.file, 0, size))
}

// each calls fn with each line.
func (s *spool) each(fn func(line string) error) error {
	return s.give(func(_ int64, text io.Reader) error {
		lines := bufio.NewScanner(text)
		for lines.Scan() {
			if err := fn(lines.Text()); err != nil {
				return err
			}
		}
		return lines.Err()
	})
}
