package outbound_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"parley/internal/outbound"
)

// TestAllowed lets in what is allowed and nothing beside it. A name that is public
// when it is looked at and private when it is connected to is refused, since the
// address is looked at after the name was resolved, each time.
func TestAllowed(t *testing.T) {
	t.Parallel()
	here, asked := serve(t, func(http.ResponseWriter, *http.Request) {})
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(here, "http://"))
	network := func(s string) []netip.Prefix { return []netip.Prefix{netip.MustParsePrefix(s)} }
	for _, c := range []struct {
		name  string
		allow outbound.Allowed
		host  string
		want  bool
	}{
		{"nothing", outbound.Allowed{}, "127.0.0.1", false},
		{"loopback", outbound.Allowed{Loopback: true}, "127.0.0.1", true},
		{"loopback by name", outbound.Allowed{Loopback: true}, "localhost", true},
		{"loopback in other words", outbound.Allowed{Loopback: true}, "[::ffff:127.0.0.1]", true},
		{"loopback is not nobody", outbound.Allowed{Loopback: true}, "0.0.0.0", false},
		{"loopback is not metadata", outbound.Allowed{Loopback: true}, "169.254.169.254", false},
		{"network", outbound.Allowed{Networks: network("127.0.0.0/8")}, "localhost", true},
		{"another network", outbound.Allowed{Networks: network("10.0.0.0/8")}, "localhost", false},
		{"host", outbound.Allowed{Hosts: []string{"localhost"}}, "LOCALHOST", true},
		{"a host is not its address", outbound.Allowed{Hosts: []string{"localhost"}}, "127.0.0.1", false},
		{"another host", outbound.Allowed{Hosts: []string{"hook.test"}}, "localhost", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := asked.Load()
			_, err := outbound.New(outbound.Options{Allow: c.allow}).Get(context.Background(), "http://"+c.host+":"+port, 10)
			if c.want && err != nil || !c.want && !errors.Is(err, outbound.ErrRefused) {
				t.Errorf("got %v", err)
			}
			if (asked.Load() > before) != c.want {
				t.Errorf("asked: %v", asked.Load() > before)
			}
		})
	}
}
