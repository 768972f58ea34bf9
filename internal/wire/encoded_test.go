package wire_test

import (
	"fmt"
	"sync/atomic"
	"testing"

	"parley/internal/model"
	"parley/internal/wire"
)

// TestKeptEncodings holds that lists of what has room for its encoding are shown as others are, the first time and again, and that
// the room is used.
func TestKeptEncodings(t *testing.T) {
	t.Parallel()
	view := wire.View{Workspace: &model.Workspace{ID: "w"}, Base: "http://parley.test"}
	plain := view
	plain.Plain = true
	contacts := func(room bool, n int) any {
		page := &model.Page[*model.Contact]{PerPage: 50, Number: 1, Total: n, Next: &model.Position{ID: "x"}}
		for i := range n {
			c := &model.Contact{ID: model.ContactID(fmt.Sprint("c", i)), Name: "\"data\":[", Attributes: model.Attributes{"a": "<é>", "b": true}}
			if room {
				c.Encoded = &atomic.Pointer[[]byte]{}
			}
			page.Items = append(page.Items, c)
		}
		return wire.NewContactCursorList(page, "next", "w")
	}
	conversations := func(room bool, n int) *model.Page[*model.Conversation] {
		page := &model.Page[*model.Conversation]{PerPage: 20, Number: 1, Total: n}
		for i := range n {
			c := &model.Conversation{ID: model.ConversationID(i + 1), Source: model.Source{Body: "<p>Hello, <b>you</b></p>"}}
			if i == 2 {
				c.Source.Attachments = []*model.Attachment{{Name: "a.png", Key: "key"}}
			}
			if room {
				c.Encoded = &atomic.Pointer[[]byte]{}
			}
			page.Items = append(page.Items, c)
		}
		return page
	}
	marshal := func(v any) string {
		out, err := wire.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return string(out)
	}
	for _, n := range []int{0, 1, 3} {
		kept, want := contacts(true, n), marshal(contacts(false, n))
		for range 2 {
			if got := marshal(kept); got != want {
				t.Errorf("%d contacts are shown as %s, and with room as %s", n, want, got)
			}
		}
		page := conversations(true, n)
		for _, v := range []wire.View{view, plain, view} {
			v.Now += 1000
			list, want := wire.NewConversationList(page, "", v), marshal(wire.NewConversationList(conversations(false, n), "", v))
			for range 2 {
				if got := marshal(list); got != want {
					t.Errorf("%d conversations are shown as %s, and with room as %s", n, want, got)
				}
			}
		}
		for i, c := range page.Items {
			if used := c.Encoded.Load() != nil; used != (i != 2) {
				t.Errorf("the room of conversation %d is used: %t", i, used)
			}
		}
	}
	c := &model.Contact{ID: "c", Encoded: &atomic.Pointer[[]byte]{}}
	other := []byte(`{"kept":true}`)
	c.Encoded.Store(&other)
	if got := marshal(wire.FromContact("w")(c)); got != string(other) {
		t.Errorf("a contact whose encoding is there is shown as %s", got)
	}
}
