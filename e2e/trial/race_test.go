package trial

import (
	"context"
	"fmt"
	"sync"
)

// A race is several clients who want the same key at once, through different nodes.
type race struct {
	key      string
	count    string // asks how many have it
	statuses []int
}

// atOnce has n clients ask for the same at once, each at a node of its own as far as
// there are enough.
func (u user) atOnce(n int, method, path string, body func(i int) string) []answer {
	answers := make([]answer, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { answers[i] = u.askAt(u.nodes[i%len(u.nodes)].address(), method, path, body(i)) })
	}
	all.Wait()
	return answers
}

const racers = 4

// races are for keys that one may have: one of the racers gets it and the others are
// told so; what is found or made under a key is one thing for all of them; and numbers
// are given once.
func (u user) races(ticketType string) exercise {
	var ran []race
	var tickets, numbers []string          // ids, and what people call them
	shared := map[string]map[string]bool{} // ids by key
	acked := 0
	workspace := "workspace_id = (SELECT workspace_id FROM contacts WHERE id = $2)"
	someone := u.must("POST", "/contacts", `{"role":"user","external_id":"racer"}`).id("id")
	return exercise{
		name: "races",
		run: func(ctx context.Context) {
			for n := range u.ticks(ctx, 8*u.pace) {
				key := fmt.Sprintf("race-%d", n)
				switch n % 5 {
				case 0, 1:
					body, count := `{"role":"user","external_id":%[1]q,"name":"racer %[2]d"}`, `SELECT count(*) FROM contacts WHERE external_id = $1 AND `
					if n%5 == 1 {
						key += "@race.test"
						body, count = `{"role":"user","email":%[1]q,"name":"racer %[2]d"}`, `SELECT count(*) FROM contacts WHERE email_fold = $1 AND `
					}
					r := race{key: key, count: count + workspace}
					for _, a := range u.atOnce(racers, "POST", "/contacts", func(i int) string { return fmt.Sprintf(body, key, i) }) {
						r.statuses = append(r.statuses, a.status)
						if a.ok() {
							u.note("wins")
						}
					}
					ran = append(ran, r)
				case 2, 3:
					path, body := "/companies", `{"company_id":%q,"name":"Race %d"}`
					if n%5 == 3 {
						path, body = "/tags", `{"name":%q}`
					}
					shared[key] = map[string]bool{}
					for _, a := range u.atOnce(racers, "POST", path, func(i int) string {
						if path == "/tags" {
							return fmt.Sprintf(body, key)
						}
						return fmt.Sprintf(body, key, i)
					}) {
						if a.ok() {
							acked++
							u.note("shared keys")
							shared[key][a.id("id")] = true
						} else if !a.unknown() {
							u.wrong("%s %s is answered %s", path, key, a)
						}
					}
				default:
					for _, a := range u.atOnce(racers, "POST", "/tickets", func(i int) string {
						return fmt.Sprintf(`{"ticket_type_id":%q,"contacts":[{"id":%q}],"ticket_attributes":{"_default_title_":"%s %d"}}`, ticketType, someone, key, i)
					}) {
						if a.ok() {
							tickets, numbers = append(tickets, a.id("id")), append(numbers, a.id("ticket_id"))
							u.note("tickets")
						} else if !a.unknown() {
							u.wrong("a ticket is answered %s", a)
						}
					}
				}
			}
		},
		judge: func(ctx context.Context) {
			won := 0
			for _, r := range ran {
				have, err := u.d.number(ctx, r.count, r.key, someone)
				u.hold(r.key, err)
				u.hold(fmt.Sprintf("the race for %s, that ended with %v", r.key, r.statuses), judgeRace(r.statuses, have))
				for _, s := range r.statuses {
					if s == 200 {
						won++
					}
				}
			}
			for key, ids := range shared {
				if len(ids) > 1 {
					u.wrong("%s is several things: %v", key, ids)
				}
			}
			u.hold("the ids of tickets", judgeOnce(tickets))
			u.hold("the numbers of tickets", judgeOnce(numbers))
			for _, id := range tickets {
				if a := u.insist(ctx, "GET", "/tickets/"+id, ""); !a.ok() {
					u.wrong("the ticket %s, which was confirmed, is answered %s", id, a)
				}
			}
			u.Logf("races: %d of %d were won, %d answers under shared keys, %d tickets", won, len(ran), acked, len(tickets))
		},
	}
}

// A batch is one request that writes several rows.
type batch struct {
	name      string
	confirmed bool
}

const rowsOfBatch = 8

// batches tag several companies by one request. All of them are tagged, or none.
func (u user) batches() exercise {
	var all []batch
	list := ""
	for i := range rowsOfBatch {
		key := fmt.Sprintf("batch-%d", i)
		u.must("POST", "/companies", fmt.Sprintf(`{"company_id":%q,"name":%q}`, key, key))
		list += fmt.Sprintf(`,{"company_id":%q}`, key)
	}
	return exercise{
		name: "batches",
		run: func(ctx context.Context) {
			for n := range u.ticks(ctx, 5*u.pace) {
				name := fmt.Sprintf("batch %d", n)
				a := u.ask("POST", "/tags", fmt.Sprintf(`{"name":%q,"companies":[%s]}`, name, list[1:]))
				if !a.ok() && !a.unknown() {
					u.wrong("tagging companies is answered %s", a)
				}
				if a.ok() {
					u.note("batches")
				}
				all = append(all, batch{name, a.ok()})
			}
		},
		judge: func(ctx context.Context) {
			confirmed := 0
			for _, b := range all {
				have, err := u.d.number(ctx, `SELECT count(*) FROM company_tags a JOIN tags t ON t.workspace_id = a.workspace_id AND t.id = a.tag_id WHERE t.name = $1`, b.name)
				u.hold(b.name, err)
				u.hold("the companies tagged "+b.name, judgeWhole(have, rowsOfBatch, b.confirmed))
				tags, err := u.d.number(ctx, `SELECT count(*) FROM tags WHERE name = $1`, b.name)
				u.hold(b.name, err)
				if have > 0 && tags != 1 || have == 0 && tags != 0 {
					u.wrong("%s is %d tags of %d companies", b.name, tags, have)
				}
				if b.confirmed {
					confirmed++
				}
			}
			u.Logf("batches: %d of %d confirmed", confirmed, len(all))
		},
	}
}
