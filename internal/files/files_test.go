package files_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"parley/internal/app"
	"parley/internal/apptest"
	"parley/internal/model"
	"parley/internal/service/inbox"
	"parley/internal/store"
)

// converse begins a conversation with files and URLs, and returns it.
func converse(t *testing.T, r *apptest.Rig, urls []string, files ...model.Upload) *model.Conversation {
	t.Helper()
	id := r.Post(t, "/contacts", map[string]any{"role": "lead"}).OK().ID()
	c, err := r.Inbox.CreateConversation(context.Background(), r.Actor(), inbox.NewConversation{
		From: model.ContactRef{ID: model.ContactID(id)}, Body: "see this", Files: files, URLs: urls})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// attach begins a conversation with one file, and returns its attachment.
func attach(t *testing.T, r *apptest.Rig, name, contentType string, data []byte) *model.Attachment {
	t.Helper()
	return converse(t, r, nil, model.Upload{Name: name, ContentType: contentType, Data: data}).Source.Attachments[0]
}

// path is a link to an attachment, made now.
func path(r *apptest.Rig, a *model.Attachment) string {
	return a.Path(r.Workspace.ID, r.Workspace.Secret, r.Clock.Now().Unix())
}

// ask sends a request without a token, past the contract, which has no files.
func ask(r *apptest.Rig, method, path string, headers ...string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(method, "http://parley.test"+path, nil)
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	r.Handler().ServeHTTP(w, request)
	return w
}

func TestServe(t *testing.T) {
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, 3, 2))); err != nil {
		t.Fatal(err)
	}
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		r.Clock.Pass(10 * time.Minute)
		for _, c := range []struct {
			name, contentType string
			data              []byte
			wantType          string
			wantDisposition   string
		}{
			{"photo.png", "image/png", picture.Bytes(), "image/png", `inline; filename=photo.png`},
			{"page.html", "text/html", []byte("<script>alert(1)</script>"), "text/html", `attachment; filename=page.html`},
			{"page.html", "", []byte("<script>alert(1)</script>"), "text/plain; charset=utf-8", `attachment; filename=page.html`},
			{"drawing.svg", "image/svg+xml", []byte("<svg/>"), "image/svg+xml", `attachment; filename=drawing.svg`},
			{"a.pdf", "application/pdf", []byte("%PDF-1.7"), "application/pdf", `attachment; filename=a.pdf`},
			{"Prüfung 1.csv", "text/csv", []byte("a,b"), "text/csv", `attachment; filename*=utf-8''Pr%C3%BCfung%201.csv`},
			{`say "hi".txt`, "text/plain", []byte("hi"), "text/plain", `attachment; filename="say \"hi\".txt"`},
			{"empty", "application/x-nothing", nil, "application/x-nothing", `attachment; filename=empty`},
		} {
			link := path(r, attach(t, r, c.name, c.contentType, c.data))
			w := ask(r, http.MethodGet, link)
			if w.Code != http.StatusOK || !bytes.Equal(w.Body.Bytes(), c.data) {
				t.Errorf("%s: status %d, %q", c.name, w.Code, w.Body)
			}
			for name, want := range map[string]string{
				"Content-Type": c.wantType, "Content-Disposition": c.wantDisposition, "Content-Length": fmt.Sprint(len(c.data)),
				"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox; default-src 'none'",
				"Cache-Control": "private, max-age=3000",
			} {
				if got := w.Header().Get(name); got != want {
					t.Errorf("%s has %s %q, want %q", c.name, name, got, want)
				}
			}
			head := ask(r, http.MethodHead, link)
			if head.Code != http.StatusOK || head.Body.Len() != 0 || head.Header().Get("Content-Length") != fmt.Sprint(len(c.data)) {
				t.Errorf("HEAD of %s: %d %v", c.name, head.Code, head.Header())
			}
		}
	})
}

func TestPartsOfFiles(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		link := path(r, attach(t, r, "a.txt", "text/plain", []byte("0123456789")))
		for _, c := range []struct {
			header, value string
			status        int
			body          string
		}{
			{"Range", "bytes=2-4", http.StatusPartialContent, "234"},
			{"Range", "bytes=-3", http.StatusPartialContent, "789"},
			{"Range", "bytes=20-", http.StatusRequestedRangeNotSatisfiable, "invalid range: failed to overlap\n"},
			{"If-None-Match", ask(r, http.MethodHead, link).Header().Get("ETag"), http.StatusNotModified, ""},
		} {
			if w := ask(r, http.MethodGet, link, c.header, c.value); w.Code != c.status || w.Body.String() != c.body {
				t.Errorf("%s %s: %d %q", c.header, c.value, w.Code, w.Body)
			}
		}
	})
}

// Whatever is wrong with a link, the answer is the same.
func TestWrongLinks(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		a := attach(t, r, "a.txt", "text/plain", []byte("hush"))
		other := r.Elsewhere(t)
		now := r.Clock.Now().Unix()
		ws, secret := r.Workspace.ID, r.Workspace.Secret
		good := a.Path(ws, secret, now)
		part := strings.Split(good, "/")
		with := func(i int, value string) string {
			changed := append([]string{}, part...)
			changed[i] = value
			return strings.Join(changed, "/")
		}
		stranger := &model.Attachment{ID: model.NewAttachmentID(), Name: a.Name, Key: "x"}
		linked := converse(t, r, []string{"https://a.test/x.png"}).Source.Attachments[0]
		for name, path := range map[string]string{
			"unknown file":            stranger.Path(ws, secret, now),
			"still elsewhere":         linked.Path(ws, secret, now),
			"unknown workspace":       a.Path("nowhere1", secret, now),
			"another's secret":        a.Path(ws, other.Workspace.Secret, now),
			"another workspace":       a.Path(other.Workspace.ID, other.Workspace.Secret, now),
			"expired":                 a.Path(ws, secret, now-3600),
			"another id":              with(3, string(stranger.ID)),
			"another time":            with(4, "9999999999"),
			"another spelling":        with(4, "0"+part[4]),
			"no time":                 with(4, "soon"),
			"another signature":       with(5, strings.Repeat("A", 43)),
			"a signature that is cut": with(5, part[5][:42]),
			"no signature":            with(5, ""),
			"not UTF-8":               with(2, "%ff%00"),
			"more":                    good + "/more",
			"less":                    strings.Join(part[:6], "/"),
			"nothing":                 "/files/",
			"a way out":               "/files/../livez",
			"nothing but slashes":     "/files///////",
		} {
			w := ask(r, http.MethodGet, path)
			if w.Code != http.StatusNotFound || w.Body.String() != "Not Found\n" || w.Header().Get("Cache-Control") != "no-store" ||
				w.Header().Get("ETag") != "" || w.Header().Get("Content-Disposition") != "" {
				t.Errorf("%s: %d %q %v", name, w.Code, w.Body, w.Header())
			}
		}
		if w := ask(r, http.MethodPost, good); w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "GET, HEAD" {
			t.Errorf("POST: %d %v", w.Code, w.Header())
		}
		if w := ask(r, http.MethodGet, with(6, "any%20name")); w.Code != http.StatusOK {
			t.Errorf("with another name: %d", w.Code)
		}
		r.Clock.Pass(time.Hour)
		if w := ask(r, http.MethodGet, good); w.Code != http.StatusNotFound {
			t.Errorf("an hour later: %d", w.Code)
		}
		if w := ask(r, http.MethodGet, path(r, a)); w.Code != http.StatusOK {
			t.Errorf("with a new link: %d", w.Code)
		}
	})
}

// stored lists the files in a rig's folder.
func stored(t *testing.T, r *apptest.Rig) (names []string) {
	t.Helper()
	err := filepath.WalkDir(r.Folder, func(path string, d os.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			names = append(names, d.Name())
		}
		return err
	})
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return names
}

// A file that is redacted is gone: its link at once, itself with the next job.
func TestRedaction(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		c := converse(t, r, nil, model.Upload{Name: "a", Data: []byte("1")}, model.Upload{Name: "b", Data: []byte("2")})
		kept := attach(t, r, "c", "", []byte("3"))
		if _, err := r.Inbox.RedactSource(context.Background(), r.Actor(), c.ID, c.Source.ID); err != nil {
			t.Fatal(err)
		}
		if w := ask(r, http.MethodGet, path(r, c.Source.Attachments[0])); w.Code != http.StatusNotFound {
			t.Errorf("a redacted file is answered with %d", w.Code)
		}
		r.RunJobs()
		if got := stored(t, r); len(got) != 1 || got[0] != string(kept.ID) {
			t.Errorf("the folder has %q", got)
		}
		// A row whose file is lost is told to whoever reads the log, not to the client.
		if err := os.RemoveAll(r.Folder); err != nil {
			t.Fatal(err)
		}
		if w := ask(r, http.MethodGet, path(r, kept)); w.Code != http.StatusNotFound {
			t.Errorf("a lost file is answered with %d", w.Code)
		}
	})
}

// A message that is refused leaves no files.
func TestRefusedMessage(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		file := model.Upload{Name: "a", Data: []byte("1")}
		_, err := r.Inbox.CreateConversation(context.Background(), r.Actor(), inbox.NewConversation{
			From: model.ContactRef{ID: "nobody"}, Body: "see this", Files: []model.Upload{file, file}})
		if e, ok := model.AsError(err); !ok || e.Kind != model.NotFound {
			t.Fatalf("a conversation with nobody: %v", err)
		}
		if got := stored(t, r); len(got) != 0 {
			t.Errorf("the folder has %q", got)
		}
	})
}

func TestFetch(t *testing.T) {
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, 3, 2))); err != nil {
		t.Fatal(err)
	}
	apptest.OnEachWith(t, app.Options{AllowPrivateAddresses: true}, func(t *testing.T, r *apptest.Rig) {
		var asked atomic.Int64
		var status atomic.Int64
		web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, hr *http.Request) {
			asked.Add(1)
			switch hr.URL.Path {
			case "/photo.jpg":
				w.Header().Set("Content-Type", "image/jpeg")
				w.Write(picture.Bytes())
			case "/large":
				w.Write(make([]byte, model.MaxAttachmentSize+1))
			default:
				w.WriteHeader(int(status.Load()))
				fmt.Fprint(w, "text")
			}
		}))
		t.Cleanup(web.Close)
		fetched := func(path string) (*model.Attachment, int) {
			t.Helper()
			asked.Store(0)
			c := converse(t, r, []string{web.URL + path})
			if a := c.Source.Attachments[0]; a.Key != "" || a.Size != 0 || asked.Load() != 0 {
				t.Errorf("before it was fetched the attachment is %+v", a)
			}
			return c.Source.Attachments[0], r.RunJobs()
		}
		find := func(id model.AttachmentID) *model.Attachment {
			t.Helper()
			var a *model.Attachment
			err := store.New(r.Database, r.Clock.Now, store.Options{}).View(context.Background(), r.Workspace.ID, func(tx *store.Tx) (err error) {
				a, err = tx.Attachments.Find(id)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			return a
		}

		a, _ := fetched("/photo.jpg")
		if got := find(a.ID); got.ContentType != "image/png" || got.Width != 3 || got.Height != 2 || got.Size != int64(picture.Len()) ||
			got.URL != web.URL+"/photo.jpg" || got.Name != "photo.jpg" {
			t.Errorf("the fetched attachment is %+v", got)
		}
		if w := ask(r, http.MethodGet, path(r, a)); w.Code != http.StatusOK || !bytes.Equal(w.Body.Bytes(), picture.Bytes()) {
			t.Errorf("it is answered with %d", w.Code)
		}

		// What will never come stays a link, and is not asked for again.
		for path, answer := range map[string]int{"/large": 200, "/gone": 404, "/denied": 403, "/empty": 204} {
			status.Store(int64(answer))
			a, _ := fetched(path)
			r.Clock.Pass(2 * time.Hour)
			if again := r.RunJobs(); again != 0 || asked.Load() != 1 {
				t.Errorf("%s was asked for %d times, and %d more attempts made", path, asked.Load(), again)
			}
			if got := find(a.ID); got.Key != "" || got.URL != web.URL+path {
				t.Errorf("%s is now %+v", path, got)
			}
		}

		// What may come later is asked for again.
		for _, answer := range []int{500, 503, 429} {
			status.Store(int64(answer))
			a, _ := fetched("/later.txt")
			if got := find(a.ID); got.Key != "" {
				t.Errorf("after %d it is %+v", answer, got)
			}
			status.Store(200)
			r.Clock.Pass(2 * time.Hour)
			r.RunJobs()
			if got := find(a.ID); got.Key == "" || got.Size != 4 || asked.Load() != 2 {
				t.Errorf("after %d and 200 it is %+v", answer, got)
			}
		}

		// What was redacted meanwhile is not kept.
		c := converse(t, r, []string{web.URL + "/secret"})
		if _, err := r.Inbox.RedactSource(context.Background(), r.Actor(), c.ID, c.Source.ID); err != nil {
			t.Fatal(err)
		}
		asked.Store(0)
		before := len(stored(t, r))
		r.RunJobs()
		if after := len(stored(t, r)); after != before || asked.Load() != 0 {
			t.Errorf("a redacted link was asked for %d times; there were %d files, now %d", asked.Load(), before, after)
		}
	})
}

// A message that is redacted while its file is on the way keeps nothing.
func TestRedactionDuringFetch(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		c := converse(t, r, []string{"https://a.test/x.png"})
		ctx := context.Background()
		err := r.Inbox.FetchAttachment(ctx, r.Workspace.ID, c.Source.Attachments[0].ID, func(context.Context, string) ([]byte, error) {
			_, err := r.Inbox.RedactSource(ctx, r.Actor(), c.ID, c.Source.ID)
			return []byte("hush"), err
		})
		if err != nil {
			t.Error(err)
		}
		if got := stored(t, r); len(got) != 0 {
			t.Errorf("the folder has %q", got)
		}
	})
}

// An address that is not public is never asked.
func TestFetchRefused(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		var asked atomic.Int64
		web := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
		t.Cleanup(web.Close)
		a := converse(t, r, []string{web.URL + "/x.png", "http://169.254.169.254/latest/meta-data"}).Source.Attachments
		r.RunJobs()
		r.Clock.Pass(2 * time.Hour)
		if again := r.RunJobs(); again != 0 || asked.Load() != 0 || len(a) != 2 {
			t.Errorf("it was asked for %d times, and %d more attempts made", asked.Load(), again)
		}
	})
}
