package backup_test

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/klauspost/compress/zstd"

	"parley/internal/backup"
	"parley/internal/blob"
	"parley/internal/db"
)

// schema has a column of each type, a reference to the table itself, and a table that is told.
var schema = fstest.MapFS{
	"0001_things.sql": {Data: []byte(`-- +goose Up
CREATE TABLE things (
	id     TEXT PRIMARY KEY,
	parent TEXT REFERENCES things (id),
	n      BIGINT,
	yes    BOOLEAN,
	r      DOUBLE PRECISION,
	j      JSONB,
	file   TEXT
);
CREATE TABLE told (
	transaction_id BIGINT NOT NULL,
	number         BIGINT NOT NULL,
	name           TEXT NOT NULL,
	PRIMARY KEY (transaction_id, number)
);
CREATE TABLE passing (id BIGINT PRIMARY KEY);
`)},
}

var facts = backup.Facts{Passing: []string{"passing"}, Told: []string{"told"}, Workspaces: "SELECT 1, id FROM things WHERE parent IS NULL ORDER BY id",
	Files: []backup.FileNames{{Table: "things", Keys: "SELECT DISTINCT file AS key FROM things WHERE file IS NOT NULL"}, {Table: "gone", Keys: "SELECT nonsense"}}}

var now = time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// write makes an archive of a database with a few rows and two files, one of which is not there.
func write(t testing.TB) []byte {
	t.Helper()
	ctx := context.Background()
	d, err := db.Open(ctx, db.Options{Path: filepath.Join(t.TempDir(), "db"), Migrations: schema})
	must(t, err)
	defer d.Close()
	must(t, d.Update(ctx, func(tx *db.Tx) error {
		for _, statement := range []string{
			`INSERT INTO things VALUES ('child', 'root', 9007199254740993, TRUE, 0.1, '{"b": [1, null], "a": "ä"}', 'ws/there'), ('root', NULL, NULL, NULL, NULL, NULL, 'ws/absent')`,
			`INSERT INTO things (id, n, yes, r, j) VALUES ('odd "' || char(10) || '\ ' || char(0) || ' 😀', -9223372036854775808, FALSE, -1e300, '[]')`,
			`INSERT INTO things (id) VALUES (CAST(x'ff00fe' AS TEXT)), ('')`,
			`INSERT INTO told VALUES (7, 1, 'second'), (3, 2, 'first'), (7, 3, 'third')`,
			`INSERT INTO passing VALUES (1)`,
		} {
			if _, err := tx.Exec(statement); err != nil {
				return err
			}
		}
		return nil
	}))
	files := blob.NewFolder(t.TempDir())
	must(t, files.Put(ctx, "ws/there", strings.NewReader("hello"), 5, ""))
	var out bytes.Buffer
	_, err = backup.Write(ctx, backup.Source{Database: d, Files: files, Facts: facts, Program: "test", Now: now}, &out)
	must(t, err)
	return out.Bytes()
}

// load restores an archive into a new file, and returns where that is.
func load(t testing.TB, archive []byte) (string, *backup.Manifest, map[string]string, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "db")
	r, err := backup.NewReader(bytes.NewReader(archive))
	if err != nil {
		return path, nil, nil, err
	}
	defer r.Close()
	var m *backup.Manifest
	files := map[string]string{}
	err = db.Load(context.Background(), db.Options{Path: path, Migrations: schema}, r.Head.Schema, func(l *db.Loader) (err error) {
		m, err = r.Load(l, backup.Target{Facts: facts, First: 1000, Keep: func(key string, size int64, from io.Reader) error {
			text, err := io.ReadAll(from)
			files[key] = string(text)
			return err
		}})
		return err
	})
	return path, m, files, err
}

// dump is all that is in the tables, in the order of their keys.
func dump(t testing.TB, path string) string {
	t.Helper()
	d, err := db.Open(context.Background(), db.Options{Path: path, ReadOnly: true})
	must(t, err)
	defer d.Close()
	var out strings.Builder
	must(t, d.View(context.Background(), func(tx *db.Tx) error {
		for _, q := range []string{`SELECT quote(id) || quote(parent) || quote(n) || quote(yes) || quote(r) || quote(j) || quote(file) FROM things ORDER BY id`,
			`SELECT transaction_id || ' ' || number || ' ' || name FROM told ORDER BY transaction_id, number`, `SELECT 'passing ' || id FROM passing`} {
			rows, err := tx.Query(q)
			if err != nil {
				return err
			}
			for rows.Next() {
				var line string
				if err := rows.Scan(&line); err != nil {
					return err
				}
				fmt.Fprintln(&out, line)
			}
			if err := rows.Err(); err != nil {
				return err
			}
		}
		return nil
	}))
	return out.String()
}

// Every value comes back as it was, rows that refer to later ones and texts that are no UTF-8 too; only what is told gets
// new positions, in the old order.
func TestValuesComeBack(t *testing.T) {
	t.Parallel()
	path, m, files, err := load(t, write(t))
	must(t, err)
	want := `'''NULLNULLNULLNULLNULLNULL
'child''root'900719925474099310.1'{"b": [1, null], "a": "ä"}''ws/there'
'odd "
\ 'NULL-92233720368547758080-1.0e+300'[]'NULL
'root'NULLNULLNULLNULLNULL'ws/absent'
`
	got := dump(t, path)
	for _, line := range append(strings.Split(want, "\n"), "0 1000 first\n0 1001 second\n0 1002 third") {
		if !strings.Contains(got, strings.TrimPrefix(line, "''")) {
			t.Errorf("there is no %q in\n%s", line, got)
		}
	}
	if strings.Contains(got, "passing") {
		t.Error("rows came along that mean nothing elsewhere")
	}
	if fmt.Sprint(files) != "map[ws/there:hello]" || m.Files != 1 || m.FileBytes != 5 || m.Absent != 1 || m.Rows() != 8 {
		t.Errorf("files %v, manifest %+v", files, m)
	}
	d, err := db.Open(context.Background(), db.Options{Path: path, ReadOnly: true})
	must(t, err)
	defer d.Close()
	must(t, d.View(context.Background(), func(tx *db.Tx) error {
		var bytes, odd int
		return errors.Join(tx.QueryRow(`SELECT count(*) FROM things WHERE CAST(id AS BLOB) = x'ff00fe'`).Scan(&bytes),
			tx.QueryRow(`SELECT count(*) FROM things WHERE id = 'odd "' || char(10) || '\ ' || char(0) || ' 😀'`).Scan(&odd),
			map[bool]error{false: fmt.Errorf("%d and %d odd texts came back", bytes, odd)}[bytes == 1 && odd == 1])
	}))
}

// A member of an archive, as a test changes it.
type member struct {
	name string
	body string
	kind byte
	size int64 // that the header tells, if it is not 0
}

func unpack(t testing.TB, archive []byte) []member {
	t.Helper()
	z, err := zstd.NewReader(bytes.NewReader(archive))
	must(t, err)
	defer z.Close()
	var all []member
	for in := tar.NewReader(z); ; {
		h, err := in.Next()
		if err == io.EOF {
			return all
		}
		must(t, err)
		body, err := io.ReadAll(in)
		must(t, err)
		all = append(all, member{name: h.Name, body: string(body)})
	}
}

// pack makes an archive of members. With sums it writes those that are right.
func pack(t testing.TB, members []member, sums bool) []byte {
	t.Helper()
	var out, list bytes.Buffer
	z, err := zstd.NewWriter(&out)
	must(t, err)
	to := tar.NewWriter(z)
	n := 0
	for _, m := range members {
		if sums && m.name == "SHA256SUMS" {
			m.body = list.String()
		}
		if sums && m.name == "manifest.json" {
			before, _, _ := strings.Cut(m.body, `"members"`)
			m.body = fmt.Sprintf(`%s"members": %d, "sums_sha256": "%x"}`, before, n, sha256.Sum256(list.Bytes()))
		} else if m.name != "SHA256SUMS" {
			fmt.Fprintf(&list, "%x  %s\n", sha256.Sum256([]byte(m.body)), m.name)
			n++
		}
		h := &tar.Header{Typeflag: m.kind, Name: m.name, Size: int64(len(m.body)), Mode: 0o600, Linkname: map[bool]string{true: "/etc/passwd"}[m.kind == tar.TypeSymlink]}
		if m.size != 0 {
			h.Size = m.size
		}
		must(t, to.WriteHeader(h))
		if _, err := io.WriteString(to, m.body); err != nil {
			t.Fatal(err)
		}
		if m.size != 0 { // which nothing can come behind
			must(t, z.Close())
			return out.Bytes()
		}
	}
	must(t, to.Close())
	must(t, z.Close())
	return out.Bytes()
}

// Whatever is wrong with an archive is told, and leaves nothing.
func TestBadArchives(t *testing.T) {
	t.Parallel()
	good := write(t)
	replace := func(name, old, new string) func([]member) []member {
		return func(all []member) []member {
			for i, m := range all {
				if m.name == name {
					if !strings.Contains(m.body, old) {
						t.Errorf("there is no %q in %s", old, name)
					}
					all[i].body = strings.Replace(m.body, old, new, 1)
				}
			}
			return all
		}
	}
	insert := func(before string, more ...member) func([]member) []member {
		return func(all []member) []member {
			for i, m := range all {
				if m.name == before {
					return append(append(append([]member{}, all[:i]...), more...), all[i:]...)
				}
			}
			t.Errorf("there is no %s", before)
			return all
		}
	}
	drop := func(name string) func([]member) []member {
		return func(all []member) []member {
			var left []member
			for _, m := range all {
				if m.name != name {
					left = append(left, m)
				}
			}
			return left
		}
	}
	const things, told = "tables/things/000001.jsonl", "tables/told/000001.jsonl"
	for _, c := range []struct {
		name   string
		change func([]member) []member
		forged bool // the sums are made to be right
		want   string
	}{
		{"a row is changed", replace(told, "first", "worst"), false, told + " is not what was written"},
		{"a file is changed", replace("files/ws/there", "hello", "hallo"), false, "files/ws/there is not what was written"},
		{"a file is missing", drop("files/ws/there"), false, "lacks files that its rows name, for example ws/there"},
		{"rows are missing", drop(told), true, "the rows are not as many as it says"},
		{"sums are missing", drop("SHA256SUMS"), false, `"manifest.json" is not expected there`},
		{"the manifest is missing", drop("manifest.json"), false, "there is no manifest.json"},
		{"the head is missing", drop("parley.json"), true, "this is no archive"},
		{"another format", replace("parley.json", `"format": 1`, `"format": 2`), true, "it has the format 2, and this version reads 1"},
		{"a newer schema", replace("parley.json", `"schema": 1`, `"schema": 2`), true, "belongs to a newer version of Parley"},
		{"a schema that never was", replace("parley.json", `"schema": 1`, `"schema": 0`), true, "there is no schema version 0"},
		{"the head is no JSON", replace("parley.json", "{", "{{"), true, "parley.json: "},
		{"an unknown table", replace("parley.json", `"name": "told"`, `"name": "users"`), true, `the table "users", which the schema version 1 does not have`},
		{"the books of the migrations", replace("parley.json", `"name": "told"`, `"name": "goose_db_version"`), true, `"goose_db_version"`},
		{"a table twice", replace("parley.json", `"name": "told"`, `"name": "things"`), true, "names the table"},
		{"an unknown column", replace("parley.json", `"name": "parent"`, `"name": "parent\" TEXT); DROP TABLE things"`), true, "which is not there"},
		{"a column twice", replace("parley.json", `"name": "parent"`, `"name": "id"`), true, "names it twice"},
		{"a table too few", func(all []member) []member {
			all = drop(told)(all)
			at := strings.LastIndex(all[0].body, `{`+"\n      \"name\": \"told\"")
			all[0].body = strings.TrimRight(all[0].body[:at], ", \n\t") + "]}"
			return all
		}, true, "lacks the table told"},
		{"a number for a text", replace(told, `"first"`, `12`), true, "row 1 of the table: the column name: 12 is no value of the type text"},
		{"a text for a number", replace(things, "9007199254740993", `"x"`), true, `the column n: "x" is no value of the type integer`},
		{"a fraction", replace(things, "9007199254740993", `1.5`), true, "invalid syntax"},
		{"a number that is too large", replace(things, "9007199254740993", `9223372036854775808`), true, "value out of range"},
		{"no JSON in a text", replace(things, `"[]"`, `"[}"`), true, "is neither a JSON object nor a list"},
		{"a list for a text", replace(told, `"first"`, `["first"]`), true, `["first"] is no value of the type text`},
		{"odd bytes", replace(things, `"base64":"`, `"base64":"!`), true, "illegal base64"},
		{"an object for a text", replace(things, `"base64"`, `"hex"`), true, `is {"base64": "…"}`},
		{"a column too many", replace(told, `"first"`, `"first",1`), true, "a list with a value for each column"},
		{"a column too few", replace(told, `,"first"`, ``), true, "the column name"},
		{"no list", replace(told, `[3,2,"first"]`, `{}`), true, "a list with a value for each column"},
		{"half a row", replace(told, `,"first"]`, ``), true, told},
		{"nothing for what must be there", replace(told, `"first"`, `null`), true, "the table told, at row 1: "},
		{"a row twice", replace(things, "[\"root\"", "[\"root\",null,null,null,null,null,null]\n[\"root\""), true, "UNIQUE"},
		{"a reference to nothing", replace(things, `"child","root"`, `"child","nobody"`), true, "1 rows of things refer to rows of things that are not there"},
		{"a path that leads out", insert("absent", member{name: "files/../../x", body: "x"}), true, `"../../x" is no key`},
		{"an absolute path", insert("absent", member{name: "files//etc/x", body: "x"}), true, `"/etc/x" is no key`},
		{"a hidden path", insert("absent", member{name: "files/ws/.x", body: "x"}), true, `"ws/.x" is no key`},
		{"a file twice", insert("absent", member{name: "files/ws/there", body: "hello"}), true, "UNIQUE"},
		{"a link", insert("absent", member{name: "files/ws/x", kind: tar.TypeSymlink}), true, "is no file"},
		{"a folder", insert("absent", member{name: "files/ws/", kind: tar.TypeDir}), true, "is no file"},
		{"a huge member", insert("absent", member{name: "files/ws/x", body: "x", size: 1 << 40}), true, "says that it has 1099511627776 bytes"},
		{"a member that is not known", insert("absent", member{name: "more", body: "x"}), true, `"more" is not expected there`},
		{"rows behind the files", insert("absent", member{name: told, body: "[9,9,\"x\"]\n"}), true, "is not expected there"},
		{"a part is missing", insert(told, member{name: "tables/things/000003.jsonl", body: "[]"}), true, "is not expected there"},
		{"something behind the end", func(all []member) []member { return append(all, member{name: "more"}) }, true, "behind the end"},
		{"absent nonsense", replace("absent", "ws/absent", "../absent"), true, "is no key"},
		{"the manifest says more", replace("manifest.json", `"rows": 5`, `"rows": 6`), true, "the rows are not as many as it says"},
		{"the manifest says less", replace("manifest.json", `"files": 1`, `"files": 0`), true, "the files are not as many as it says"},
		{"a sum too many", replace("SHA256SUMS", "\n", "\n"+strings.Repeat("0", 64)+"  more\n"), false, "is not what was written"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			fails(t, pack(t, c.change(unpack(t, good)), c.forged), c.want)
		})
	}
	t.Run("unchanged", func(t *testing.T) { // so that it is the change that fails
		t.Parallel()
		_, _, _, err := load(t, pack(t, unpack(t, good), true))
		must(t, err)
	})
}

// fails checks that an archive is refused with words that say why, and that nothing is left.
func fails(t testing.TB, archive []byte, want string) {
	t.Helper()
	path, _, _, err := load(t, archive)
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("the error is %v; want one with %q", err, want)
	}
	left, err := os.ReadDir(filepath.Dir(path))
	must(t, err)
	if len(left) != 0 {
		t.Errorf("%v is left", left)
	}
}

// An archive that was cut off anywhere, or in which a bit changed, is never taken for a whole one.
func TestDamagedArchives(t *testing.T) {
	t.Parallel()
	good := write(t)
	for at := 0; at < len(good); at += 1 + len(good)/40 {
		fails(t, good[:at], "")
		flipped := bytes.Clone(good)
		flipped[at] ^= 4
		fails(t, flipped, "")
	}
	fails(t, append(bytes.Clone(good), "more"...), "behind the end")
	fails(t, append(bytes.Clone(good), good...), "behind the end")
	fails(t, []byte("PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\n"), "this is no archive")
	fails(t, nil, "this is no archive")
}

// FuzzRead has the reader meet what no writer wrote: tars of anything.
func FuzzRead(f *testing.F) {
	for _, m := range [][]member{unpack(f, write(f)), nil, {{name: "parley.json", body: "{}"}}} {
		z, err := zstd.NewReader(bytes.NewReader(pack(f, m, true)))
		must(f, err)
		raw, err := io.ReadAll(z)
		must(f, err)
		z.Close()
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		var out bytes.Buffer
		z, err := zstd.NewWriter(&out)
		must(t, err)
		_, _ = z.Write(raw)
		must(t, z.Close())
		if path, m, _, err := load(t, out.Bytes()); err == nil {
			if m.Members == 0 || dump(t, path) == "" && m.Rows() > 0 {
				t.Errorf("%+v was taken for an archive", m)
			}
		}
	})
}
