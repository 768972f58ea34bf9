package api_test

import (
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"parley/internal/apptest"
	"parley/internal/means"
)

// TestHostileURLs writes URLs that lead to this machine, in all spellings of its address, and to
// other places that are not public, wherever somebody who is not the operator may write a URL that
// the server asks: attachments, and webhooks. A server on each loopback address is asked nothing.
// A third of the URLs is written everywhere, the others at one place after the other.
func TestHostileURLs(t *testing.T) {
	t.Parallel()
	r := apptest.New(t)
	r.Furnish(t, "amber")
	var asked atomic.Int64
	count := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) })
	four := httptest.NewServer(count)
	t.Cleanup(four.Close)
	_, port, err := net.SplitHostPort(four.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if l, err := net.Listen("tcp", "[::1]:"+port); err == nil {
		six := &httptest.Server{Listener: l, Config: &http.Server{Handler: count, ReadHeaderTimeout: time.Minute}}
		six.Start()
		t.Cleanup(six.Close)
	}
	hosts := []string{
		"127.0.0.1", "127.0.0.2", "localhost", "LOCALHOST", "0.0.0.0", "[::]", "[::1]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]",
		"[64:ff9b::127.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]", "[2001:0:7f00:1::]", "[fe80::1]", "[fe80::1%25lo]", "[fc00::1]", "[fd00:ec2::254]", "[ff02::1]",
		"169.254.169.254", "169.254.170.2", "[::ffff:169.254.169.254]", "[64:ff9b::a9fe:a9fe]", "100.100.100.200", "100.64.0.1", "192.0.0.192", "168.63.129.16",
		"10.0.0.1", "172.16.0.1", "192.168.1.1", "198.18.0.1", "224.0.0.1", "255.255.255.255", "0.0.0.1",
	}
	var urls []string
	for _, host := range hosts {
		urls = append(urls, "http://"+host+":"+port+"/secret", "https://"+host+":"+port+"/secret")
	}
	// Those that name another host than they seem to, and those that are no URL that is asked.
	for _, u := range []string{"http://acme.test@127.0.0.1:PORT/", "http://acme.test:80@127.0.0.1:PORT/", "http://203.0.113.1#@127.0.0.1:PORT/", `http://acme.test\@127.0.0.1:PORT/`,
		"http://127.0.0.1:PORT\\@acme.test/", "http:127.0.0.1:PORT/", "http:///127.0.0.1:PORT/", "//127.0.0.1:PORT/", "HTTP://127.0.0.1:PORT/", "http://127.0.0.1:PORT\r\nHost: a/",
		"http://[127.0.0.1]:PORT/", "http://127.0.0.1%00.acme.test:PORT/", "http://%31%32%37.0.0.1:PORT/", "file:///etc/passwd", "gopher://127.0.0.1:PORT/_x", "dict://127.0.0.1:PORT/",
		"ftp://127.0.0.1:PORT/", "unix:///run/x.sock", "jar:http://127.0.0.1:PORT/!/", "data:text/plain,x", "http://127.0.0.1:PORT/" + strings.Repeat("a", 5000)} {
		urls = append(urls, strings.ReplaceAll(u, "PORT", port))
	}
	taken := map[string]int{}
	note := object{"message_type": "note", "type": "admin", "admin_id": 1, "body": "x"}
	places := []struct {
		what, path string
		body       object
		member     string
	}{
		{"an attachment of a note", "/conversations/1/reply", note, "attachment_urls"},
		{"an attachment of a ticket", "/tickets/3/reply", note, "attachment_urls"},
		{"an attachment of a contact", "/conversations", object{"from": object{"type": "user", "user_id": "amber-user"}, "body": "x"}, "attachment_urls"},
		{"a webhook", "/_parley/webhooks", object{"topics": []string{"contact.user.updated"}}, "url"},
	}
	for i, u := range urls {
		for j, p := range places {
			if !means.Third(u) && i%len(places) != j {
				continue
			}
			body := maps.Clone(p.body)
			if body[p.member] = u; p.member == "attachment_urls" {
				body[p.member] = []string{u}
			}
			switch a := r.Post(t, p.path, body); {
			case a.Status == 200:
				if taken[p.what]++; p.member == "url" {
					r.Post(t, fmt.Sprintf("/_parley/webhooks/%s/ping", a.ID()), nil).OK()
					defer r.Delete(t, "/_parley/webhooks/"+a.ID(), nil)
				}
			case a.Status != 400:
				t.Errorf("%s at %s is answered %d %s", p.what, u, a.Status, a.Body)
			}
		}
		if i%20 == 19 {
			r.RunJobs()
		}
	}
	r.RunJobs()
	if n := asked.Load(); n != 0 {
		t.Errorf("%d requests were made to this machine", n)
	}
	for _, p := range places {
		if taken[p.what] < 5 {
			t.Errorf("%v were taken: what is refused when it is written never comes to the address", taken)
			break
		}
	}
}
