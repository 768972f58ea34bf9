package proxy

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// What is in an authority's folder.
const (
	keyFile = "authority.pem" // key and certificate, for nobody else to read
	// CertificateFile is what clients are told to trust.
	CertificateFile = "ca.pem"
)

const (
	authorityLife = 2 * 365 * 24 * time.Hour
	leafLife      = 24 * time.Hour
	skew          = time.Hour // by which clocks of clients may be behind
)

// An Authority makes certificates for a few hosts. That it can make none for others is
// written in its own certificate, where clients see to it: its key is worth nothing to
// whoever wants to pass for anybody else. It is safe for concurrent use.
type Authority struct {
	// Path is the file with the certificate.
	Path string
	// Certificate is that file's content.
	Certificate []byte

	cert  *x509.Certificate
	key   *ecdsa.PrivateKey
	clock func() time.Time

	mu     sync.Mutex
	leaves map[string]*tls.Certificate
}

// OpenAuthority opens the authority in a folder, or makes one there, for these hosts. It
// fails if the one that is there is for others, has expired or can be read by others.
func OpenAuthority(dir string, hosts []string, clock func() time.Time) (*Authority, error) {
	path := filepath.Join(dir, keyFile)
	err := checkKeyFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		err = makeAuthority(dir, hosts, clock())
	}
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	a := &Authority{Path: filepath.Join(dir, CertificateFile), clock: clock, leaves: map[string]*tls.Certificate{}}
	if err := a.parse(text); err != nil {
		return nil, fmt.Errorf("%s holds no authority: %w", path, err)
	}
	anew := "remove the folder " + dir + " to have another made, which clients have to be told to trust"
	if now := clock(); now.After(a.cert.NotAfter) {
		return nil, fmt.Errorf("the authority has expired on %s: %s", a.cert.NotAfter.UTC().Format(time.DateOnly), anew)
	}
	for _, host := range hosts {
		if !a.covers(host) {
			return nil, fmt.Errorf("the authority in %s is for %s and not for %s: %s", dir, strings.Join(a.cert.PermittedDNSDomains, ", "), host, anew)
		}
	}
	if held, err := os.ReadFile(a.Path); err != nil || !bytes.Equal(held, a.Certificate) {
		if err := place(a.Path, a.Certificate, 0o644, os.Rename); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// checkKeyFile fails unless the key is there and only its owner can read it.
func checkKeyFile(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if others := info.Mode().Perm() & 0o077; others != 0 && os.PathSeparator == '/' {
		return fmt.Errorf("others may read the key of the authority: chmod 600 %s, or remove it to have another made", path)
	}
	return nil
}

// makeAuthority makes an authority in a folder. If another program does so at the same
// time, one of the two stays.
func makeAuthority(dir string, hosts []string, now time.Time) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	serial, err := serialNumber()
	if err != nil {
		return err
	}
	_, all4, _ := net.ParseCIDR("0.0.0.0/0")
	_, all6, _ := net.ParseCIDR("::/0")
	template := &x509.Certificate{
		SerialNumber: serial,
		// People see the name in a list of those they trust.
		Subject:   pkix.Name{CommonName: "Parley proxy " + fmt.Sprintf("%x", serial.Bytes()[:4]), Organization: []string{"Parley, on this machine only"}},
		NotBefore: now.Add(-skew), NotAfter: now.Add(authorityLife),
		KeyUsage:    x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		IsCA:        true, BasicConstraintsValid: true, MaxPathLenZero: true,
		PermittedDNSDomainsCritical: true, PermittedDNSDomains: hosts,
		// A constraint is one of names of its kind: without these there would be none of
		// addresses.
		ExcludedIPRanges: []*net.IPNet{all4, all6},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	text := append(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})...)
	err = place(filepath.Join(dir, keyFile), text, 0o600, os.Link)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	return err
}

func serialNumber() (*big.Int, error) {
	var b [16]byte
	if _, err := rand.Read(b[:]); err != nil {
		return nil, err
	}
	b[0] = b[0]&0x7f | 0x40 // above 0, and always as long
	return new(big.Int).SetBytes(b[:]), nil
}

// place puts a file in its place as a whole, by a name of its own first: os.Rename puts
// it in place of another, os.Link fails if there is one.
func place(path string, text []byte, mode fs.FileMode, put func(from, to string) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(text)
	if err = errors.Join(err, f.Chmod(mode), f.Sync(), f.Close()); err != nil {
		return err
	}
	return put(f.Name(), path)
}

func (a *Authority) parse(text []byte) error {
	private, rest := pem.Decode(text)
	public, _ := pem.Decode(rest)
	if private == nil || public == nil {
		return errors.New("want a key and a certificate in PEM")
	}
	key, err := x509.ParsePKCS8PrivateKey(private.Bytes)
	if err != nil {
		return err
	}
	var ok bool
	if a.key, ok = key.(*ecdsa.PrivateKey); !ok {
		return errors.New("the key is not one of ECDSA")
	}
	if a.cert, err = x509.ParseCertificate(public.Bytes); err != nil {
		return err
	}
	if !a.key.PublicKey.Equal(a.cert.PublicKey) {
		return errors.New("the key is not that of the certificate")
	}
	a.Certificate = pem.EncodeToMemory(public)
	return nil
}

func (a *Authority) covers(host string) bool {
	return slices.ContainsFunc(a.cert.PermittedDNSDomains, func(d string) bool { return d == host || strings.HasSuffix(host, "."+d) })
}

// leaf is a certificate for a host, made when it is first wanted and again before it
// expires.
func (a *Authority) leaf(host string) (*tls.Certificate, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.clock()
	if c, ok := a.leaves[host]; ok && now.Before(c.Leaf.NotAfter.Add(-leafLife/2)) {
		return c, nil
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	serial, err := serialNumber()
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: host}, DNSNames: []string{host},
		NotBefore: now.Add(-skew), NotAfter: now.Add(leafLife),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, &key.PublicKey, a.key)
	if err != nil {
		return nil, err
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	c := &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: parsed}
	a.leaves[host] = c
	return c, nil
}
