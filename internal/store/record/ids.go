package record

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"sync"

	"parley/internal/model"
)

// UseSeed has ids be the same each time: functions of the seed, of what they are of and
// of how many of those there were before. With an empty one they are random. Nobody can tell
// then whether another workspace has the same, so that what opens anything by itself, a
// token say, is never made of it.
func (s *Scope) UseSeed(seed string) {
	s.seed = seed
	if seed != "" {
		s.sequences = nil // which spend an id where a transaction fails
	}
}

// NewObjectID makes the id of an object of a noun: 24 hexadecimal digits in the order in
// which they were made, 8 for the time and 16 random. With a seed, a count is where others
// have the time.
func NewObjectID[ID ~string](s *Scope, noun string) (ID, error) {
	if s.seed == "" {
		second := uint32(s.now.Unix())
		b := binary.BigEndian.AppendUint32(make([]byte, 0, 12), second)
		return ID(hex.EncodeToString(binary.BigEndian.AppendUint64(b, objectIDs.next(second)))), nil
	}
	n, sum, err := s.draw(noun)
	binary.BigEndian.PutUint32(sum[:4], uint32(n))
	return ID(hex.EncodeToString(sum[:12])), err
}

// objectIDs are the random halves of the ids that this process has made.
var objectIDs ascending

// ascending makes random numbers that grow for as long as they are made for the same
// second. So rows that are written together lie together in each index that has their ids,
// which halves the pages that a contact changes; and nobody who knows one knows the next,
// as with a count.
type ascending struct {
	mu     sync.Mutex
	second uint32
	last   uint64 // 0: none yet
}

// stepBits are those of a step. The first number of a second has less than 64, so that eight
// million steps of a second fit above it at least.
const stepBits = 40

// next makes a number for a second.
func (a *ascending) next(second uint32) uint64 {
	var b [8]byte
	rand.Read(b[:])
	random := binary.BigEndian.Uint64(b[:]) >> 1
	a.mu.Lock()
	defer a.mu.Unlock()
	n := a.last + random>>(63-stepBits) + 1
	if a.last == 0 || second != a.second || n < a.last { // the last: no room is left
		n = random
	}
	a.second, a.last = second, n
	return n
}

// NewTimeUUID makes the UUID of an object of a noun: texts in the order in which they
// were made. With a seed, a count is where others have the time.
func (s *Scope) NewTimeUUID(noun string) (string, error) {
	if s.seed == "" {
		return model.NewTimeUUID(s.now), nil
	}
	n, sum, err := s.draw(noun)
	binary.BigEndian.PutUint64(sum[:8], uint64(n)<<16)
	return uuid(sum, 7), err
}

// Retake has an id that was made at random, and is shown, be the same each time, where
// there is a seed: a UUID, or so many hexadecimal digits.
func (s *Scope) Retake(noun string, id *string) error {
	if s.seed == "" {
		return nil
	}
	_, sum, err := s.draw(noun)
	if len(*id) == len("00000000-0000-0000-0000-000000000000") {
		*id = uuid(sum, 4)
	} else {
		*id = hex.EncodeToString(sum[:])[:len(*id)]
	}
	return err
}

// draw counts an id and has what is to be in it.
func (s *Scope) draw(noun string) (n int64, sum [sha256.Size]byte, err error) {
	if n, err = s.NextID("id of " + noun); err != nil {
		return 0, sum, err
	}
	return n, sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%d", s.seed, noun, n)), nil
}

// uuid spells 16 bytes as a UUID of a version.
func uuid(b [sha256.Size]byte, version byte) string {
	b[6], b[8] = b[6]&0x0f|version<<4, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[0:4], b[4:6], b[6:8], b[8:10], b[10:16])
}
