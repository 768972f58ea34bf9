package parleytest

import (
	"net/http"
	"os"
	"testing"
)

// TestKeeper has a server come and go with those who use it, and come again.
func TestKeeper(t *testing.T) {
	t.Parallel()
	k := &keeper{}
	enter := func() *server {
		t.Helper()
		s, err := k.enter()
		if err != nil {
			t.Fatal(err)
		}
		if err := s.call(s.control, s.token, http.MethodPost, workspaces, struct{}{}, nil); err != nil {
			t.Error(err)
		}
		return s
	}
	leave := func(s *server, last bool) {
		t.Helper()
		if err := k.leave(); err != nil {
			t.Error(err)
		}
		if _, err := os.Stat(s.folder); os.IsNotExist(err) != last {
			t.Errorf("the folder: %v", err)
		}
	}
	first := enter()
	if second := enter(); second != first {
		t.Error("two who use it at once have two servers")
	}
	leave(first, false)
	leave(first, true)
	again := enter()
	if again == first || again.folder == first.folder {
		t.Error("the server is the one that was closed")
	}
	leave(again, true)
}
