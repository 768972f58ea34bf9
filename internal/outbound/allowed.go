package outbound

import (
	"fmt"
	"net/netip"
	"regexp"
	"strings"
)

// Allowed is what may be asked though it is not public.
type Allowed struct {
	Loopback bool           // this machine
	Networks []netip.Prefix // addresses, however they are named
	Hosts    []string       // names, in lower case, whatever they stand for
}

var hostName = regexp.MustCompile(`^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$`)

// ParseAllowed reads names, addresses and networks with commas in between.
func ParseAllowed(text string) (Allowed, error) {
	var a Allowed
	for item := range strings.SplitSeq(text, ",") {
		item = strings.ToLower(strings.TrimSpace(item))
		if item == "" {
			continue
		}
		if network, err := netip.ParsePrefix(item); err == nil {
			a.Networks = append(a.Networks, network.Masked())
		} else if address, err := netip.ParseAddr(item); err == nil && address.Zone() == "" {
			a.Networks = append(a.Networks, netip.PrefixFrom(address, address.BitLen()))
		} else if hostName.MatchString(item) && len(item) <= 253 {
			a.Hosts = append(a.Hosts, item)
		} else {
			return Allowed{}, fmt.Errorf("%q is neither a host, an address nor a network like 10.0.0.0/8", item)
		}
	}
	return a, nil
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
