package api_test

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/internal/app"
	"parley/internal/apptest"
	"parley/internal/db"
	"parley/internal/model"
	"parley/internal/model/content"
)

// columns are the first line of every export.
const columns = "user_id,user_external_id,company_id,email,name,ruleset_id,content_id,content_type,content_title,ruleset_version_id," +
	"receipt_id,received_at,series_id,series_title,node_id,first_reply,first_completion,first_series_completion," +
	"first_series_disengagement,first_series_exit,first_goal_success,first_open,first_click,first_dismisall,first_unsubscribe," +
	"first_hard_bounce\n"

var octets = apptest.Header("Accept", "application/octet-stream")

// export asks for an export and returns its identifier.
func export(t testing.TB, r *apptest.Rig, after, before int64) string {
	t.Helper()
	a := r.Post(t, "/export/content/data", object{"created_at_after": after, "created_at_before": before}).OK()
	id, _ := a.At("job_identifier").(string)
	return id
}

// exported has an export run to its end and returns the text of its file.
func exported(t testing.TB, r *apptest.Rig, after, before int64) string {
	t.Helper()
	id := export(t, r, after, before)
	r.RunJobs()
	shows(t, r.Get(t, "/export/content/data/"+id).OK(), "status", "completed")
	return exportText(t, r, id)
}

// exportText gets the file of an export as text. It must be one gzip member, for
// some readers stop after the first.
func exportText(t testing.TB, r *apptest.Rig, id string) string {
	t.Helper()
	a := r.Get(t, "/download/content/data/"+id, octets).OK()
	raw := bytes.NewReader(a.Body)
	in, err := gzip.NewReader(raw)
	noError(t, err)
	in.Multistream(false)
	text, err := io.ReadAll(in)
	noError(t, err)
	if raw.Len() != 0 {
		t.Errorf("%d bytes follow the end of the file", raw.Len())
	}
	if got, want := a.Header.Get("Content-Length"), fmt.Sprint(len(a.Body)); got != want {
		t.Errorf("the file is said to have %s bytes, and has %s", got, want)
	}
	return string(text)
}

// receipts are the ids of the messages in an export, in their order.
func receipts(t testing.TB, text string) []string {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	noError(t, err)
	var list []string
	for i, row := range rows {
		if i > 0 {
			list = append(list, row[10])
		}
	}
	return list
}

// exportFiles are the blobs of the rig's workspace that belong to exports.
func exportFiles(t testing.TB, r *apptest.Rig) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(r.Folder, string(r.Workspace.ID), "exports", "*"))
	noError(t, err)
	return found
}

func TestDataExportLife(t *testing.T) {
	apptest.OnEachWith(t, app.Options{ExportStep: 2}, func(t *testing.T, r *apptest.Rig) {
		joe := r.Post(t, "/contacts", `{"email":"joe@bloggs.test"}`).OK().ID()
		var sent []string
		for range 5 {
			sent = append(sent, send(t, r, joe, "Hello"))
		}
		r.Clock.Pass(time.Second)
		a := r.Post(t, "/export/content/data", `{"created_at_after":1768478400,"created_at_before":1768478400}`)
		id, _ := a.OK().At("job_identifier").(string)
		if !regexp.MustCompile(`^[a-z0-9]{16}$`).MatchString(id) {
			t.Fatalf("the identifier is %q", id)
		}
		const form = `{"job_identifier":"<id>","status":"<status>","download_url":"","download_expires_at":""}`
		is(t, a, form, "<id>", id, "<status>", "pending")
		path, file := "/export/content/data/"+id, "/download/content/data/"+id
		is(t, r.Get(t, path), form, "<id>", id, "<status>", "pending")
		r.Get(t, file, octets).Fails(404, "not_found", "Export job "+id+" has nothing to download: its status is pending")

		noError(t, r.Content.ExportReceipts(t.Context(), r.Workspace.ID, content.DataExportID(id), 0))
		is(t, r.Get(t, path), form, "<id>", id, "<status>", "in_progress")
		r.Get(t, file, octets).Fails(404, "not_found", "Export job "+id+" has nothing to download: its status is in_progress")

		r.Clock.Pass(time.Minute)
		r.RunJobs()
		const expires = 1768478461 + 2*24*60*60
		is(t, r.Get(t, path), `{"job_identifier":"<id>","status":"completed","download_url":"http://parley.test<file>","download_expires_at":"<expires>"}`,
			"<id>", id, "<file>", file, "<expires>", fmt.Sprint(expires))
		got := r.Get(t, file, octets).OK()
		for name, want := range map[string]string{"Content-Type": "application/octet-stream", "Content-Encoding": "",
			"Content-Disposition": "attachment; filename=" + id + ".csv.gz"} {
			if got := got.Header.Get(name); got != want {
				t.Errorf("%s is %q, want %q", name, got, want)
			}
		}
		if diff := cmp.Diff(sent, receipts(t, exportText(t, r, id))); diff != "" {
			t.Errorf("the receipts (-want +got):\n%s", diff)
		}
		if n := len(exportFiles(t, r)); n != 3 {
			t.Errorf("the file has %d parts, want 3", n)
		}
		log, _ := activities(t, r.Get(t, "/admins/activity_logs?created_at_after=1768478401"))
		if diff := cmp.Diff([]activity{{"app_data_export", "Ann Owner asked for an export of what was sent.", "1", "ann@acme.test", "192.0.2.1", 1768478401,
			object{"data_export": object{"job_identifier": id, "created_at_after": 1768478400., "created_at_before": 1768478400.}}}}, log); diff != "" {
			t.Errorf("the activity log (-want +got):\n%s", diff)
		}

		// To the second, also where nobody runs jobs.
		r.Clock.Pass(2*24*time.Hour - time.Second)
		if n := r.RunJobs(); n != 0 {
			t.Errorf("%d jobs ran before the export expired", n)
		}
		if exportText(t, r, id) == "" {
			t.Error("the file is empty")
		}
		r.Clock.Pass(time.Second)
		gone := func() {
			t.Helper()
			for _, a := range []*apptest.Answer{r.Get(t, path), r.Get(t, file, octets), r.Post(t, "/export/cancel/"+id, nil)} {
				a.Fails(404, "not_found", "Export job not found for identifier: "+id)
			}
		}
		gone()
		if n := r.RunJobs(); n != 1 {
			t.Errorf("%d jobs ran when the export expired, want 1", n)
		}
		gone()
		if left := exportFiles(t, r); len(left) > 0 {
			t.Errorf("the files %v are left", left)
		}
		if n := countRows(t, r, "data_exports") + countRows(t, r, "data_export_parts"); n != 0 {
			t.Errorf("%d rows are left", n)
		}
	})
}

// Everything that a line can say, and how it is written.
func TestDataExportText(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		engage := func(message string, e model.Engagement, at int64) {
			t.Helper()
			noError(t, r.Inbox.RecordEngagement(t.Context(), r.Workspace.ID, model.Decimal[model.MessageID](message), e, at))
		}
		const start = 1768478400
		joe := r.Post(t, "/contacts", `{"role":"user","external_id":"joe, \"the\" user","email":"joe@bloggs.test","name":"Joe \"Äö\" 🎉\nBloggs"}`).OK().ID()
		lead := r.Post(t, "/contacts", `{"role":"lead","name":"=HYPERLINK(\"http://x.test\")"}`).OK()
		gone := r.Post(t, "/contacts", `{"email":"gone@bloggs.test","unsubscribed_from_emails":true}`).OK().ID()
		old := r.Post(t, "/contacts", `{"email":"old@bloggs.test","name":" Old"}`).OK().ID()
		var companies []string
		for _, name := range []string{"first", "second"} {
			companies = append(companies, r.Post(t, "/companies", object{"company_id": name}).OK().ID())
			r.Post(t, "/contacts/"+joe+"/companies", object{"id": companies[len(companies)-1]}).OK()
			r.Clock.Pass(time.Second)
		}
		chat := send(t, r, joe, "<h2>Good\nmorning</h2><p>how &amp; \"what\"?</p><ul><li>one</li></ul>")
		r.Clock.Pass(time.Second)
		mail := r.Post(t, "/messages", email(joe, "subject", "Thanks, \"all\"\r\nof you")).OK().ID()
		r.Post(t, "/messages", email(gone)).OK()           // suppressed
		r.Post(t, "/messages", email(lead.ID())).OK()      // suppressed
		toLead := send(t, r, lead.ID(), "+49 <img src=x>") // a lead without an address
		archived := send(t, r, old, strings.Repeat("é", 300))
		r.Post(t, "/contacts/"+old+"/archive", nil).OK()
		r.Post(t, "/messages", object{"from": object{"type": "user", "id": joe}, "body": "not the admin's"}).OK()
		r.Clock.Pass(time.Minute) // start + 63
		for _, e := range []model.Engagement{model.EngagementOpen, model.EngagementClick, model.EngagementDismissal} {
			engage(chat, e, start+13)
			engage(chat, e, start+12)
			engage(chat, e, start+14)
		}
		for i, e := range []model.Engagement{model.EngagementOpen, model.EngagementClick, model.EngagementUnsubscribe, model.EngagementHardBounce} {
			engage(mail, e, start+20+int64(i))
		}
		r.Clock.Pass(time.Minute) // start + 123
		engage(archived, model.EngagementOpen, start+100)
		engage(archived, model.EngagementClick, start+101)
		first := replyLast(t, r, joe, "Mine").OK() // the conversation of his own is newer
		shows(t, first, "source.delivered_as", "customer_initiated")
		replyLast(t, r, lead.ID(), "Yes").OK()
		r.Clock.Pass(time.Minute)
		replyLast(t, r, lead.ID(), "And again").OK()

		got := exported(t, r, start, start+100)
		want := columns +
			`<joe>,"joe, ""the"" user",<second>,joe@bloggs.test,"Joe ""Äö"" 🎉` + "\n" +
			`Bloggs",<chat>,<chat>,Chat,"Good morning how & ""what""? one",,<chat>,1768478402,-1,,,,,,,,,1768478412,1768478412,1768478412,,` + "\n" +
			`<joe>,"joe, ""the"" user",<second>,joe@bloggs.test,"Joe ""Äö"" 🎉` + "\n" +
			`Bloggs",<mail>,<mail>,Email,"Thanks, ""all""  of you",,<mail>,1768478403,-1,,,,,,,,,1768478420,1768478421,,1768478422,1768478423` + "\n" +
			`<lead>,<uuid>,-1,,"=HYPERLINK(""http://x.test"")",<toLead>,<toLead>,Chat,+49,,<toLead>,1768478403,-1,,,,,,,,,,,,,` + "\n" +
			`<old>,,-1,old@bloggs.test," Old",<archived>,<archived>,Chat,` + strings.Repeat("é", 255) + `,,<archived>,1768478403,-1,,,,,,,,,1768478500,,,,` + "\n"
		values := []string{"<joe>", joe, "<lead>", lead.ID(), "<old>", old, "<uuid>", lead.At("external_id").(string), "<second>", companies[1],
			"<chat>", chat, "<mail>", mail, "<toLead>", toLead, "<archived>", archived}
		if diff := cmp.Diff(fill(want, values...), got); diff != "" {
			t.Errorf("the export (-want +got):\n%s", diff)
		}
		// What came of them later counts in a later range.
		want = strings.Replace(want, ",+49,,<toLead>,1768478403,-1,,,,", ",+49,,<toLead>,1768478403,-1,,,1768478523,", 1)
		want = strings.Replace(want, ",1768478500,,,,", ",1768478500,1768478501,,,", 1)
		if diff := cmp.Diff(fill(want, values...), exported(t, r, start, start+1000)); diff != "" {
			t.Errorf("the longer export (-want +got):\n%s", diff)
		}
	})
}

// The same text comes out whatever the parts are, and each receipt once.
func TestDataExportInParts(t *testing.T) {
	t.Parallel()
	texts := map[string]string{}
	for _, step := range []int{1, 2, 3, 7, 8, 0} {
		t.Run(fmt.Sprint(step), func(t *testing.T) {
			r := apptest.With(t, app.Options{ExportStep: step})
			joe := r.Post(t, "/contacts", `{"email":"joe@bloggs.test"}`).OK().ID()
			var sent []string
			for i := range 7 {
				sent = append(sent, send(t, r, joe, fmt.Sprint("Hello ", i)))
				if i == 2 || i == 5 {
					r.Clock.Pass(time.Second)
				}
			}
			text := exported(t, r, 0, 1<<40)
			if diff := cmp.Diff(sent, receipts(t, text)); diff != "" {
				t.Errorf("the receipts (-want +got):\n%s", diff)
			}
			text = strings.ReplaceAll(text, joe, "<joe>")
			if same := texts["text"]; same != "" && same != text {
				t.Errorf("in parts of %d it is\n%s\nnot\n%s", step, text, same)
			}
			texts["text"] = text
		})
	}
}

func TestDataExportBounds(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		const start = 1768478400
		joe := r.Post(t, "/contacts", `{"email":"joe@bloggs.test"}`).OK().ID()
		var sent []string // one in each of three seconds, and two in the last
		for range 3 {
			sent = append(sent, send(t, r, joe, "Hello"))
			r.Clock.Pass(time.Second)
		}
		sent = append(sent, send(t, r, joe, "Hello"), send(t, r, joe, "Hello"))
		for _, c := range []struct {
			name          string
			after, before int64
			want          []string // nil for none
		}{
			{"all", start, start + 3, sent},
			{"one second", start + 1, start + 1, sent[1:2]},
			{"the last second", start + 3, start + 3, sent[3:]},
			{"without the ends", start + 1, start + 2, sent[1:3]},
			{"a hundred years", start - 50*365*86400, start + 50*365*86400, sent},
			{"from the beginning of time", 0, start, sent[:1]},
			{"to the end of it", start + 2, 1<<53 - 1, sent[2:]},
			{"before all", 0, start - 1, nil},
			{"after all", start + 4, start + 5, nil},
			{"nothing but the future", 1<<53 - 2, 1<<53 - 1, nil},
		} {
			t.Run(c.name, func(t *testing.T) {
				if c.want != nil {
					if diff := cmp.Diff(c.want, receipts(t, exported(t, r, c.after, c.before))); diff != "" {
						t.Errorf("the receipts (-want +got):\n%s", diff)
					}
					return
				}
				id := export(t, r, c.after, c.before)
				r.RunJobs()
				is(t, r.Get(t, "/export/content/data/"+id), `{"job_identifier":"<id>","status":"no_data","download_url":"","download_expires_at":""}`, "<id>", id)
				r.Get(t, "/download/content/data/"+id, octets).Fails(404, "not_found", "Export job "+id+" has nothing to download: its status is no_data")
			})
		}
	})
}

// What is sent once an export has been asked for is not in it, and what has been
// sent by others never is.
func TestDataExportIsOfItsTimeAndPlace(t *testing.T) {
	apptest.OnEachWith(t, app.Options{ExportStep: 1}, func(t *testing.T, r *apptest.Rig) {
		const start = 1768478400
		other := r.Elsewhere(t)
		send(t, other, other.Post(t, "/contacts", `{"email":"joe@bloggs.test"}`).OK().ID(), "Hello")
		joe := r.Post(t, "/contacts", `{"email":"joe@bloggs.test"}`).OK().ID()
		lead := r.Post(t, "/contacts", `{"role":"lead"}`).OK().ID()
		ann := r.Post(t, "/contacts", `{"email":"ann@bloggs.test"}`).OK().ID()
		first, _, toLead := send(t, r, joe, "Hello"), send(t, r, ann, "Hello"), send(t, r, lead, "Hello")
		id := export(t, r, start, start+100)
		r.Clock.Pass(time.Second)
		send(t, r, joe, "Hello")
		r.Post(t, "/contacts/merge", object{"from": lead, "into": joe}).OK()
		r.Delete(t, "/contacts/"+ann, nil).OK()
		r.RunJobs()
		text := exportText(t, r, id)
		if diff := cmp.Diff([]string{first, toLead}, receipts(t, text)); diff != "" {
			t.Errorf("the receipts (-want +got):\n%s", diff)
		}
		if strings.Count(text, joe) != 2 || strings.Contains(text, lead) {
			t.Errorf("the lead's receipt is not the user's:\n%s", text)
		}
		for _, call := range []*apptest.Answer{other.Get(t, "/export/content/data/"+id), other.Post(t, "/export/cancel/"+id, nil),
			other.Get(t, "/download/content/data/"+id, octets)} {
			call.Fails(404, "not_found", "Export job not found for identifier: "+id)
		}
	})
}

func TestDataExportBadInput(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		const reversed = "created_at_after must not be later than created_at_before"
		body := func(after, before string) string {
			return `{"created_at_after":` + after + `,"created_at_before":` + before + `}`
		}
		for _, c := range []struct {
			name, body string
			refused    *refusal
		}{
			{"nothing", ``, missing("created_at_after is required, in Unix seconds")},
			{"an empty object", `{}`, missing("created_at_after is required, in Unix seconds")},
			{"null", `null`, missing("created_at_after is required, in Unix seconds")},
			{"no beginning", `{"created_at_before":1}`, missing("created_at_after is required, in Unix seconds")},
			{"no end", `{"created_at_after":1}`, missing("created_at_before is required, in Unix seconds")},
			{"a beginning of null", body(`null`, `1`), missing("created_at_after is required, in Unix seconds")},
			{"an end of null", body(`1`, `null`), missing("created_at_before is required, in Unix seconds")},
			{"reversed", body(`2`, `1`), invalid(reversed)},
			{"reversed texts", body(`"10"`, `"9"`), invalid(reversed)},
			{"a negative beginning", body(`-1`, `1`), invalid("created_at_after is invalid")},
			{"a negative text", body(`"-1"`, `1`), invalid("created_at_after is invalid")},
			{"a negative end", body(`0`, `-1`), invalid("created_at_before is invalid")},
			{"beyond all numbers", body(`0`, `9007199254740992`), invalid("created_at_before is invalid")},
			{"far beyond", body(`0`, `1e400`), invalid("created_at_before is invalid")},
			{"infinity", body(`0`, `"Inf"`), invalid("created_at_before is invalid")},
			{"no number", body(`"yesterday"`, `1`), invalid("created_at_after is invalid")},
			{"a date", body(`"2026-01-15"`, `1`), invalid("created_at_after is invalid")},
			{"an empty text", body(`""`, `1`), invalid("created_at_after is invalid")},
			{"a truth value", body(`true`, `1`), invalid("created_at_after is invalid")},
			{"a list", body(`[1]`, `1`), invalid("created_at_after is invalid")},
			{"an object", body(`1`, `{}`), invalid("created_at_before is invalid")},
			{"a list of all", `[1,2]`, invalid("The request body must be a JSON object")},
			{"not JSON", `{"created_at_after":`, invalid("The request body is not valid JSON")},
		} {
			t.Run(c.name, func(t *testing.T) {
				r.Post(t, "/export/content/data", c.body).Fails(c.refused.status, c.refused.code, c.refused.message)
			})
		}
		if n := countRows(t, r, "data_exports") + r.RunJobs(); n != 0 {
			t.Errorf("%d rows and jobs came of what was refused", n)
		}
		for name, body := range map[string]string{"texts": body(`"1"`, `"2"`), "the same second": body(`0`, `0`), "fractions": body(`1.5`, `"2.9"`)} {
			t.Run(name, func(t *testing.T) {
				r.Post(t, "/export/content/data", body).OK()
				r.RunJobs()
			})
		}
		for _, id := range []string{"0000000000000000", "x", "ABCDEFGHIJKLMNOP", "%F0%9F%8E%89", strings.Repeat("a", 5000)} {
			name := strings.ReplaceAll(id, "%F0%9F%8E%89", "🎉")
			for _, a := range []*apptest.Answer{r.Get(t, "/export/content/data/"+id), r.Post(t, "/export/cancel/"+id, `{"x":1}`),
				r.Get(t, "/download/content/data/"+id, octets)} {
				a.Fails(404, "not_found", "Export job not found for identifier: "+name)
			}
		}
	})
}

func TestDataExportAccept(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		send(t, r, r.Post(t, "/contacts", `{"email":"joe@bloggs.test"}`).OK().ID(), "Hello")
		id := export(t, r, 0, 1<<40)
		r.RunJobs()
		path := "/download/content/data/" + id
		for value, ok := range map[string]bool{"": true, "application/octet-stream": true, "Application/Octet-Stream": true, "*/*": true, "*": true,
			"application/*": true, "application/json, application/octet-stream;q=0.1": true, "text/html, */*;q=0.1": true,
			"application/json": false, "application/vnd.intercom.3+json": false, "application/gzip": false, "text/csv": false, "text/*": false,
			"application/octet-stream;q=0": false, "application/octet": false, "nonsense": false} {
			a := r.Get(t, path, apptest.Header("Accept", value))
			if ok {
				a.OK()
				continue
			}
			a.Fails(406, "media_type_not_acceptable", "The Accept header should send a media type of application/octet-stream")
		}
		// The others produce JSON.
		r.Get(t, "/export/content/data/"+id, octets).Fails(406, "media_type_not_acceptable", "The Accept header should send a media type of application/json")
		head := r.Do(t, "HEAD", path, nil, octets).OK()
		if got := head.Header.Get("Content-Length"); len(head.Body) != 0 || got == "0" || got == "" {
			t.Errorf("HEAD has %d bytes and announces %q", len(head.Body), got)
		}
		r.Get(t, path, octets, apptest.As("wrong")).Fails(401, "unauthorized", "Access Token Invalid")
	})
}

// A file that is lost is a failure of ours; one that is cut off is shorter than was
// said.
func TestDataExportWithoutItsFiles(t *testing.T) {
	apptest.OnEachWith(t, app.Options{ExportStep: 1}, func(t *testing.T, r *apptest.Rig) {
		joe := r.Post(t, "/contacts", `{"email":"joe@bloggs.test"}`).OK().ID()
		send(t, r, joe, "Hello")
		send(t, r, joe, "Hello")
		id := export(t, r, 0, 1<<40)
		r.RunJobs()
		r.Unjudged() // a 500 is in no contract
		path, files := "/download/content/data/"+id, exportFiles(t, r)
		whole := r.Get(t, path, octets).OK().Body
		noError(t, os.Remove(files[1]))
		if a := r.Get(t, path, octets).OK(); len(a.Body) >= len(whole) || a.Header.Get("Content-Length") != fmt.Sprint(len(whole)) {
			t.Errorf("%d bytes of %d came, and %s were said", len(a.Body), len(whole), a.Header.Get("Content-Length"))
		}
		noError(t, os.WriteFile(files[0], whole, 0o600)) // of another length
		r.Get(t, path, octets).Fails(500, "server_error", "Something went wrong on our side. Please try again")
		noError(t, os.Remove(files[0]))
		r.Get(t, path, octets).Fails(500, "server_error", "Something went wrong on our side. Please try again")
	})
}

// countRows counts the rows of the rig's workspace in a table.
func countRows(t testing.TB, r *apptest.Rig, table string) (n int) {
	t.Helper()
	noError(t, r.Database.View(t.Context(), func(tx *db.Tx) error {
		return tx.QueryRow(`SELECT count(*) FROM `+table+` WHERE workspace_id = $1`, r.Workspace.ID).Scan(&n)
	}))
	return n
}
