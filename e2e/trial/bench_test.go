package trial

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// BenchmarkNodes measures how many requests a second one node answers and how many
// three do, on the same database, which waits for the disk. Each client waits for its
// answer and asks again, a node after the other, with no balancer between.
func BenchmarkNodes(b *testing.B) {
	d := startDatabase(b, "fsync=on")
	u := newTrial(b, build(b), d, 3, rand.Uint64(), time.Second)
	u.seedAtOnce(seedOfLoad(), "")
	token, err := u.nodes[0].command(b.Context(), "token", "create", "--workspace", "load0001")
	if err != nil {
		b.Fatal(err)
	}
	load := user{u, token}
	ids := make([]string, 512)
	for i := range ids {
		ids[i] = load.must("POST", "/contacts", fmt.Sprintf(`{"role":"user","external_id":"b-%d","name":"Bench"}`, i)).id("id")
	}
	get := func(_ int64, id string) (string, string, string) { return "GET", "/contacts/" + id, "" }
	put := func(n int64, id string) (string, string, string) {
		return "PUT", "/contacts/" + id, fmt.Sprintf(`{"name":"Bench %d"}`, n)
	}
	mixed := func(n int64, id string) (string, string, string) {
		if n%5 == 0 {
			return put(n, id)
		}
		return get(n, id)
	}
	for _, kind := range []struct {
		name string
		call func(n int64, id string) (method, path, body string)
	}{{"reads", get}, {"writes", put}, {"mixed", mixed}} {
		for _, clients := range []int{16, 64} {
			for _, nodes := range []int{1, 3} {
				b.Run(fmt.Sprintf("%s/clients=%d/nodes=%d", kind.name, clients, nodes), func(b *testing.B) {
					nodesTook, databaseTook := u.took()
					var turn, failed atomic.Int64
					var all sync.WaitGroup
					for range clients {
						all.Go(func() {
							for n := turn.Add(1); n <= int64(b.N); n = turn.Add(1) {
								method, path, body := kind.call(n, ids[rand.IntN(len(ids))])
								if a := load.askAt(u.nodes[n%int64(nodes)].address(), method, path, body); !a.ok() {
									failed.Add(1)
								}
							}
						})
					}
					all.Wait()
					if n := failed.Load(); n > 0 {
						b.Fatalf("%d of %d requests failed", n, b.N)
					}
					b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "requests/s")
					// These say more than that where all share the processors.
					n, d := u.took()
					b.ReportMetric(float64((n-nodesTook).Microseconds())/float64(b.N), "µs-nodes/request")
					b.ReportMetric(float64((d-databaseTook).Microseconds())/float64(b.N), "µs-database/request")
				})
			}
		}
	}
}
