// Package identity is the nouns of who may come in: apps and what they may do, the
// codes and tokens that they are given, and how admins sign in; and the laws that
// need nothing but them.
// It must not import anything but the standard library and the nouns below it.
package identity

import (
	"crypto/rand"
	"encoding/hex"
)

// NewSecret makes a random text of so many bytes, in hexadecimal.
func NewSecret(bytes int) string {
	b := make([]byte, bytes)
	rand.Read(b)
	return hex.EncodeToString(b)
}
