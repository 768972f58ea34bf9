package config

import (
	"strings"
	"testing"
)

// Any file is settings, or is refused in one line that names it.
func FuzzFile(f *testing.F) {
	for _, text := range []string{"", "listen: 127.0.0.1:8080\n# more\ndev: true\nrate_limit: 100", "listen: [a]", "lisen: a", "- listen", "listen: &a x\ndata: *a", "listen: 'a", "a: b: c", "---\nlisten: a\n---\ndata: b", "? listen\n: a",
		"listen: !!binary aGk=", "{listen: a}", "\xff", "listen: null", "<<: {listen: a}", "listen: |\n  a\n  b", "1: 2", "[a]: b"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		values := map[string]string{}
		err := readFile("parley.yaml", text, values)
		for name := range values {
			if !known(name) {
				t.Errorf("%q is no setting", name)
			}
		}
		if err != nil && (!strings.HasPrefix(err.Error(), "file parley.yaml") || strings.Contains(strings.TrimSpace(err.Error()), "\n")) {
			t.Errorf("it is refused with %q", err)
		}
	})
}
