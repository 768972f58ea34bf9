package outbound

import (
	"fmt"
	"net/netip"
	"strings"
)

// checkAddress refuses to connect to an address that is not public.
func checkAddress(network, address string) error {
	if !strings.HasPrefix(network, "tcp") {
		return fmt.Errorf("%w: network %s", ErrRefused, network)
	}
	to, err := netip.ParseAddrPort(address)
	if err != nil || !public(to.Addr()) {
		return fmt.Errorf("%w: the address is not public", ErrRefused)
	}
	return nil
}

// public reports an address that anybody on the internet can reach. Of IPv6, only
// what has been given out for that; of addresses that stand for one of IPv4, those
// that stand for a public one.
func public(a netip.Addr) bool {
	if !a.IsValid() || a.Zone() != "" {
		return false
	}
	a = a.Unmap()
	if a.Is4() {
		return !within(a, notPublic4)
	}
	if standsFor, ok := embedded(a); ok {
		return public(standsFor)
	}
	return global6.Contains(a) && !within(a, notPublic6)
}

// embedded is the address of IPv4 that one of IPv6 is translated to on the way.
func embedded(a netip.Addr) (netip.Addr, bool) {
	b := a.As16()
	switch {
	case nat64.Contains(a):
		return netip.AddrFrom4([4]byte(b[12:16])), true
	case sixToFour.Contains(a):
		return netip.AddrFrom4([4]byte(b[2:6])), true
	default:
		return netip.Addr{}, false
	}
}

func within(a netip.Addr, prefixes []netip.Prefix) bool {
	for _, p := range prefixes {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

var (
	global6   = netip.MustParsePrefix("2000::/3")
	nat64     = netip.MustParsePrefix("64:ff9b::/96")
	sixToFour = netip.MustParsePrefix("2002::/16")

	notPublic4 = prefixes(
		"0.0.0.0/8",        // this network
		"10.0.0.0/8",       // private
		"100.64.0.0/10",    // shared by a provider's customers; metadata of one cloud
		"127.0.0.0/8",      // this machine
		"168.63.129.16/32", // the virtual host of one cloud
		"169.254.0.0/16",   // this link; metadata of most clouds
		"172.16.0.0/12",    // private
		"192.0.0.0/24",     // protocols; metadata of one cloud
		"192.0.2.0/24",     // documentation
		"192.88.99.0/24",   // relays, out of use
		"192.168.0.0/16",   // private
		"198.18.0.0/15",    // benchmarks
		"198.51.100.0/24",  // documentation
		"203.0.113.0/24",   // documentation
		"224.0.0.0/4",      // multicast
		"240.0.0.0/4",      // reserved, broadcast
	)
	// Of what is within 2000::/3.
	notPublic6 = prefixes(
		"2001::/23",     // protocols, tunnels to addresses in disguise among them
		"2001:db8::/32", // documentation
		"3fff::/20",     // documentation
	)
)

func prefixes(texts ...string) []netip.Prefix {
	all := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		all[i] = netip.MustParsePrefix(text)
	}
	return all
}
