package db

import (
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
)

const (
	// logPages is how many pages are written before the write-ahead log is copied into the file: 16 MB of them.
	logPages = 4_000
	// mostPages is how many are written before who writes waits for that: 48 MB.
	mostPages = 12_000
	// passive copies as much of the log as nobody reads any more, and waits for nobody.
	passive = "PRAGMA wal_checkpoint(PASSIVE)"
)

// A checkpointer copies the write-ahead log of a SQLite file into the file while others go on writing, so that no update waits for
// it. What was written in the meantime is left to the writer, which copies that little between two groups: only when all is copied does
// the next of them begin the log anew, and one that never did would grow for as long as somebody writes.
type checkpointer struct {
	open    func() (*session, error)
	session *session // nil until there is something to copy; only run touches it, and stop after it
	logger  *slog.Logger
	due     chan struct{} // has one if there is something to do
	copied  atomic.Bool   // all but what was written in the meantime
	copying sync.Mutex
	stopped chan struct{}

	// Only the writer touches these: how many pages it had written when the log was last copied, and whether that is asked for.
	mark  int
	asked bool
}

// newCheckpointer copies by a connection that open opens.
func newCheckpointer(logger *slog.Logger, open func() (*session, error)) *checkpointer {
	c := &checkpointer{open: open, logger: logger, due: make(chan struct{}, 1), stopped: make(chan struct{})}
	go c.run()
	return c
}

func (c *checkpointer) run() {
	defer close(c.stopped)
	for range c.due {
		c.copying.Lock()
		if c.session == nil {
			c.connect()
		}
		if c.session != nil {
			c.copy(c.session)
			c.copy(c.session) // what was written meanwhile, of which the writer has less to copy then
		}
		c.copied.Store(true)
		c.copying.Unlock()
	}
}

// connect opens the connection. Where that fails, the writer copies all, and the next time is another attempt.
func (c *checkpointer) connect() {
	s, err := c.open()
	if err != nil {
		c.logger.Warn("the write-ahead log is copied into the file by who writes", "error", err)
		if s != nil {
			_ = s.close() // which has written nothing
		}
		return
	}
	c.session = s
}

// copy copies what can be copied. What could not be is still in the log, where it is as safe, and is tried again when as much more was
// written.
func (c *checkpointer) copy(s *session) {
	if err := s.control(passive); err != nil {
		c.logger.Warn("the write-ahead log could not be copied into the file", "error", err)
	}
}

// written is told by the writer that it has answered a group, and on which connection it writes.
func (c *checkpointer) written(s *session) {
	pages := s.conn.PagesWritten()
	switch since := pages - c.mark; {
	case c.copied.CompareAndSwap(true, false):
		c.copy(s)
		c.mark, c.asked = pages, false
	case since >= mostPages: // it is written faster than copied, or what somebody reads keeps it from being copied
		c.copying.Lock()
		defer c.copying.Unlock()
		c.copy(s)
		c.copied.Store(false)
		c.mark, c.asked = pages, false
	case since >= logPages && !c.asked:
		c.asked = true
		select {
		case c.due <- struct{}{}:
		default: // it has yet to begin with what it was asked before
		}
	}
}

// restart copies all of the log into the file and empties it, which tries a disk that has not kept what it was told to. What
// begins a log anew lies behind nothing. It waits for those who read, as long as a lock is waited for.
func (c *checkpointer) restart(writing *session) error {
	c.copying.Lock()
	defer c.copying.Unlock()
	writing.failed = nil // the latest update's, which is over
	var busy, pages, copied int64
	tx := &Tx{run: writing}
	if err := tx.QueryRow("PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &pages, &copied); err != nil {
		return fmt.Errorf("beginning the write-ahead log anew: %w", err)
	}
	if busy != 0 {
		return errors.New("the write-ahead log cannot begin anew while somebody reads")
	}
	return nil
}

// stop waits for what it is at. Nobody may write any more.
func (c *checkpointer) stop() error {
	close(c.due)
	<-c.stopped
	if c.session == nil {
		return nil
	}
	return c.session.close()
}
