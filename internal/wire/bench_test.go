package wire_test

import (
	"testing"

	"parley/internal/model"
	"parley/internal/wire"
)

// BenchmarkMarshal measures what it takes to write one contact as JSON.
func BenchmarkMarshal(b *testing.B) {
	c := wire.FromContact("abcdefgh")(&model.Contact{ID: "5ba682d23d7cf92bef87bfd4", Role: "user", ExternalID: "f3b87a2e09d514c6c2e79b9a",
		Email: "joe@bloggs.test", Name: "Joe Bloggs", CreatedAt: 1571672154, UpdatedAt: 1571672158})
	b.ReportAllocs()
	for b.Loop() {
		if _, err := wire.Marshal(&c); err != nil {
			b.Fatal(err)
		}
	}
}
