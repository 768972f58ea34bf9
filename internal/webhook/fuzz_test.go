package webhook_test

import (
	"bufio"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"parley/internal/webhook"
)

// Whatever bytes a receiver answers with, what is kept of them is bounded, and text that a
// database takes.
func FuzzAnswer(f *testing.F) {
	for _, answer := range []string{
		"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK", "HTTP/1.1 503 Later\r\nRetry-After: 120\r\n\r\n", "HTTP/1.1 429 \r\nRetry-After: Thu, 15 Jan 2026 12:00:00 GMT\r\n\r\n", "HTTP/1.1 500 X\r\nRetry-After: -1\r\n\r\n\x00\xff",
		"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\n", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No\r\n\r\n", "HTTP/1.1 101 Switching\r\n\r\n",
		"HTTP/1.0 200\r\n\r\n" + strings.Repeat("é", 3000), "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b", "HTTP/1.1 999 X\r\nA: " + strings.Repeat("b", 5000) + "\r\n\r\n", "", "\r\n", "HTTP/2 200\r\n\r\n", "{}", "HTTP/1.1 000 None\r\n\r\n",
	} {
		f.Add([]byte(answer))
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { l.Close() })
	answers := make(chan []byte, 1)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			if _, err := http.ReadRequest(bufio.NewReader(c)); err == nil {
				_, _ = c.Write(<-answers)
			}
			c.Close()
		}
	}()
	f.Fuzz(func(t *testing.T, answer []byte) {
		// One of its own has no connection of an earlier call, which the receiver is about to close.
		sender := webhook.New(webhook.Options{Timeout: time.Second, AllowPrivateAddresses: true, Clock: time.Now})
		answers <- answer
		result := sender.Send(t.Context(), "http://"+l.Addr().String()+"/hook", []byte("{}"), "s3cret")
		select {
		case <-answers: // it was not even asked
			t.Fatalf("the receiver is not asked: %+v", result)
		default:
		}
		if (result.Status == 0) == (result.Error == "") || result.Refused {
			t.Errorf("%+v", result)
		}
		if result.RetryAfter < 0 || len(result.Body) > 3*2048 || len(result.Error) > 500 {
			t.Errorf("kept are %d seconds, %d bytes, and %d of an error", result.RetryAfter, len(result.Body), len(result.Error))
		}
		kept := []string{result.Body, result.Error}
		size := 0
		for name, values := range result.Header {
			for _, v := range values {
				kept = append(kept, name, v)
				size += len(name) + len(v)
			}
		}
		if size > 3*4096 {
			t.Errorf("%d bytes of the header are kept", size)
		}
		for _, s := range kept {
			if !utf8.ValidString(s) || strings.Contains(s, "\x00") {
				t.Errorf("%q is kept", s)
			}
		}
	})
}
