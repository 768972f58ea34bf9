package model_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"parley/internal/model"
)

// A decimal id is read only as it is written, so that each has one spelling.
func FuzzDecimal(f *testing.F) {
	for _, seed := range []string{"", "0", "1", "007", "-1", "+1", "1.0", "9223372036854775807", "9223372036854775808", "１", "1 ", "0x1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if id := model.Decimal[model.TagID](s); id < 0 || id > 0 && id.String() != s {
			t.Errorf("%q is read as %d", s, id)
		}
	})
}

// Folding is settled after once, and makes equal what differs only in case.
func FuzzFold(f *testing.F) {
	for _, seed := range []string{"", "Ann", "ΣΊΣΥΦΟΣ", "straẞe", "K2", "İzmir", "ſ", "\xff", "ǅ", "Ⱥ"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := model.Fold(s)
		if twice := model.Fold(once); twice != once {
			t.Errorf("%q is folded to %q, and that to %q", s, once, twice)
		}
		if !utf8.ValidString(s) {
			return
		}
		for _, other := range []string{strings.ToUpper(s), strings.ToLower(s), strings.ToTitle(s)} {
			if strings.EqualFold(s, other) && model.Fold(other) != once {
				t.Errorf("%q and %q are folded to %q and %q", s, other, once, model.Fold(other))
			}
		}
	})
}

// Whatever texts a contact is made of, it is made or refused, and is valid still
// when it is changed by itself.
func FuzzContact(f *testing.F) {
	f.Add("user", "70", "Joe@Bloggs.test", "+1", "Joe", "https://x.test/a.png")
	f.Add("lead", "", "", "", "", "")
	f.Add("visitor", " ", "@", "\x00", strings.Repeat("x", 300), "javascript:")
	f.Fuzz(func(t *testing.T, role, externalID, email, phone, name, avatar string) {
		p := model.ContactPatch{Role: model.Some(model.Role(role)), ExternalID: model.Some(externalID), Email: model.Some(email),
			Phone: model.Some(phone), Name: model.Some(name), Avatar: model.Some(avatar)}
		c, err := model.NewContact("6657aae86abd0164c24b0d29", p, 1)
		if err != nil {
			if _, told := model.AsError(err); !told {
				t.Errorf("%v", err)
			}
			return
		}
		before := *c
		same := model.ContactPatch{ExternalID: model.Some(c.ExternalID), Email: model.Some(c.Email), Phone: model.Some(c.Phone), Name: model.Some(c.Name), Avatar: model.Some(c.Avatar)}
		if err := c.Update(same, 1); err != nil {
			t.Errorf("%+v is not valid any more: %v", c, err)
		}
		if c.Email != before.Email || c.ExternalID != before.ExternalID {
			t.Errorf("%+v has become %+v", before, c)
		}
		other := before
		other.ID = "other"
		if !c.ConflictsWith(&other) || !other.ConflictsWith(c) {
			t.Errorf("%+v may exist twice", c)
		}
	})
}
