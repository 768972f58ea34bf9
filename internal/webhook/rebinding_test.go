package webhook_test

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"sync/atomic"
	"testing"

	"golang.org/x/net/dns/dnsmessage"

	"parley/internal/outbound"
	"parley/internal/webhook"
)

// TestNameChangesItsAddress has a name lead to an address that may be asked when the
// URL is checked, and to another one afterwards, or to both at once.
func TestNameChangesItsAddress(t *testing.T) {
	t.Parallel()
	// Both are of this machine. The sender may ask the first alone, which stands for what
	// is public.
	public, private := [4]byte{127, 0, 0, 2}, [4]byte{127, 0, 0, 1}
	var asked [2]atomic.Int64
	port := 0
	for i, address := range [][4]byte{public, private} {
		l, err := net.Listen("tcp", netip.AddrPortFrom(netip.AddrFrom4(address), uint16(port)).String())
		if err != nil {
			t.Fatal(err)
		}
		port = l.Addr().(*net.TCPAddr).Port
		s := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			asked[i].Add(1)
			w.Header().Set("Connection", "close") // or the next request would not ask for the address again
		})}
		go s.Serve(l)
		t.Cleanup(func() { s.Close() })
	}
	names := newNames(t)
	sender := webhook.New(webhook.Options{Resolver: names.resolver(),
		Allow: outbound.Allowed{Networks: []netip.Prefix{netip.PrefixFrom(netip.AddrFrom4(public), 32)}}})
	url := "http://hook.test:" + strconv.Itoa(port) + "/"
	send := func() *webhook.Result { return sender.Send(context.Background(), url, []byte("{}"), "secret") }

	names.lead(public)
	if r := sender.Check(context.Background(), url); r.Status != http.StatusOK {
		t.Fatalf("the check: %+v", r)
	}
	if r := send(); r.Status != http.StatusOK || asked[0].Load() != 2 {
		t.Fatalf("while the name leads where it did: %+v", r)
	}
	names.lead(private)
	looked := names.asked.Load()
	if r := send(); r.Status != 0 || !r.Refused || names.asked.Load() == looked {
		t.Errorf("when the name leads elsewhere: %+v", r)
	}
	names.lead([4]byte{169, 254, 169, 254}, private)
	if r := send(); r.Status != 0 || !r.Refused {
		t.Errorf("when it leads to several: %+v", r)
	}
	names.lead(private, public)
	if r := send(); r.Status != http.StatusOK || asked[0].Load() != 3 {
		t.Errorf("when one of several may be asked: %+v", r)
	}
	if n := asked[1].Load(); n != 0 {
		t.Errorf("the private address was asked %d times", n)
	}
}

// names is a server of host names, all of which lead to the same.
type names struct {
	conn  net.PacketConn
	to    atomic.Pointer[[][4]byte]
	asked atomic.Int64
}

func newNames(t *testing.T) *names {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	n := &names{conn: conn}
	done := make(chan struct{})
	go func() { defer close(done); n.serve(t) }()
	t.Cleanup(func() { conn.Close(); <-done })
	return n
}

// lead has names lead to these addresses from now on.
func (n *names) lead(to ...[4]byte) { n.to.Store(&to) }

// resolver asks the server, and nobody else.
func (n *names) resolver() *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", n.conn.LocalAddr().String())
	}}
}

func (n *names) serve(t *testing.T) {
	packet := make([]byte, 1<<10)
	for {
		size, from, err := n.conn.ReadFrom(packet)
		if err != nil {
			return // closed
		}
		var m dnsmessage.Message
		if err := m.Unpack(packet[:size]); err != nil || len(m.Questions) != 1 {
			t.Errorf("not a question: %v", err)
			continue
		}
		n.asked.Add(1)
		q := m.Questions[0]
		answer := dnsmessage.Message{Header: dnsmessage.Header{ID: m.ID, Response: true, Authoritative: true}, Questions: m.Questions}
		if q.Type == dnsmessage.TypeA {
			for _, address := range *n.to.Load() {
				answer.Answers = append(answer.Answers, dnsmessage.Resource{
					Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class}, Body: &dnsmessage.AResource{A: address}})
			}
		}
		out, err := answer.Pack()
		if err == nil {
			_, err = n.conn.WriteTo(out, from)
		}
		if err != nil {
			t.Error(err)
		}
	}
}
