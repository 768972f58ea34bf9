package db

import (
	"context"
	"time"

	"parley/internal/sqlite"
)

// An ending interrupts a transaction whose context has ended. Until then it takes no goroutine.
type ending struct {
	conn  *sqlite.Conn
	stop  func() bool
	over  chan struct{} // closed when the transaction is
	ended chan struct{} // closed when nobody interrupts it any more
}

func newEnding(conn *sqlite.Conn) *ending {
	return &ending{conn: conn, over: make(chan struct{}), ended: make(chan struct{})}
}

// watch begins with a transaction.
func (e *ending) watch(ctx context.Context) {
	if ctx.Done() != nil {
		e.stop = context.AfterFunc(ctx, e.interrupt)
	}
}

// interrupt interrupts what is running until the transaction is over: an interruption that comes right before a statement is lost on it.
func (e *ending) interrupt() {
	defer close(e.ended)
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	for {
		e.conn.Interrupt()
		select {
		case <-e.over:
			return
		case <-again.C:
		}
	}
}

// leave ends with the transaction: the next one of the connection is left alone.
func (e *ending) leave() {
	if e.stop != nil && !e.stop() {
		close(e.over)
		<-e.ended
		e.over, e.ended = make(chan struct{}), make(chan struct{})
	}
	e.stop = nil
}
