package config

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
)

const (
	// UsualDevToken is the token of whoever develops on the machine of the server, where
	// no other was set: clients find it without being told.
	UsualDevToken = "parley-dev"
	// devWithDemo is the setting of dev that follows that of demo.
	devWithDemo = "demo"
)

// setDev finds out whether the server is one that tests are made with, and by which
// token. A token that everybody knows opens nothing that other machines can reach.
func setDev(s *Settings, text string) (err error) {
	here := IsLoopback(s.Addr)
	if text == devWithDemo {
		s.Dev = s.Demo && (here || s.DevToken != "")
	} else if s.Dev, err = strconv.ParseBool(text); err != nil {
		return fmt.Errorf("%q is none of true, false and %s", text, devWithDemo)
	}
	switch {
	case !s.Dev || s.DevToken != "":
		return nil
	case !here:
		return errors.New("whoever has the token rules all workspaces, and addr is reached from other machines: dev_token is needed too")
	}
	s.DevToken = UsualDevToken
	return nil
}

// IsLoopback reports whether an address, with a port or without, is reached from its
// own machine only.
func IsLoopback(address string) bool {
	host := address
	if h, _, err := net.SplitHostPort(address); err == nil {
		host = h
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

// checkToken refuses a token that cannot travel in a header.
func checkToken(text string) error {
	if strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return errors.New("a token has neither spaces nor characters beyond ASCII")
	}
	return nil
}
