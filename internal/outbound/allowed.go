package outbound

import (
	"net/netip"
	"strings"
)

// Allowed is what may be asked though it is not public.
type Allowed struct {
	Loopback bool           // this machine
	Networks []netip.Prefix // addresses, however they are named
	Hosts    []string       // names, in lower case, whatever they stand for
}

// Names reports whether a host of a URL, a name or an address, is allowed by the
// lists.
func (a Allowed) Names(host string) bool {
	if a.host(host) {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && within(address.Unmap(), a.Networks)
}

func (a Allowed) host(host string) bool {
	for _, h := range a.Hosts {
		if strings.EqualFold(h, host) {
			return true
		}
	}
	return false
}

// check refuses to connect to an address that is neither public nor allowed.
func (a Allowed) check(network, address string) error {
	if to, err := netip.ParseAddrPort(address); err == nil && strings.HasPrefix(network, "tcp") && to.Addr().Zone() == "" {
		ip := to.Addr().Unmap()
		if a.Loopback && ip.IsLoopback() || within(ip, a.Networks) {
			return nil
		}
	}
	return checkAddress(network, address)
}
