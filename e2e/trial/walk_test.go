package trial

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/csv"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"parley/internal/model/content"
)

// What the workspace of walks has. Nobody changes it.
const (
	walkContacts  = 60
	walkCompanies = 130 // more than a page of a scroll
)

// anywhere asks node after node, from one on, until one answers.
func (u user) anywhere(ctx context.Context, from int, method, path string) answer {
	for i := range u.ticks(ctx, 20*time.Millisecond) {
		if a := u.askAt(u.nodes[(from+i)%len(u.nodes)].address(), method, path, ""); !a.unknown() {
			return a
		}
	}
	return answer{}
}

// walks begin on one node and go on on the next: lists by their cursor, scrolls, and an
// export. messages is how many the export is of.
func (u user) walks(messages int) exercise {
	var export string
	lists, scrolls := 0, 0
	var abandoned time.Time // when a scroll broke; for a minute it is in the way of others
	export = u.must("POST", "/export/content/data", `{"created_at_after":0,"created_at_before":99999999999}`).id("job_identifier")
	return exercise{
		name: "walks",
		run: func(ctx context.Context) {
			for n := range u.ticks(ctx, 8*u.pace) {
				if n%2 == 0 {
					if u.walkList(ctx, n) {
						lists++
						u.note("lists")
					}
					continue
				}
				switch a, done := u.walkScroll(n); {
				case done:
					scrolls++
					u.note("scrolls")
				case a.unknown():
					abandoned = time.Now()
				case a.status != 400 || time.Since(abandoned) > 70*time.Second:
					u.wrong("a scroll is answered %s", a)
				}
			}
		},
		judge: func(ctx context.Context) {
			u.judgeExport(ctx, export, messages)
			u.Logf("walks: %d lists, %d scrolls, and an export of %d messages", lists, scrolls, messages)
		},
	}
}

// walkList reads all contacts, each page of another node. A page that is not answered is
// asked for again: a cursor does not move.
func (u user) walkList(ctx context.Context, n int) bool {
	var ids []string
	path := "/contacts?per_page=7"
	for page := 0; ; page++ {
		a := u.anywhere(ctx, n+page, "GET", path)
		if a.unknown() {
			return false // it is over
		}
		var list struct {
			Data []struct {
				ID string `json:"id"`
			} `json:"data"`
			Pages struct {
				Next *struct {
					After string `json:"starting_after"`
				} `json:"next"`
			} `json:"pages"`
			Total int `json:"total_count"`
		}
		if err := a.read(&list); err != nil || !a.ok() || list.Total != walkContacts {
			u.wrong("a page of contacts is answered %s (%v)", a, err)
			return false
		}
		for _, c := range list.Data {
			ids = append(ids, c.ID)
		}
		if list.Pages.Next == nil {
			break
		}
		path = "/contacts?per_page=7&starting_after=" + url.QueryEscape(list.Pages.Next.After)
	}
	if err := judgeOnce(ids); err != nil || len(ids) != walkContacts {
		u.wrong("a walk over %d contacts found %d (%v)", walkContacts, len(ids), err)
	}
	return true
}

// walkScroll scrolls over all companies, each page of another node. It returns the
// answer that it ended with.
func (u user) walkScroll(n int) (last answer, done bool) {
	var ids []string
	path := "/companies/scroll"
	for page := 0; ; page++ {
		a := u.askAt(u.nodes[(n+page)%len(u.nodes)].address(), "GET", path, "")
		if !a.ok() {
			return a, false
		}
		var list struct {
			Data []struct {
				ID string `json:"id"`
			} `json:"data"`
			Param string `json:"scroll_param"`
		}
		u.hold("a page of a scroll", a.read(&list))
		for _, c := range list.Data {
			ids = append(ids, c.ID)
		}
		if len(list.Data) == 0 || list.Param == "" {
			if err := judgeOnce(ids); err != nil || len(ids) != walkCompanies {
				u.wrong("a scroll over %d companies found %d (%v)", walkCompanies, len(ids), err)
			}
			return a, true
		}
		path = "/companies/scroll?scroll_param=" + url.QueryEscape(list.Param)
	}
}

// exports are made one after the other, whatever is killed meanwhile, each of all the
// messages there are.
func (u user) exports(messages int) exercise {
	made, gone := 0, 0
	return exercise{
		name: "exports",
		run: func(ctx context.Context) {
			for range u.ticks(ctx, 10*u.pace) {
				a := u.ask("POST", "/export/content/data", `{"created_at_after":0,"created_at_before":99999999999}`)
				switch {
				case a.ok():
					if u.wasGivenUp(a.id("job_identifier")) {
						gone++
						continue
					}
					u.judgeExport(u.Context(), a.id("job_identifier"), messages)
					made++
					u.note("exports")
				case !a.unknown() && a.status != http.StatusTooManyRequests: // another is under way
					u.wrong("an export is answered %s", a)
				}
			}
		},
		judge: func(context.Context) { u.Logf("exports: %d of %d messages; %d were given up", made, messages, gone) },
	}
}

// wasGivenUp waits until an export is over. One whose every attempt was killed says that
// it has failed, as it should: it might be what ends the server.
func (u user) wasGivenUp(id string) bool {
	killed := func() int {
		u.mu.Lock()
		defer u.mu.Unlock()
		return u.counts["kills"]
	}
	before, status := killed(), ""
	u.until(u.Context(), "the end of an export", settled, func() (bool, string) {
		a := u.anywhere(u.Context(), 0, "GET", "/export/content/data/"+id)
		status = a.id("status")
		return status == "completed" || status == "failed", a.String()
	})
	if n := killed() - before; status == "failed" && n < content.MaxExportAttempts {
		u.wrong("the export %s has failed after %d kills", id, n)
	}
	return status == "failed"
}

// judgeExport waits for the export on each node and downloads it from each.
func (u user) judgeExport(ctx context.Context, id string, messages int) {
	for i := range u.nodes {
		u.until(ctx, "the export", settled, func() (bool, string) {
			a := u.anywhere(ctx, i, "GET", "/export/content/data/"+id)
			return a.id("status") == "completed", a.String()
		})
		a := u.anywhere(ctx, i, "GET", "/download/content/data/"+id)
		text, err := gzip.NewReader(bytes.NewReader(a.body))
		if err != nil {
			u.wrong("the export is answered %s (%v)", a, err)
			return
		}
		rows, err := csv.NewReader(text).ReadAll()
		if err != nil {
			u.wrong("the export: %v", err)
			return
		}
		var ids []string
		column := slices.Index(rows[0], "receipt_id")
		for _, row := range rows[1:] {
			ids = append(ids, row[max(column, 0)])
		}
		if err := judgeOnce(ids); err != nil || len(ids) != messages {
			u.wrong("the export has %d receipts, want %d (%v; columns %v)", len(ids), messages, err, rows[0])
		}
	}
}

// seedOfWalks is what the walks go over.
func seedOfWalks() string {
	text := "workspace: {name: Walks, id: walks001, timezone: Europe/Berlin, region: EU}\nadmins:\n  - {email: ann@walks.test, name: Ann}\ncompanies:\n"
	for i := range walkCompanies {
		text += fmt.Sprintf("  - {company_id: c-%d, name: Company %d}\n", i, i)
	}
	text += "contacts:\n"
	for i := range walkContacts {
		text += fmt.Sprintf("  - {role: user, external_id: u-%d, name: User %d}\n", i, i)
	}
	return text
}
