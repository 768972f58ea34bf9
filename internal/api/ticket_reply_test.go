package api_test

import (
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/internal/app"
	"parley/internal/apptest"
)

func TestTicketReplyIsANote(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		w := newWork(t, r)
		path := w.ticket(t, nil)
		r.Put(t, path, `{"snoozed_until":1768482000}`).OK()
		r.Clock.Pass(time.Second)
		a := r.Post(t, path+"/reply", fill(`{"message_type":"note","type":"admin","admin_id":<admin>,"body":"<html> <body>  <h2>An Unordered HTML List</h2>  <ul>   <li>Coffee</li>   <li>Tea</li> </ul>   </body> </html>"}`,
			"<admin>", w.admin))
		is(t, a, `{"type":"ticket_part","id":"3","part_type":"note","body":"<h2>An Unordered HTML List</h2>\n<ul>\n<li>Coffee</li>\n<li>Tea</li>\n</ul>",
			"created_at":1768478401,"updated_at":1768478401,"author":{"id":"<admin>","type":"admin","name":"Ann Owner","email":"ann@acme.test"},
			"attachments":[],"redacted":false}`, "<admin>", w.admin)
		ticket := r.Get(t, path)
		if diff := cmp.Diff(any(whole(a)), ticket.At("ticket_parts.ticket_parts.2")); diff != "" {
			t.Errorf("the ticket has another note (-answered +read):\n%s", diff)
		}
		holds(t, ticket, nil, object{"updated_at": 1768478401.0, "ticket_state": "submitted"})
		if got := ticketParts(t, ticket); !cmp.Equal(got, []string{begunTicket, "admin snoozed", "admin note"}) {
			t.Error(got)
		}
		if got := r.Get(t, "/contacts/"+w.contact).At("last_contacted_at"); got != nil {
			t.Errorf("a note is no contact, and yet there was one at %v", got)
		}
	})
}

func TestTicketReplyIsReadOrRefused(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		w := newWork(t, r)
		path := w.ticket(t, nil)
		theirs := newWork(t, r.Elsewhere(t)).admin
		onlyNotes := invalid("message_type is note: a reply to a ticket can be nothing else")
		onlyAdmins := invalid("type is admin: contacts cannot reply to tickets")
		noAdmin := &refusal{404, "admin_not_found", "Admin for admin_id not found"}
		kept := 0
		for _, c := range []struct {
			name    string
			body    string
			want    object
			refused *refusal
		}{
			{"plain text", `{"message_type":"note","type":"admin","admin_id":"1","body":"Hello"}`, object{"body": "<p>Hello</p>"}, nil},
			{"a note unless it is said", `{"admin_id":"1","body":"Hello"}`, object{"part_type": "note"}, nil},
			{"with nulls", `{"message_type":null,"type":null,"admin_id":1,"body":"Hello","attachment_urls":null,"attachment_files":null}`, object{"part_type": "note"}, nil},
			{"with a script", `{"admin_id":1,"body":"<p onclick=\"x\">a<script>alert(1)</script></p>"}`, object{"body": "<p>a</p>"}, nil},
			{"a number", `{"admin_id":1,"body":7}`, object{"body": "<p>7</p>"}, nil},
			{"a link to a file", `{"admin_id":1,"attachment_urls":["https://files.test/a.pdf"]}`,
				object{"body": nil, "attachments": []any{object{"type": "upload", "name": "a.pdf", "url": "https://files.test/a.pdf",
					"content_type": "application/pdf", "filesize": 0.0, "width": nil, "height": nil}}}, nil},
			{"keys that nobody knows", `{"admin_id":1,"body":"x","created_at":1,"ticket":{}}`, object{"created_at": 1768478400.0}, nil},

			{"nothing", ``, nil, missing("admin_id is required")},
			{"no admin", `{"message_type":"note","type":"admin","body":"x"}`, nil, missing("admin_id is required")},
			{"null for an admin", `{"admin_id":null,"body":"x"}`, nil, missing("admin_id is required")},
			{"an unknown admin", `{"admin_id":"123","body":"x"}`, nil, noAdmin},
			{"an admin that is none", `{"admin_id":"Ann","body":"x"}`, nil, noAdmin},
			{"no text", `{"admin_id":1}`, nil, invalid("Body is required")},
			{"blank text", `{"admin_id":1,"body":" \n"}`, nil, invalid("Body is required")},
			{"markup alone", `{"admin_id":1,"body":"<p></p>"}`, nil, invalid("Body is required")},
			{"too long a text", `{"admin_id":1,"body":"` + strings.Repeat("x", 100_001) + `"}`, nil, invalid("Body is too long (maximum is 100000 characters)")},
			{"a comment", `{"message_type":"comment","type":"admin","admin_id":1,"body":"x"}`, nil, onlyNotes},
			{"a quick reply", `{"message_type":"quick_reply","type":"admin","admin_id":1,"reply_options":[{"text":"Yes"}]}`, nil, onlyNotes},
			{"a close", `{"message_type":"close","type":"admin","admin_id":1}`, nil, onlyNotes},
			{"a contact's comment", `{"message_type":"comment","type":"user","intercom_user_id":"<contact>","body":"x"}`, nil, onlyNotes},
			{"a contact's note", `{"message_type":"note","type":"user","intercom_user_id":"<contact>","body":"x"}`, nil, onlyAdmins},
			{"a file that is no base64", `{"admin_id":1,"attachment_files":[{"name":"a.txt","content_type":"text/plain","data":"?"}]}`, nil,
				invalid(`The data of attachment "a.txt" is not base64`)},
			{"a link that is none", `{"admin_id":1,"attachment_urls":["file:///etc/passwd"]}`, nil, invalid(`"file:///etc/passwd" is not the URL of an attachment`)},
			{"a text that is a list", `{"admin_id":1,"body":["x"]}`, nil, invalid("body is invalid")},
		} {
			t.Run(c.name, func(t *testing.T) {
				a := r.Post(t, path+"/reply", fill(c.body, "<contact>", w.contact))
				holds(t, a, c.refused, c.want)
				if c.refused == nil {
					kept++
				}
			})
		}
		if theirs != "1" {
			t.Errorf("the admin of another workspace has the id %s", theirs)
		}
		if got := len(ticketParts(t, r.Get(t, path))); got != 1+kept {
			t.Errorf("%d parts of %d notes", got, kept)
		}
	})
}

func TestTicketNoteHasFiles(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		w := newWork(t, r)
		path := w.ticket(t, nil)
		text := base64.StdEncoding.EncodeToString([]byte("hello"))
		a := r.Post(t, path+"/reply", object{"admin_id": w.admin, "body": "See", "attachment_files": []object{{"name": "a.txt", "content_type": "text/plain", "data": text}}})
		holds(t, a, nil, object{"attachments.0.name": "a.txt", "attachments.0.filesize": 5.0, "attachments.0.content_type": "text/plain", "attachments.1": nil})
		link, _ := a.At("attachments.0.url").(string)
		if status, content := download(r, link); status != 200 || content != "hello" {
			t.Errorf("%s is %d %s", link, status, content)
		}
		if diff := cmp.Diff(any(whole(a)), r.Get(t, path).At("ticket_parts.ticket_parts.1")); diff != "" {
			t.Errorf("the ticket has another note (-answered +read):\n%s", diff)
		}
	})
}

// download gets a file by its link.
func download(r *apptest.Rig, link string) (status int, content string) {
	w := httptest.NewRecorder()
	r.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, link, nil))
	return w.Code, w.Body.String()
}

// Files that attributes have are links until they have been fetched, and go when
// others take their place.
func TestTicketAttributesHaveFiles(t *testing.T) {
	apptest.OnEachWith(t, app.Options{AllowPrivateAddresses: true}, func(t *testing.T, r *apptest.Rig) {
		var asked atomic.Int64
		web := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, q *http.Request) {
			asked.Add(1)
			rw.Write([]byte("content of " + q.URL.Path))
		}))
		defer web.Close()
		w := newWork(t, r, `"name":"log","data_type":"files"`, `"name":"pictures","data_type":"files","allow_multiple_values":true`)
		link := func(name string) object {
			return object{"type": "upload", "name": name, "url": web.URL + "/" + name, "content_type": "text/plain; charset=utf-8",
				"filesize": 0.0, "width": nil, "height": nil}
		}
		made := w.open(t, object{"log": web.URL + "/a.txt", "pictures": []string{web.URL + "/b.txt", web.URL + "/c.txt"}})
		holds(t, made, nil, object{"ticket_attributes.log": link("a.txt"), "ticket_attributes.pictures": []any{link("b.txt"), link("c.txt")}})
		path := "/tickets/" + made.ID()
		holds(t, r.Get(t, path), nil, object{"ticket_attributes": made.At("ticket_attributes")})

		r.RunJobs()
		fetched := r.Get(t, path)
		holds(t, fetched, nil, object{"ticket_attributes.log.filesize": 17.0, "ticket_attributes.pictures.1.filesize": 17.0,
			"ticket_attributes.pictures.0.name": "b.txt", "ticket_attributes.pictures.1.name": "c.txt"})
		file := func(path string) string {
			url, _ := fetched.At(path + ".url").(string)
			if !strings.HasPrefix(url, "http://parley.test/files/") {
				t.Errorf("%s is at %s", path, url)
			}
			return url
		}
		if status, content := download(r, file("ticket_attributes.log")); status != 200 || content != "content of /a.txt" {
			t.Error(status, content)
		}
		gone := func(url string) {
			t.Helper()
			if status, content := download(r, url); status != 404 {
				t.Error(status, content)
			}
		}
		old := file("ticket_attributes.pictures.0")

		same := r.Put(t, path, object{"ticket_attributes": object{"log": web.URL + "/a.txt", "pictures": []string{web.URL + "/b.txt", web.URL + "/c.txt"}}})
		holds(t, same, nil, object{"ticket_attributes": fetched.At("ticket_attributes")})
		if got := ticketParts(t, same); !cmp.Equal(got, []string{begunTicket}) {
			t.Error(got)
		}
		a := r.Put(t, path, object{"ticket_attributes": object{"pictures": web.URL + "/d.txt"}})
		holds(t, a, nil, object{"ticket_attributes.pictures": []any{link("d.txt")}, "ticket_attributes.log": fetched.At("ticket_attributes.log")})
		if got := ticketParts(t, a); !cmp.Equal(got, []string{begunTicket, ticketSet}) {
			t.Error(got)
		}
		gone(old)
		r.RunJobs()
		holds(t, r.Get(t, path), nil, object{"ticket_attributes.pictures.0.filesize": 17.0, "ticket_attributes.pictures.1": nil})
		if n := asked.Load(); n != 4 {
			t.Errorf("%d requests for 4 files", n)
		}
		holds(t, r.Put(t, path, object{"ticket_attributes": object{"pictures": []string{}, "log": nil}}), nil,
			object{"ticket_attributes.pictures": nil, "ticket_attributes.log": nil})
		gone(file("ticket_attributes.log"))
		r.RunJobs()

		for name, c := range map[string]struct {
			sent    any
			message string
		}{
			"two of one":     {object{"log": []string{web.URL + "/a", web.URL + "/b"}}, "Ticket attribute 'log' takes one file only"},
			"no URL":         {object{"log": "a.txt"}, "Ticket attribute 'log' must be the http or https URL of a file, or a list of such URLs"},
			"a secret in it": {object{"log": "http://me:pass@files.test/a"}, `"http://me:pass@files.test/a" is not the URL of an attachment`},
			"too many":       {object{"pictures": strings.Split(strings.Repeat(web.URL+"/a ", 10)+web.URL, " ")}, "Ticket attribute 'pictures' takes 10 files at most"},
		} {
			t.Run(name, func(t *testing.T) {
				r.Put(t, path, object{"ticket_attributes": c.sent}).Fails(400, "parameter_invalid", c.message)
				w.open(t, c.sent.(object)).Fails(400, "parameter_invalid", c.message)
			})
		}
	})
}
