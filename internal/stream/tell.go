package stream

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"

	"parley/internal/model"
	"parley/internal/model/event"
	"parley/internal/realtime"
	"parley/internal/service/live"
	"parley/internal/wire"
)

// A writer writes frames, each in bounded time.
type writer struct {
	to      http.ResponseWriter
	control *http.ResponseController
}

// newWriter begins the answer. The server's own bounds are for requests that end.
func newWriter(to http.ResponseWriter) writer {
	h := to.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store, no-transform")
	h.Set("X-Accel-Buffering", "no") // proxies that know it pass on each frame at once
	w := writer{to, http.NewResponseController(to)}
	_ = w.control.SetReadDeadline(time.Time{}) // where there is none, nothing is bounded
	to.WriteHeader(http.StatusOK)
	return w
}

// write sends what ends in a whole frame.
func (w writer) write(frames ...[]byte) error {
	// The deadline is the machine's, whatever time it is for the rules.
	if err := w.control.SetWriteDeadline(time.Now().Add(patience)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	for _, f := range frames {
		if _, err := w.to.Write(f); err != nil {
			return err
		}
	}
	return w.control.Flush()
}

// tell writes a stream until it ends: by the client, which is no failure, or by
// what it returns.
func (d *Door) tell(ctx context.Context, w writer, token string, l *live.Listener, s *live.Stream) error {
	sent := s.Start
	if err := w.write(opening(s)); err != nil {
		return nil // the client has gone
	}
	beats := time.NewTicker(d.Beat)
	defer beats.Stop()
	for beat := 1; ; {
		beating := false
		select {
		case <-ctx.Done():
			return nil
		case <-s.Ready():
		case <-beats.C:
			beating = true
		}
		list, reached, err := s.Take(ctx)
		switch {
		case errors.Is(err, realtime.ErrClosed), errors.Is(err, realtime.ErrBehind):
			return nil // the client comes back, to another server or in better shape
		case err != nil:
			return err
		}
		if len(list) > 0 {
			if err := w.write(frames(list)...); err != nil {
				return nil
			}
			if last := list[len(list)-1].Position; last != (realtime.Position{}) {
				sent = event.Position(last)
			}
		}
		if !beating {
			continue
		}
		// Where little is told of what happens, the client must not fall behind the
		// events that are kept: it is told the position alone.
		mark := []byte(":\n\n")
		if p := event.Position(reached); p != sent && len(list) == 0 {
			sent, mark = p, position("position", p)
		}
		if err := w.write(mark); err != nil {
			return nil
		}
		if beat++; beat%check == 0 {
			if ended, err := d.ended(ctx, token, l); ended || err != nil {
				return err
			}
		}
	}
}

// ended reports whether who listens may do so no longer.
func (d *Door) ended(ctx context.Context, token string, l *live.Listener) (bool, error) {
	_, err := d.Workspace.Authenticate(ctx, token)
	if err == nil {
		err = d.Live.MayListen(ctx, l)
	}
	if _, told := model.AsError(err); told {
		return true, nil
	}
	return false, err
}

// opening is the first frame: where the stream begins, and how soon to come back
// after it ends. Clients that were all sent away at once come back one by one.
func opening(s *live.Stream) []byte {
	name := "ready"
	if s.Reset {
		name = "reset"
	}
	return append(fmt.Appendf(nil, "retry: %d\n", 1000+rand.N(2000)), position(name, s.Start)...)
}

// position is a frame that tells where the stream is.
func position(name string, p event.Position) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "id: %s\nevent: %s\ndata: ", p, name)
	b.Write(encoded(wire.NewStreamPosition(p)))
	b.WriteString("\n\n")
	return b.Bytes()
}

func frames(list []*live.Message) [][]byte {
	all := make([][]byte, len(list))
	for i, m := range list {
		all[i] = m.Encoded(frame)
	}
	return all
}

// frame is a message as it is sent. A signal has no id, so that it is not where a
// client goes on.
func frame(m *live.Message) []byte {
	var b bytes.Buffer
	if m.Value.Event != nil {
		fmt.Fprintf(&b, "id: %s\n", m.Value.Event.Position)
	}
	fmt.Fprintf(&b, "event: %s\ndata: ", m.Value.Topic())
	b.Write(encoded(wire.FromTold(m.Value)))
	b.WriteString("\n\n")
	return b.Bytes()
}

// encoded is JSON, which has no line breaks.
func encoded(v any) []byte {
	text, err := wire.Marshal(v)
	if err != nil {
		panic(err) // only values of our own making come here
	}
	return text
}
