package app

import (
	"net/http"
	"sync"
)

// inFlight counts the requests that run, so that a stop can wait for those that
// came before it, whatever comes after.
type inFlight struct {
	mu      sync.Mutex // orders joining a group and closing it
	current *sync.WaitGroup
}

func newInFlight() *inFlight { return &inFlight{current: new(sync.WaitGroup)} }

// count is h with its requests counted.
func (f *inFlight) count(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer f.join().Done()
		h.ServeHTTP(w, r)
	})
}

func (f *inFlight) join() *sync.WaitGroup {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.current.Add(1)
	return f.current
}

// settled is closed when every request that runs now has been answered.
func (f *inFlight) settled() <-chan struct{} {
	f.mu.Lock()
	earlier := f.current
	f.current = new(sync.WaitGroup)
	f.mu.Unlock()
	done := make(chan struct{})
	go func() {
		earlier.Wait()
		close(done)
	}()
	return done
}
