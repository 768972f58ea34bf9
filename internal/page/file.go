package page

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
)

// A file is what the door sends at one path.
type file struct {
	contentType string
	packed      []byte // gzip
	version     string // of the content; another content has another
}

// contentTypes are spelled out, as the types that the operating system knows differ.
var contentTypes = map[string]string{
	".css":  "text/css; charset=utf-8",
	".html": "text/html; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".svg":  "image/svg+xml",
	".txt":  "text/plain; charset=utf-8",
	"":      "text/plain; charset=utf-8", // the licence and the notice
}

const index = "index.html"

// load finds the files by the paths that they are sent at. The page is there
// twice, as a link in it means another path where its own ends in a slash.
func (d *Door) load() (map[string]*file, error) {
	files := map[string]*file{}
	var html string
	pack := packer()
	for _, dir := range d.Folders {
		entries, err := d.Files.ReadDir(dir)
		if err != nil {
			return nil, err
		}
		for _, entry := range entries {
			data, err := fs.ReadFile(d.Files, path.Join(dir, entry.Name()))
			if err != nil {
				return nil, err
			}
			if entry.Name() == index {
				html = string(data)
				continue
			}
			name, packed := strings.CutSuffix(entry.Name(), ".gz")
			if !packed {
				data = pack(data)
			}
			if files[d.Path+"/"+name], err = newFile(name, data); err != nil {
				return nil, err
			}
		}
	}
	inFolder, beside := html, strings.ReplaceAll(html, `="../`, `="`)
	for at, f := range files {
		name := path.Base(at)
		link := name + "?v=" + f.version
		inFolder = strings.ReplaceAll(inFolder, `="`+name+`"`, `="`+link+`"`)
		beside = strings.ReplaceAll(beside, `="`+name+`"`, `="`+path.Base(d.Path)+"/"+link+`"`)
	}
	for at, text := range map[string]string{d.Path + "/": inFolder, d.Path: beside} {
		f, err := newFile(index, pack([]byte(text)))
		if err != nil {
			return nil, err
		}
		files[at] = f
	}
	return files, nil
}

func newFile(name string, packed []byte) (*file, error) {
	contentType, ok := contentTypes[path.Ext(name)]
	if !ok {
		return nil, fmt.Errorf("page: %s has no content type", name)
	}
	sum := sha256.Sum256(packed)
	return &file{contentType, packed, hex.EncodeToString(sum[:8])}, nil
}

// packer makes a function that compresses. A compressor is large, and made once.
func packer() func([]byte) []byte {
	w := gzip.NewWriter(nil)
	return func(data []byte) []byte {
		var b bytes.Buffer
		w.Reset(&b)
		w.Write(data) // a buffer takes everything
		w.Close()
		return b.Bytes()
	}
}

func unpack(packed []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

// AcceptsGzip says whether a client takes gzip. One that says so in a way that is
// not understood is sent the plain text, which everybody takes.
func AcceptsGzip(h http.Header) bool {
	others := false
	for item := range strings.SplitSeq(strings.Join(h.Values("Accept-Encoding"), ","), ",") {
		coding, parameter, weighed := strings.Cut(strings.ToLower(item), ";")
		accepted := true
		if weighed {
			weight, _ := strings.CutPrefix(strings.TrimSpace(parameter), "q=")
			q, err := strconv.ParseFloat(weight, 64)
			accepted = err == nil && q > 0
		}
		switch strings.TrimSpace(coding) {
		case "gzip", "x-gzip":
			return accepted
		case "*":
			others = accepted
		}
	}
	return others
}
