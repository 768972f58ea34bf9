package outbound

import (
	"context"
	"net"
	"syscall"
)

// PublicDialer connects to public addresses only, whatever a name stands for at the
// time. Its errors are ErrRefused where an address is not.
func PublicDialer() *net.Dialer {
	return &net.Dialer{Timeout: connectTimeout, ControlContext: func(_ context.Context, network, address string, _ syscall.RawConn) error {
		return checkAddress(network, address)
	}}
}
