package trial

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

const (
	healthEvery   = 100 * time.Millisecond
	healthTimeout = time.Second
	// servedBy is a header of the balancer's answers: the node's name.
	servedBy = "X-Served-By"
)

// A balancer hands each request to the next node that is ready, whoever sends it. It
// sends none twice, as it may have been taken.
type balancer struct {
	nodes  []*node
	ready  []atomic.Bool
	turn   atomic.Uint64
	url    string
	checks *http.Client
	proxy  *httputil.ReverseProxy
}

// balance starts a balancer, which lasts as long as the test.
func balance(t testing.TB, nodes []*node) *balancer {
	t.Helper()
	b := &balancer{nodes: nodes, ready: make([]atomic.Bool, len(nodes)), checks: &http.Client{Timeout: healthTimeout}}
	b.proxy = &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			to, _ := r.In.Context().Value(chosen{}).(*url.URL)
			r.SetURL(to)
		},
		Transport: &http.Transport{MaxIdleConnsPerHost: 64},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
			http.Error(w, "the node gave no answer: "+err.Error(), http.StatusBadGateway)
		},
		ErrorLog: log.New(io.Discard, "", 0), // of answers that break off, as they may
	}
	server := httptest.NewServer(b)
	b.url = server.URL
	ctx, end := context.WithCancel(context.Background())
	var checking sync.WaitGroup
	for i := range nodes {
		checking.Go(func() { b.watch(ctx, i) })
	}
	t.Cleanup(func() {
		end()
		checking.Wait()
		server.CloseClientConnections()
		server.Close()
	})
	return b
}

type chosen struct{}

func (b *balancer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	for range b.nodes {
		i := int(b.turn.Add(1) % uint64(len(b.nodes)))
		if !b.ready[i].Load() {
			continue
		}
		to, err := url.Parse(b.nodes[i].address())
		if err != nil {
			break
		}
		w.Header().Set(servedBy, b.nodes[i].name)
		b.proxy.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), chosen{}, to)))
		return
	}
	http.Error(w, "no node is ready", http.StatusServiceUnavailable)
}

// watch asks a node again and again whether it is ready.
func (b *balancer) watch(ctx context.Context, i int) {
	tick := time.NewTicker(healthEvery)
	defer tick.Stop()
	for {
		b.ready[i].Store(b.check(ctx, b.nodes[i].address()) == nil)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (b *balancer) check(ctx context.Context, base string) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/readyz", nil)
	if err != nil {
		return err
	}
	answer, err := b.checks.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("it answers %d", answer.StatusCode)
	}
	return nil
}

// allReady reports whether every node is, as far as the balancer knows.
func (b *balancer) allReady() bool {
	for i := range b.ready {
		if !b.ready[i].Load() {
			return false
		}
	}
	return true
}
