package tail

import (
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"parley/internal/requestlog"
)

// Whatever a call or a delivery has, it is one line of what a terminal can show and does not act on.
func FuzzLine(f *testing.F) {
	f.Add("POST", "/contacts", "a=b", "w1", []byte(`{"errors":[{"code":"conflict","message":"A contact"}]}`), 409)
	f.Add("\x1b[2J", "/\x1b]0;x\x07", "\r\n", "\u202e", []byte(`{"errors":[{"message":"\u001b[31m\u0085\u2028"}]}`), 0)
	f.Add("GET", strings.Repeat("/é", 500), "\xff\xfe", "", []byte("{"), 999)
	f.Fuzz(func(t *testing.T, method, path, query, workspace string, answer []byte, status int) {
		tail := New(Options{Location: time.UTC})
		calls := tail.callLine(&requestlog.Entry{Method: method, Path: path, Query: query, Workspace: workspace, Status: status, Operation: "createContact", Fault: query,
			RequestHeader: http.Header{}, Response: requestlog.NewBody(answer), Unread: func() []string { return []string{query} }})
		told := tail.deliveryLine(&Delivery{Workspace: workspace, Topic: method, URL: path, State: query, Error: string(answer), Status: status, Attempt: int64(status)})
		for _, line := range [][]byte{calls, told} {
			text, ended := strings.CutSuffix(string(line), "\n")
			if !ended || !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
				t.Fatalf("a line is %q", line)
			}
			if len(text) > 8192 {
				t.Fatalf("a line has %d bytes", len(text))
			}
		}
	})
}
