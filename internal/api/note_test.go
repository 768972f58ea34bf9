package api_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/internal/apptest"
	"parley/internal/model"
)

func TestNotes(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		newAdmin(t, r, model.Admin{Name: "Bob", Email: "bob@acme.test"})
		contact := r.Post(t, "/contacts", `{"email":"joe@bloggs.test"}`).OK().ID()
		notes := "/contacts/" + contact + "/notes"
		is(t, r.Get(t, notes), `{"type":"list","data":[],"total_count":0,
			"pages":{"type":"pages","next":null,"page":1,"per_page":50,"total_pages":0}}`)
		const (
			ann = `{"type":"admin","id":"1","name":"Ann Owner","email":"ann@acme.test","away_mode_enabled":false,"away_mode_reassign":false}`
			bob = `{"type":"admin","id":"2","name":"Bob","email":"bob@acme.test","away_mode_enabled":false,"away_mode_reassign":false}`
		)
		note := func(id, author, body string) string {
			return `{"type":"note","id":"` + id + `","created_at":1768478400,"contact":{"type":"contact","id":"` + contact + `"},
				"author":` + author + `,"body":"` + body + `"}`
		}
		var all []string
		for i, c := range []struct{ name, body, author, want string }{
			{"by the token's admin", `{"body":"Hello"}`, ann, "<p>Hello</p>"},
			{"by another", `{"body":"Hello","admin_id":"2","contact_id":"ignored"}`, bob, "<p>Hello</p>"},
			{"by another, as a number", `{"body":"a < b\nc\n\nd","admin_id":2}`, bob, `<p>a &lt; b<br>c</p>\n<p>d</p>`},
			{"by null", `{"body":"<b onclick=x()>Hi</b><script>x()</script>","admin_id":null}`, ann, "<p><b>Hi</b></p>"},
			{"a number as a text", `{"body":12}`, ann, "<p>12</p>"},
		} {
			id := fmt.Sprint(i + 1)
			want := note(id, c.author, c.want)
			is(t, r.Post(t, notes, c.body), want)
			is(t, r.Get(t, "/notes/"+id), want)
			all = append([]string{want}, all...)
		}
		is(t, r.Get(t, notes), `{"type":"list","data":[`+strings.Join(all, ",")+`],"total_count":5,
			"pages":{"type":"pages","next":null,"page":1,"per_page":50,"total_pages":1}}`)

		// The author is shown as it is now; the contact shows its notes.
		r.Put(t, "/admins/2/away", `{"away_mode_enabled":true,"away_mode_reassign":false}`).OK()
		if r.Get(t, "/notes/2").OK().At("author.away_mode_enabled") != true {
			t.Error("the author of a note is not shown as away")
		}
		if shown := r.Get(t, "/contacts/"+contact).OK(); shown.At("notes.total_count") != 5.0 || shown.At("notes.data.0.id") != "5" {
			t.Errorf("the contact's notes are %v", shown.At("notes"))
		}
		r.Delete(t, "/contacts/"+contact, nil).OK()
		r.Get(t, "/notes/1").Fails(404, "not_found", "Resource Not Found")
	})
}

func TestNoteRefusals(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		contact := r.Post(t, "/contacts", `{"email":"joe@bloggs.test"}`).OK().ID()
		notes := "/contacts/" + contact + "/notes"
		r.Post(t, notes, `{"body":"Hello"}`).OK()
		_, _, elsewhere := r.NewWorkspace(t)
		unknownUser := &refusal{404, "not_found", "User Not Found"}
		unknown := &refusal{404, "not_found", "Resource Not Found"}
		for _, c := range []struct {
			name, path, body string
			refused          *refusal
		}{
			{"no such contact", "/contacts/0123456789abcdef01234567/notes", `{"body":"x"}`, unknownUser},
			{"an odd contact", "/contacts/123/notes", `{"body":"x","admin_id":"99"}`, unknownUser},
			{"no such admin", notes, `{"body":"x","admin_id":99}`, unknown},
			{"an odd admin", notes, `{"body":"x","admin_id":"abc"}`, unknown},
			{"admin 0", notes, `{"body":"x","admin_id":0}`, unknown},
			{"nothing", notes, ``, missing("Body is required")},
			{"null", notes, `{"body":null}`, missing("Body is required")},
			{"an empty body", notes, `{"body":""}`, missing("Body is required")},
			{"a blank body", notes, `{"body":" \n\t"}`, missing("Body is required")},
			{"a body of script alone", notes, `{"body":"<script>x()</script>"}`, missing("Body is required")},
			{"a body that is too long", notes, `{"body":"` + strings.Repeat("é", 100_001) + `"}`,
				invalid("Body is too long (maximum is 100000 characters)")},
			{"a NUL", notes, `{"body":"a\u0000"}`, invalid("Text cannot contain the NUL character")},
			{"a list", notes, `{"body":["x"]}`, invalid("body is invalid")},
			{"an odd author", notes, `{"body":"x","admin_id":{}}`, invalid("admin_id is invalid")},
			{"not an object", notes, `[]`, invalid("The request body must be a JSON object")},
			{"not JSON", notes, `{"body":`, invalid("The request body is not valid JSON")},
		} {
			t.Run(c.name, func(t *testing.T) {
				r.Post(t, c.path, c.body).Fails(c.refused.status, c.refused.code, c.refused.message)
			})
		}
		if got := r.Get(t, notes).OK().At("total_count"); got != 1.0 {
			t.Errorf("there are %v notes", got)
		}
		for _, c := range []struct {
			path    string
			refused *refusal
		}{
			{"/contacts/123/notes", unknownUser},
			{notes + "?per_page=61", invalid("Per Page is too big")},
			{notes + "?per_page=x", invalid("Per Page is invalid")},
			{notes + "?page=-1", invalid("Page is invalid")},
			{"/notes/2", unknown}, {"/notes/0", unknown}, {"/notes/abc", unknown}, {"/notes/01", unknown},
			{"/notes/99999999999999999999", unknown},
		} {
			r.Get(t, c.path).Fails(c.refused.status, c.refused.code, c.refused.message)
		}
		r.Get(t, "/notes/1", apptest.As(elsewhere)).Fails(404, "not_found", "Resource Not Found")
		r.Get(t, notes, apptest.As(elsewhere)).Fails(404, "not_found", "User Not Found")
		r.Post(t, notes, `{"body":"x"}`, apptest.As(elsewhere)).Fails(404, "not_found", "User Not Found")
		r.Get(t, "/notes/1", apptest.As("wrong")).Fails(401, "unauthorized", "Access Token Invalid")
	})
}

// TestNoteOfLength takes a body of the greatest length, all of it escaped.
func TestNoteOfLength(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		contact := r.Post(t, "/contacts", `{"email":"joe@bloggs.test"}`).OK().ID()
		a := r.Post(t, "/contacts/"+contact+"/notes", object{"body": strings.Repeat("<", 100_000)}).OK()
		want := "<p>" + strings.Repeat("&lt;", 100_000) + "</p>"
		if got := r.Get(t, "/notes/"+a.ID()).OK().At("body"); got != want {
			t.Errorf("the body came back as %.40v…", got)
		}
	})
}

// TestNoteWalk follows the links, and counts pages as some clients do, while
// notes are added.
func TestNoteWalk(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		contact := r.Post(t, "/contacts", `{"email":"joe@bloggs.test"}`).OK().ID()
		notes := "/contacts/" + contact + "/notes"
		var want []string
		for i := range 25 { // past 9, where ids as texts would be out of order
			if i%4 == 0 {
				r.Clock.Pass(time.Second)
			}
			want = append([]string{r.Post(t, notes, object{"body": fmt.Sprint(i)}).OK().ID()}, want...)
		}
		var got []string
		for path, page := notes+"?per_page=4", 1; path != ""; page++ {
			a := r.Get(t, path).OK()
			got = append(got, ids(t, a)...)
			if a.At("pages.page") != float64(page) || a.At("pages.per_page") != 4.0 {
				t.Errorf("page %d is %v", page, a.At("pages"))
			}
			path = next(t, a)
			r.Post(t, notes, `{"body":"new"}`).OK()
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("the walk (-want +got):\n%s", diff)
		}

		total := int(r.Get(t, notes).OK().At("total_count").(float64))
		seen := 0
		for page := 1; ; page++ {
			a := r.Get(t, fmt.Sprintf("%s?per_page=10&page=%d", notes, page))
			n := len(ids(t, a))
			if seen += n; n == 0 {
				break
			}
		}
		if seen != total {
			t.Errorf("counting pages saw %d of %d notes", seen, total)
		}
	})
}
