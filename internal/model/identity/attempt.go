package identity

import (
	"crypto/sha256"
	"encoding/hex"
	"net/netip"
	"slices"

	"parley/internal/model"
)

// The bounds of attempts to sign in, in each AttemptWindow. A person who mistypes
// stays under the first, which is for one address and one account; the others are
// for whoever tries many addresses or many accounts.
const (
	AttemptWindow    = 15 * 60 // seconds
	attemptsTogether = 10
	attemptsAccount  = 50
	attemptsAddress  = 50
	attemptsCode     = 10 // with codes of the second factor
)

// A Bound is how often something may be tried in an AttemptWindow. What it is, is
// kept as a hash.
type Bound struct {
	Subject string
	Most    int64
}

// SignInBounds are the bounds of a password that is tried for an e-mail address,
// from a network address, in the order in which they are counted.
func SignInBounds(email, ip string) []Bound {
	email = model.Fold(email)
	network := networkOf(ip)
	return inOrder(Bound{subject("both", email, network), attemptsTogether}, Bound{subject("account", email), attemptsAccount},
		Bound{subject("address", network), attemptsAddress})
}

// CodeBounds are the bounds of codes that are tried for an admin.
func CodeBounds(admin model.AdminID) []Bound {
	return []Bound{{subject("code", admin.String()), attemptsCode}}
}

// inOrder has everybody count in the same order, so that none waits for another in
// a circle.
func inOrder(bounds ...Bound) []Bound {
	slices.SortFunc(bounds, func(a, b Bound) int {
		if a.Subject < b.Subject {
			return -1
		}
		return 1
	})
	return bounds
}

func subject(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		h.Write([]byte(p))
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil))
}

// networkOf is what a caller can hardly choose of its address: of IPv6 the first
// half.
func networkOf(ip string) string {
	addr, err := netip.ParseAddr(ip)
	if err != nil {
		return ip
	}
	addr = addr.Unmap().WithZone("")
	if addr.Is4() {
		return addr.String()
	}
	return netip.PrefixFrom(addr, 64).Masked().String()
}

// TooManyAttempts is the answer to one attempt too many.
func TooManyAttempts() *model.Error {
	return &model.Error{Kind: model.RateLimited, Code: "too_many_requests",
		Message: "That was tried too often. Wait a quarter of an hour, then try again"}
}
