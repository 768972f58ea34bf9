package record

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"

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
// which they were made. With a seed, a count is where others have the time.
func NewObjectID[ID ~string](s *Scope, noun string) (ID, error) {
	if s.seed == "" {
		return model.NewObjectID[ID](s.now), nil
	}
	n, sum, err := s.draw(noun)
	binary.BigEndian.PutUint32(sum[:4], uint32(n))
	return ID(hex.EncodeToString(sum[:12])), err
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
