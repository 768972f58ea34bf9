package cassette

import (
	"bytes"
	"strings"
	"testing"
)

// BenchmarkRecord removes what is secret from bodies of a megabyte: a list of contacts,
// and a file in base64.
func BenchmarkRecord(b *testing.B) {
	contact := `{"id":"63a07ddf05a32042dffac965","email":"rosa@acme.test","phone":"+353832345678","name":"Rosa","created_at":1700000000,"custom_attributes":{"plan":"pro","hash_tag":"x"}},`
	for name, body := range map[string]string{
		"contacts": "[" + strings.Repeat(contact, 1<<20/len(contact)) + "{}]",
		"file":     `{"data":"` + strings.Repeat("QUJDREVGR0hJSktMTU5PUFFSU1RVVldY", 1<<15) + `"}`,
	} {
		b.Run(name, func(b *testing.B) {
			raw := get(func(raw *Raw) {
				raw.Request.Header.Set("Authorization", "Bearer dG9rOnNlY3JldC1vZi1hLXRlc3Q=")
				raw.Response.Body = []byte(body)
			})
			b.SetBytes(int64(len(body)))
			r := newRedactor(true)
			for b.Loop() {
				text, err := render(r.exchange(raw))
				if err != nil || bytes.Contains(text, []byte("acme")) || r.shows(text) {
					b.Fatal("it is not recorded as it should be")
				}
			}
		})
	}
}
