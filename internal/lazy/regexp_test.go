package lazy_test

import (
	"testing"

	"parley/internal/lazy"
)

func TestRegexp(t *testing.T) {
	t.Parallel()
	word := lazy.Regexp(`^\w+$`)
	if !word().MatchString("word") || word().MatchString("two words") {
		t.Error("it is not the regular expression")
	}
	defer func() {
		if recover() == nil {
			t.Error("a text that is none is taken")
		}
	}()
	none := lazy.Regexp(`(`) // which nobody has asked for yet
	none()
}
