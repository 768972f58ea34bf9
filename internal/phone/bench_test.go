package phone_test

import (
	"testing"

	"parley/internal/phone"
)

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := phone.Parse("+353 83 234 5678"); !ok {
			b.Fatal("it is no number")
		}
	}
}
