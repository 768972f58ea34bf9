package trial

import (
	"context"
	"strconv"
	"sync"
)

// rateLimit is how many requests the workspace of this exercise may make in ten seconds.
const rateLimit = 20

const lengthOfWindow = 10 // seconds

// rates ask every node for more than the limit. Together they let in no more than that.
func (u user) rates() exercise {
	var mu sync.Mutex
	in := map[int64]int{}
	refused := 0
	return exercise{
		name: "rates",
		run: func(ctx context.Context) {
			var workers sync.WaitGroup
			for _, n := range u.nodes {
				workers.Go(func() {
					for range u.ticks(ctx, 2*u.pace) {
						a := u.askAt(n.address(), "GET", "/me", "")
						if a.unknown() {
							continue
						}
						window, err := strconv.ParseInt(a.header.Get("X-RateLimit-Reset"), 10, 64)
						u.hold("the header of the rate's window", err)
						mu.Lock()
						switch {
						case a.ok():
							in[window]++
						case a.status == 429:
							refused++
							u.note("refusals")
						default:
							u.wrong("GET /me is answered %s", a)
						}
						mu.Unlock()
					}
				})
			}
			workers.Wait()
		},
		judge: func(context.Context) {
			loose := func(window int64) bool { return u.wasAway(window-lengthOfWindow, window) }
			u.hold("rates", judgeRates(rateLimit, in, loose, len(u.nodes)))
			u.Logf("rates: let in by window %v, refused %d", in, refused)
		},
	}
}
