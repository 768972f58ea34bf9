package model_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"parley/internal/model"
)

const ws = model.WorkspaceID("abcd1234")

// picture makes an image file of 3 by 2 pixels.
func picture(t testing.TB, contentType string) []byte {
	t.Helper()
	var file bytes.Buffer
	var err error
	img := image.NewPaletted(image.Rect(0, 0, 3, 2), color.Palette{image.Black, image.White})
	switch contentType {
	case "image/png":
		err = png.Encode(&file, img)
	case "image/jpeg":
		err = jpeg.Encode(&file, img, nil)
	case "image/gif":
		err = gif.Encode(&file, img, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// The beginnings of three WebP files, of 3 by 2, 300 by 200 and 70,000 by 2.
const (
	webPLossy    = "RIFF\x24\x00\x00\x00WEBPVP8 \x18\x00\x00\x00\x30\x01\x00\x9d\x01\x2a\x03\x00\x02\x00"
	webPLossless = "RIFF\x24\x00\x00\x00WEBPVP8L\x18\x00\x00\x00\x2f\x2b\xc1\x31\x00\x00\x00\x00\x00\x00"
	webPExtended = "RIFF\x24\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x10\x00\x00\x00\x6f\x11\x01\x01\x00\x00"
)

// one makes the attachment of a message with one file.
func one(u model.Upload) (*model.Attachment, error) {
	all, err := model.NewAttachments(ws, []model.Upload{u}, nil)
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

func TestContentTypes(t *testing.T) {
	t.Parallel()
	pngFile, jpegFile, gifFile := string(picture(t, "image/png")), string(picture(t, "image/jpeg")), string(picture(t, "image/gif"))
	for _, c := range []struct {
		name, declared, data string
		want                 string // "" for a refusal
		width, height        int64
		inline               bool
	}{
		{"png", "image/png", pngFile, "image/png", 3, 2, true},
		{"jpeg", "image/jpeg", jpegFile, "image/jpeg", 3, 2, true},
		{"jpeg by a wrong name", "image/jpg", jpegFile, "image/jpeg", 3, 2, true},
		{"gif", "IMAGE/GIF; charset=binary", gifFile, "image/gif", 3, 2, true},
		{"lossy webp", "image/webp", webPLossy, "image/webp", 3, 2, true},
		{"lossless webp", "image/webp", webPLossless, "image/webp", 300, 200, true},
		{"extended webp", "image/webp", webPExtended, "image/webp", 70000, 2, true},
		{"pdf", "application/pdf", "%PDF-1.7\n", "application/pdf", 0, 0, false},
		{"nothing declared, png", "", pngFile, "image/png", 3, 2, true},
		{"bytes declared, png", "application/octet-stream", pngFile, "image/png", 3, 2, true},
		{"nothing declared, text", " ", "Hello, Ängström\n", "text/plain; charset=utf-8", 0, 0, false},
		{"nothing declared, nothing there", "", "", "text/plain; charset=utf-8", 0, 0, false},
		{"nothing declared, no text", "", "\x00\x01\x02", "application/octet-stream", 0, 0, false},
		{"nothing declared, a page", "", "<html><script>", "text/plain; charset=utf-8", 0, 0, false},
		{"a page", "text/html", "<html><script>", "text/html", 0, 0, false},
		{"a drawing, which may hold a script", "image/svg+xml", "<svg/>", "image/svg+xml", 0, 0, false},
		{"png called text", "text/plain", pngFile, "text/plain", 0, 0, false},
		{"cut short", "image/png", pngFile[:20], "image/png", 0, 0, true},
		{"webp cut short", "image/webp", webPLossy[:16], "image/webp", 0, 0, true},
		{"an unknown chunk", "image/webp", strings.Replace(webPLossy, "VP8 ", "VP9 ", 1), "image/webp", 0, 0, true},
		{"a page called png", "image/png", "<html><script>", "", 0, 0, false},
		{"a page called pdf", "application/pdf", "<html><script>", "", 0, 0, false},
		{"jpeg called png", "image/png", jpegFile, "", 0, 0, false},
		{"png called pdf", "application/pdf", pngFile, "", 0, 0, false},
		{"png called a drawing", "image/svg+xml", pngFile, "", 0, 0, false},
		{"an empty png", "image/png", "", "", 0, 0, false},
		{"no type", "png", pngFile, "", 0, 0, false},
		{"a header more", "text/plain\r\nX-Evil: 1", "hello", "", 0, 0, false},
		{"a type that is too long", "text/" + strings.Repeat("x", 300), "hello", "", 0, 0, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			a, err := one(model.Upload{Name: "x", ContentType: c.declared, Data: []byte(c.data)})
			if c.want == "" {
				if e, ok := model.AsError(err); !ok || e.Code != "parameter_invalid" {
					t.Errorf("got %+v, %v", a, err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if a.ContentType != c.want || a.Width != c.width || a.Height != c.height || a.Inline() != c.inline || a.Size != int64(len(c.data)) ||
				a.Key != string(ws)+"/"+string(a.ID) || a.URL != "" {
				t.Errorf("got %+v", a)
			}
		})
	}
}

func TestFileNames(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"photo.png": "photo.png", "": "file", " ": "file", ".": "file", "..": "file", "...": "file", "/": "file",
		"../../etc/passwd": "passwd", `C:\Users\Ann\photo.png`: "photo.png", "a/b/": "file", ".htaccess": ".htaccess",
		"a\x00b\r\nc": "abc", "photo\u202egnp.exe": "photognp.exe", "zero\u200bwidth": "zerowidth", "bad\xff": "bad",
		" Ängström 1.pdf ": "Ängström 1.pdf", `say "hi".txt`: `say "hi".txt`, strings.Repeat("x", 255): strings.Repeat("x", 255),
	} {
		a, err := one(model.Upload{Name: name, Data: []byte("x")})
		if err != nil || a.Name != want {
			t.Errorf("%q becomes %+v, %v; want %q", name, a, err, want)
		}
	}
	if _, err := one(model.Upload{Name: strings.Repeat("x", 256), Data: []byte("x")}); err == nil {
		t.Error("a name of 256 bytes is taken")
	}
}

func TestUploads(t *testing.T) {
	t.Parallel()
	for data, want := range map[string]string{"": "", "aGVsbG8=": "hello", "aGVs\r\nbG8=\n": "hello"} {
		if u, err := model.NewUpload("a", "b", data); err != nil || string(u.Data) != want {
			t.Errorf("%q is read as %q, %v", data, u.Data, err)
		}
	}
	for _, data := range []string{"aGVsbG8", "a", "not base64!", "aGVs bG8=", "data:text/plain;base64,aGVsbG8="} {
		_, err := model.NewUpload("a", "b", data)
		if e, ok := model.AsError(err); !ok || e.Code != "parameter_invalid" || e.Message != `The data of attachment "a" is not base64` {
			t.Errorf("%q: %v", data, err)
		}
	}
}

func TestBoundsOfAMessage(t *testing.T) {
	t.Parallel()
	files := func(n, size int) (all []model.Upload) {
		for range n {
			all = append(all, model.Upload{Name: "x", Data: make([]byte, size)})
		}
		return all
	}
	urls := func(n int) (all []string) {
		for i := range n {
			all = append(all, fmt.Sprintf("https://a.test/%d.png", i))
		}
		return all
	}
	for _, c := range []struct {
		name  string
		files []model.Upload
		urls  []string
		ok    bool
	}{
		{"none", nil, nil, true},
		{"as many as may be", files(10, 1<<20), urls(10), true},
		{"a file too many", files(11, 1), nil, false},
		{"a URL too many", nil, urls(11), false},
		{"a byte too many", files(1, 10<<20+1), nil, false},
		{"too large together", files(2, 5<<20+1), nil, false},
	} {
		all, err := model.NewAttachments(ws, c.files, c.urls)
		if (err == nil) != c.ok || err == nil && len(all) != len(c.files)+len(c.urls) {
			t.Errorf("%s: %d, %v", c.name, len(all), err)
		}
	}
}

func TestLinks(t *testing.T) {
	t.Parallel()
	for link, want := range map[string]model.Attachment{
		"https://a.test/photo.PNG":           {Name: "photo.PNG", ContentType: "image/png"},
		"http://a.test/x/photo.jpg?y=1#z":    {Name: "photo.jpg", ContentType: "image/jpeg"},
		"https://a.test":                     {Name: "file", ContentType: "application/octet-stream"},
		"https://a.test/x/":                  {Name: "file", ContentType: "application/octet-stream"},
		"https://a.test/a%2fb%0a.pdf":        {Name: "b.pdf", ContentType: "application/pdf"},
		"https://a.test/%D0%9F.txt":          {Name: "П.txt", ContentType: "text/plain; charset=utf-8"},
		"https://a.test:8443/page.html":      {Name: "page.html", ContentType: "text/html"},
		"https://127.0.0.1/x":                {Name: "x", ContentType: "application/octet-stream"},
		"https://a.test/" + long("é", 400):   {Name: strings.Repeat("é", 127), ContentType: "application/octet-stream"},
		"https://a.test/" + long("x", 2033):  {Name: strings.Repeat("x", 255), ContentType: "application/octet-stream"},
		"https://a.test/report.docx?v=1.png": {Name: "report.docx", ContentType: "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
	} {
		a, err := model.NewLink(link)
		if err != nil {
			t.Errorf("%.80s: %v", link, err)
			continue
		}
		want.ID, want.URL = a.ID, link
		if *a != want {
			t.Errorf("%.80s: got %+v", link, a)
		}
	}
	for _, link := range []string{"", "photo.png", "//a.test/x", "ftp://a.test/x", "file:///etc/passwd", "javascript:alert(1)", "data:,x",
		"http://", "http:///x", "https://joe:hush@a.test/", "http://a b/", "https://a.test/" + long("x", 2034)} {
		_, err := model.NewLink(link)
		if e, ok := model.AsError(err); !ok || e.Code != "parameter_invalid" {
			t.Errorf("%.80q: %v", link, err)
		}
	}
}

func long(s string, n int) string { return strings.Repeat(s, n) }

// What was fetched says what it is, unless the name of its link knows better.
func TestFill(t *testing.T) {
	t.Parallel()
	pngFile := string(picture(t, "image/png"))
	for _, c := range []struct{ link, data, want string }{
		{"https://a.test/x", pngFile, "image/png"},
		{"https://a.test/x.jpg", pngFile, "image/png"},
		{"https://a.test/x.png", "<html>not found", "text/plain; charset=utf-8"},
		{"https://a.test/x.svg", pngFile, "image/png"},
		{"https://a.test/x.csv", "a,b", "text/csv"},
		{"https://a.test/x.zip", "PK\x03\x04", "application/zip"},
	} {
		a, err := model.NewLink(c.link)
		if err != nil {
			t.Fatal(err)
		}
		a.Fill(ws, []byte(c.data))
		if a.ContentType != c.want || a.Size != int64(len(c.data)) || a.Key == "" || (a.Width == 3) != (c.want == "image/png") {
			t.Errorf("%s: got %+v", c.link, a)
		}
	}
}

func TestSignedLinks(t *testing.T) {
	t.Parallel()
	const secret = "a secret"
	a := &model.Attachment{ID: model.NewAttachmentID(), Name: "Ängström & co/1.png", Key: "x"}
	form := regexp.MustCompile(`^/files/abcd1234/([0-9a-f]{32})/(\d+)/([A-Za-z0-9_-]{43})/%C3%84ngstr%C3%B6m%20&%20co%2F1\.png$`)
	const noon = 1_768_478_400
	seen := map[string]bool{}
	for now := int64(noon); now < noon+3600; now += 59 {
		path := a.Path(ws, secret, now)
		seen[path] = true
		part := form.FindStringSubmatch(path)
		if part == nil {
			t.Fatalf("the link is %s", path)
		}
		link := model.FileLink{Workspace: ws, Attachment: model.AttachmentID(part[1]), Expires: model.Decimal[int64](part[2]), Signature: part[3]}
		for after, want := range map[int64]bool{0: true, 30 * 60: true, 60*60 + 1: false} {
			if link.Verify(secret, now+after) != want {
				t.Errorf("a link of %d is good %d seconds later: %v", now-noon, after, !want)
			}
		}
		for name, other := range map[string]model.FileLink{
			"another workspace": {Workspace: "other123", Attachment: link.Attachment, Expires: link.Expires, Signature: link.Signature},
			"another file":      {Workspace: ws, Attachment: model.NewAttachmentID(), Expires: link.Expires, Signature: link.Signature},
			"a longer life":     {Workspace: ws, Attachment: link.Attachment, Expires: link.Expires + 1, Signature: link.Signature},
			"no signature":      {Workspace: ws, Attachment: link.Attachment, Expires: link.Expires},
			"half a signature":  {Workspace: ws, Attachment: link.Attachment, Expires: link.Expires, Signature: link.Signature[:42]},
		} {
			if other.Verify(secret, now) {
				t.Errorf("%s is let in", name)
			}
		}
		if link.Verify("another secret", now) {
			t.Error("another secret is let in")
		}
	}
	if len(seen) != 2 {
		t.Errorf("in an hour the link was %d different ones", len(seen))
	}
	w := &model.Workspace{ID: ws, Secret: secret}
	if got := a.Link("https://p.test", w, noon); got != "https://p.test"+a.Path(ws, secret, noon) {
		t.Errorf("the link is %s", got)
	}
	if got := (&model.Attachment{URL: "https://a.test/x.png"}).Link("https://p.test", w, noon); got != "https://a.test/x.png" {
		t.Errorf("the link is %s", got)
	}
}

// Reading an image's header ends, whatever it says, with a size that can be.
func FuzzDimensions(f *testing.F) {
	for _, contentType := range []string{"image/png", "image/jpeg", "image/gif"} {
		f.Add(picture(f, contentType))
	}
	for _, file := range []string{webPLossy, webPLossless, webPExtended, "%PDF-", ""} {
		f.Add([]byte(file))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := one(model.Upload{Name: "x", Data: data})
		if err != nil {
			t.Skip("no attachment")
		}
		if a.Width < 0 || a.Height < 0 || (a.Width == 0) != (a.Height == 0) || a.Width > 1<<32 || a.Height > 1<<32 {
			t.Errorf("%s is read as %d by %d", hex.EncodeToString(data), a.Width, a.Height)
		}
		if a.Width > 0 && !strings.HasPrefix(a.ContentType, "image/") {
			t.Errorf("a %s has a size", a.ContentType)
		}
		// What it is taken for when it says nothing, it may also say it is.
		if again, err := one(model.Upload{Name: "x", ContentType: a.ContentType, Data: data}); err != nil || again.ContentType != a.ContentType {
			t.Errorf("%s is refused for itself: %v", a.ContentType, err)
		}
	})
}

// A file's name is one that can be shown, saved under and put in a header.
func FuzzFileName(f *testing.F) {
	for _, name := range []string{"a.png", "../a", `a\b`, "\x00", "a\u202eb", "\xff", strings.Repeat("é", 200), ". .", "a/..", "\u200b/"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		a, err := one(model.Upload{Name: name, Data: []byte("x")})
		if err != nil {
			if len(name) <= model.MaxFileName {
				t.Errorf("%q is refused: %v", name, err)
			}
			return
		}
		if a.Name == "" || len(a.Name) > model.MaxFileName || !utf8.ValidString(a.Name) || strings.ContainsAny(a.Name, `/\`) ||
			strings.Trim(a.Name, ".") == "" || strings.ContainsFunc(a.Name, unicode.IsControl) || strings.TrimSpace(a.Name) != a.Name {
			t.Errorf("%q becomes %q", name, a.Name)
		}
		again, err := one(model.Upload{Name: a.Name, Data: []byte("x")})
		if err != nil || again.Name != a.Name {
			t.Errorf("%q becomes %q, and that %+v, %v", name, a.Name, again, err)
		}
		if _, err := model.NewUpload(name, "", base64.StdEncoding.EncodeToString([]byte(name))); err != nil {
			t.Error(err)
		}
	})
}
