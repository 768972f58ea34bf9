package app

import (
	"container/list"
	"context"
	"io"
	"net"
	"net/http"
	"sync"

	"parley/internal/metric"
)

// spareConnections are those beyond the bound that are taken nevertheless, for whoever asks how the server is.
const spareConnections = 64

// connections are those of a server, so many at most. Where there are more, those go on which nobody has asked anything:
// first those that have never been asked, then those that wait for the next request, the oldest of each first. It must be
// told of each change of a connection.
type connections struct {
	most int // 0: any number

	mu     sync.Mutex
	places map[net.Conn]place
	fresh  list.List // of net.Conn, that have sent nothing yet
	idle   list.List // of net.Conn
	closed int64     // to make room for others
}

// A place is where a connection waits, if it does.
type place struct {
	in    *list.List
	at    *list.Element
	spare bool // it is beyond the bound
}

func newConnections(most int) *connections {
	return &connections{most: most, places: map[net.Conn]place{}}
}

// changed is a ConnState of http.Server.
func (c *connections) changed(conn net.Conn, state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	was := c.places[conn]
	if was.in != nil {
		was.in.Remove(was.at)
	}
	switch state {
	case http.StateNew:
		at := c.fresh.PushBack(conn)
		c.places[conn] = place{in: &c.fresh, at: at}
		if c.makeRoom(); c.most > 0 && len(c.places) > c.most {
			c.places[conn] = place{in: &c.fresh, at: at, spare: true}
		}
	case http.StateIdle:
		c.places[conn] = place{in: &c.idle, at: c.idle.PushBack(conn), spare: was.spare}
		c.makeRoom()
	case http.StateActive:
		c.places[conn] = place{spare: was.spare}
	default: // it is over, or is not the server's any more
		delete(c.places, conn)
	}
}

// makeRoom closes what waits. Where everything is asked something, the newest connection goes, but for the spare ones.
func (c *connections) makeRoom() {
	if c.most == 0 || len(c.places) <= c.most {
		return
	}
	oldest := c.fresh.Front()
	if newest := c.fresh.Back(); oldest == newest { // this one has not had its chance
		if oldest = c.idle.Front(); oldest == nil && len(c.places) > c.most+spareConnections {
			oldest = newest
		}
	}
	if oldest == nil {
		return
	}
	conn := oldest.Value.(net.Conn)
	was := c.places[conn]
	was.in.Remove(was.at)
	delete(c.places, conn)
	c.closed++
	conn.Close()
}

// isSpare reports whether a request came by a connection beyond the bound.
func (c *connections) isSpare(r *http.Request) bool {
	conn, _ := r.Context().Value(cameBy{}).(net.Conn)
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.places[conn].spare
}

// cameBy is the context key of the connection that a request came by.
type cameBy struct{}

// remember is a ConnContext of http.Server.
func remember(ctx context.Context, conn net.Conn) context.Context {
	return context.WithValue(ctx, cameBy{}, conn)
}

// counts are how many there are, and how many were closed to make room.
func (c *connections) counts() (open, closed int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return int64(len(c.places)), c.closed
}

// bound is h for as many connections as are wanted. Those beyond them are only told how the server is.
func (c *connections) bound(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c.isSpare(r) {
			w.Header().Set("Connection", "close") // whoever stays keeps others out
			if !aboutServer(r.URL.Path) {
				w.Header().Set("Retry-After", "1")
				w.Header().Set("Content-Type", "application/json; charset=utf-8")
				w.WriteHeader(http.StatusServiceUnavailable)
				io.WriteString(w, tooManyConnections)
				return
			}
		}
		h.ServeHTTP(w, r)
	})
}

// tooManyConnections is an error of the API, of a request that nobody looked at.
const tooManyConnections = `{"type":"error.list","request_id":null,"errors":[{"code":"service_unavailable","message":"The server has as many connections as it can have. Please try again"}]}
`

var (
	connectionsOpen   = &metric.Desc{Name: "parley_http_connections", Help: "Connections of clients that are open.", Kind: metric.KindGauge}
	connectionsClosed = &metric.Desc{Name: "parley_http_connections_closed_total", Help: "Connections that were closed to make room for others.", Kind: metric.KindCounter}
)

func (c *connections) collect(tell metric.Tell) {
	open, closed := c.counts()
	tell(connectionsOpen, float64(open))
	tell(connectionsClosed, float64(closed))
}
