package trial

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"parley/internal/conformance"
	"parley/internal/contract"
)

// description is our own contract, as a node tells it.
func (u user) description() *contract.Judge {
	u.Helper()
	a := u.must("GET", "/openapi.yaml", "")
	judge, err := contract.New(a.body, nil)
	if err != nil {
		u.Fatal(err)
	}
	return judge
}

// everyGroup are the groups of the contract's operations.
func everyGroup(judge *contract.Judge) []string {
	var all []string
	for _, op := range judge.Operations() {
		for _, tag := range op.Tags {
			if !slices.Contains(all, tag) {
				all = append(all, tag)
			}
		}
	}
	return all
}

// A slowPath paces requests, and remembers what the last was answered.
type slowPath struct {
	t    *trial
	next <-chan time.Time

	mu     sync.Mutex
	last   int
	broken int // requests whose outcome is unknown
}

func (p *slowPath) RoundTrip(r *http.Request) (*http.Response, error) {
	select {
	case <-p.next:
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	answer, err := p.t.http.Transport.RoundTrip(r)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last = 0
	if err == nil {
		p.last = answer.StatusCode
	}
	if p.last == 0 || p.last >= 500 {
		p.broken++
	}
	return answer, err
}

// wait is the runner's. It waits for what is not found at once, which is never as it
// should be here: what a node has confirmed, every node knows.
func (p *slowPath) wait(ctx context.Context, d time.Duration) error {
	p.mu.Lock()
	if p.last == http.StatusNotFound && p.broken == 0 {
		p.t.wrong("groups: what was made is not found at once")
	}
	p.mu.Unlock()
	timer := time.NewTimer(d / 4)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// groups call every operation of the API, over and over, and hold the answers against
// the contract. A run in which a request broke may trip over that later, so that only
// runs in which none did must go well from their beginning to their end.
func (u user) groups(visitors []string) exercise {
	judge := u.description()
	last, visitors := visitors[:2], visitors[2:] // of the last run, however many there were before it
	passed, others := map[string]bool{}, map[string]string{}
	runs, whole := 0, 0
	run := func(ctx context.Context, d time.Duration) {
		tick := time.NewTicker(d)
		defer tick.Stop()
		path := &slowPath{t: u.trial, next: tick.C}
		o := conformance.Options{Base: u.lb.url, Token: u.token, Description: judge, Only: everyGroup(judge), Clock: time.Now,
			Mark: fmt.Sprintf("run%d", runs), Timeout: requestTimeout, Patience: time.Minute, Wait: path.wait, Transport: path, Bodies: true}
		if len(visitors) >= 2 {
			o.Visitors, visitors = visitors[:2], visitors[2:]
		}
		runs++
		report, err := conformance.Run(ctx, o)
		if err != nil { // it did not begin
			if path.broken == 0 && ctx.Err() == nil {
				u.wrong("groups: %v", err)
			}
			return
		}
		for _, op := range report.Operations {
			if op.Result == conformance.Passed {
				passed[op.Group] = true
			} else {
				others[op.Group] = fmt.Sprintf("%s: %s %s", op.ID, op.Result, op.Reason)
			}
			for _, e := range op.Exchanges {
				// What was answered with success is as the contract has it, whatever broke before.
				if e.Result == conformance.Failed && e.Status != 0 && e.Status < 500 && (path.broken == 0 || e.Status < 300) {
					u.wrong("groups: run %d, %s %s: %s\n%s\n%s", runs, e.Method, e.Path, strings.Join(e.Problems, "; "), e.Request, e.Response)
				}
			}
		}
		if path.broken == 0 && !report.Interrupted {
			whole++
			for _, left := range report.LeftBehind {
				u.wrong("groups: run %d left behind %s", runs, left)
			}
		}
	}
	return exercise{
		name: "groups",
		run: func(ctx context.Context) {
			for ctx.Err() == nil {
				run(ctx, u.pace/2)
			}
		},
		judge: func(ctx context.Context) {
			// One that nothing disturbs, in which every group has to pass.
			clear(passed)
			visitors = last
			run(ctx, time.Millisecond)
			for _, g := range everyGroup(judge) {
				if !passed[g] {
					u.wrong("groups: nothing of %s passed in the end, %s", g, others[g])
				}
			}
			u.Logf("groups: %d runs, %d that nothing broke; %d groups", runs, whole, len(passed))
		},
	}
}

// attachments are given by their URL, and are fetched by a job: soon after, the link
// leads to a node, whichever.
func (u user) attachments(from string, admin string) exercise {
	var links []string // of conversations
	return exercise{
		name: "attachments",
		run: func(ctx context.Context) {
			for n := range u.ticks(ctx, 40*u.pace) {
				_, id := u.newConversation(fmt.Sprintf("attached-%d", n))
				if id == "" {
					continue
				}
				a := u.ask("POST", "/conversations/"+id+"/reply", fmt.Sprintf(
					`{"message_type":"comment","type":"admin","admin_id":%q,"body":"See there","attachment_urls":["%s/files/%s"]}`, admin, from, id))
				if a.ok() {
					links = append(links, id)
					u.note("attachments")
				} else if !a.unknown() {
					u.wrong("an attachment is answered %s", a)
				}
			}
		},
		judge: func(ctx context.Context) {
			for _, id := range links {
				var c conversation
				u.hold("a conversation", u.insist(ctx, "GET", "/conversations/"+id, "").read(&c))
				last := len(c.Parts.List) - 1
				if last < 0 || len(c.Parts.List[last].Attachments) != 1 {
					u.wrong("the attachment of %s is gone", id)
					continue
				}
				link := c.Parts.List[last].Attachments[0].URL
				if strings.HasPrefix(link, from) {
					u.wrong("the attachment of %s was never fetched: %s", id, link)
					continue
				}
				got, err := u.http.Get(link)
				if err != nil {
					u.wrong("the attachment of %s: %v", id, err)
					continue
				}
				text, err := io.ReadAll(got.Body)
				got.Body.Close()
				if string(text) != "the file "+id || err != nil {
					u.wrong("the attachment of %s at %s is %q (%v)", id, link, text, err)
				}
			}
			u.Logf("attachments: %d fetched", len(links))
		},
	}
}
