package app

import "net"

// notify tells systemd, if it started the server and waits for word, how far the
// server is: a datagram on a socket that the environment named (sd_notify(3)).
// A server that cannot say so serves all the same.
func (s *Server) notify(state string) {
	if s.NotifySocket == "" {
		return
	}
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: s.NotifySocket, Net: "unixgram"})
	if err != nil {
		s.Logger.Warn("systemd cannot be told", "state", state, "error", err)
		return
	}
	defer conn.Close()
	if _, err := conn.Write([]byte(state)); err != nil {
		s.Logger.Warn("systemd cannot be told", "state", state, "error", err)
	}
}
