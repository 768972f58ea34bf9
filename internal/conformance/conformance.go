// Package conformance calls every operation of the API on a running server and
// tells where its answers depart from a description of the API.
// It must not know how a server works: it sees what any client sees, and treats
// ours like any other.
package conformance

import (
	"context"
	"errors"
	"net/http"
	"time"

	"parley/internal/contract"
)

// Options say which server is asked, and how.
type Options struct {
	// Base is the URL that the paths of the operations are below, of the scheme
	// http or https, without a query.
	Base  string
	Token string
	// Description is what the answers are held against.
	Description *contract.Judge
	// Only names groups ("Ticket Types") and operations ("createTicket") to check,
	// in any letter case and punctuation; none means all. What they need is made,
	// and is not judged.
	Only []string
	// ReadOnly leaves out every call that changes something.
	ReadOnly bool
	// Visitors are the user ids of up to two visitors, whom no operation makes. The
	// first is made a user, the second is deleted.
	Visitors []string
	// Plain leaves out the mark that everything made carries otherwise. It is for
	// workspaces that nobody else uses.
	Plain bool
	// Mark replaces the random end of the mark. It is of letters and digits.
	Mark string
	// Timeout bounds each call; 0 is half a minute.
	Timeout time.Duration
	// Patience bounds two waits: the one for an export, and all of those together
	// for what a server does not find as soon as it is made. 0 is a minute.
	Patience time.Duration
	// Bodies keeps bodies in the report, up to 4,000 bytes of each.
	Bodies bool
	Clock  func() time.Time
	// Wait returns when the time has passed, or with an error when the context has
	// ended. Nil waits by a timer.
	Wait func(context.Context, time.Duration) error
	// Transport sends the requests; nil is that of net/http.
	Transport http.RoundTripper
	// Progress, if it is set, is told before each operation how many are done, and
	// of the end in words.
	Progress func(done, total int, operation string)
	// Observe, if it is set, is told of every exchange, with its bodies.
	Observe func(Exchange)
}

// ErrUnreachable says that the server gave no answer at all.
var ErrUnreachable = errors.New("the server could not be reached")

const (
	usualTimeout  = 30 * time.Second
	usualPatience = time.Minute
)

// Run checks a server. An error means that nothing was checked: the options are
// wrong, the server does not answer, or it refuses the token. A context that ends
// stops the calls; what they made is taken away all the same.
func Run(ctx context.Context, o Options) (*Report, error) {
	r, err := newRunner(o)
	if err != nil {
		return nil, err
	}
	if err := r.reach(ctx); err != nil {
		return nil, err
	}
	r.runAll(ctx)
	r.cleanUp(ctx)
	r.finish(ctx)
	return r.report, nil
}

// waitByTimer is the usual Wait.
func waitByTimer(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
