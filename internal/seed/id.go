package seed

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// objectID derives the id of a contact, a company or a segment from what the
// seed knows it by, so that a seed gives the same ids everywhere.
func objectID[ID ~string](kind, key string) ID {
	sum := sha256.Sum256([]byte("parley seed " + kind + " " + key))
	return ID(hex.EncodeToString(sum[:12]))
}

// uuid does the same for what the API shows with a UUID.
func uuid(kind, key string) string {
	b := sha256.Sum256([]byte("parley seed " + kind + " " + key))
	b[6] = b[6]&0x0f | 0x80 // version 8: made by a rule of one's own
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[0:4], b[4:6], b[6:8], b[8:10], b[10:16])
}
