package proxy

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Any file in the place of the authority's is refused, or it is one that can be used; and it
// stays as it was.
func FuzzAuthority(f *testing.F) {
	clock := func() time.Time { return time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC) }
	hosts := []string{"api.intercom.io"}
	own := f.TempDir()
	if _, err := OpenAuthority(own, hosts, clock); err != nil {
		f.Fatal(err)
	}
	whole, err := os.ReadFile(filepath.Join(own, keyFile))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	for _, seed := range [][]byte{nil, []byte("x"), whole[:len(whole)/2], bytes.ReplaceAll(whole, []byte("CERTIFICATE"), []byte("KEY")), append(bytes.Clone(whole), whole...), bytes.ToLower(whole),
		[]byte("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), []byte("-----BEGIN EC PRIVATE KEY-----\n-----END EC PRIVATE KEY-----\n")} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		dir := t.TempDir()
		path := filepath.Join(dir, keyFile)
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		a, err := OpenAuthority(dir, hosts, clock)
		if after, _ := os.ReadFile(path); !bytes.Equal(after, text) {
			t.Errorf("the file has become %q", after)
		}
		if err != nil {
			return
		}
		if a.cert == nil || a.key == nil || !a.covers(hosts[0]) || !a.key.PublicKey.Equal(a.cert.PublicKey) {
			t.Errorf("%q is an authority that cannot be used", text)
		}
	})
}
