package config_test

import (
	"testing"

	"parley/internal/config"
)

func TestDev(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		args  []string
		token string // empty: it is off
	}{
		{"as shipped", nil, ""},
		{"on", []string{"--dev"}, config.UsualDevToken},
		{"with the example company", []string{"--demo"}, config.UsualDevToken},
		{"with the example company, but not that", []string{"--demo", "--dev=false"}, ""},
		{"by IPv6", []string{"--dev", "--addr", "[::1]:0"}, config.UsualDevToken},
		{"by name", []string{"--dev", "--addr", "localhost:0"}, config.UsualDevToken},
		{"the example company for everybody", []string{"--demo", "--addr", ":8080"}, ""},
		{"for everybody who has the token", []string{"--demo", "--addr", ":8080", "--dev-token", "mine"}, "mine"},
		{"a token alone", []string{"--dev-token", "mine"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := load(t, sources{args: c.args})
			if err != nil {
				t.Fatal(err)
			}
			if got.Dev != (c.token != "") || got.Dev && got.DevToken != c.token {
				t.Errorf("dev is %v, by the token %q, want %q", got.Dev, got.DevToken, c.token)
			}
		})
	}
}
