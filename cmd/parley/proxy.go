package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"parley/internal/app"
	"parley/internal/cassette"
	"parley/internal/config"
	"parley/internal/lazy"
	"parley/internal/proxy"
)

// proxyDrain is how long a proxy that is stopped waits for what it is asked.
const proxyDrain = 8 * time.Second

// A standIn is what the flags of parley proxy say.
type standIn struct {
	listen, to, upstream, record, redact string
	authority                            string
	hosts                                []string
	pass, remote                         bool
}

func (p *program) proxyCommand() *cobra.Command {
	var s standIn
	cmd := &cobra.Command{
		Use:   "proxy",
		Short: "Answer for hosts that a client cannot be told to change, or record what they answer",
		Long: "Answer for the hosts of the live service, for clients that cannot be told another. On one port\n" +
			"it is an HTTP proxy (HTTPS_PROXY) and, over TLS, the hosts themselves (/etc/hosts, curl --connect-to).\n" +
			"Clients have to trust its certificate: parley proxy ca says how.\n\n" +
			"With --record it asks the real hosts instead, and appends each exchange, without secrets, to a\n" +
			"cassette for parley diff. docs/proxy.md has more.",
		Example: "  parley proxy\n  HTTPS_PROXY=http://127.0.0.1:8443 SSL_CERT_FILE=parley-data/proxy/ca.pem python3 sync.py\n" +
			"  parley proxy --record session.cassette --redact people",
		Args: cobra.NoArgs,
	}
	f := cmd.Flags()
	f.StringVar(&s.listen, "listen", "127.0.0.1:8443", "listen on this `host:port`; port 0 picks a free one")
	f.StringVar(&s.to, "to", "", "`URL` of the Parley that answers; by default the one where the setting addr says that it listens")
	f.BoolVar(&s.pass, "pass", false, "let CONNECT through to other hosts, at port 443 of public addresses")
	f.BoolVar(&s.remote, "allow-remote", false, "listen where other machines can come in")
	f.StringVar(&s.record, "record", "", "ask the real hosts, and append each exchange to this `file`")
	f.StringVar(&s.upstream, "upstream", "", "`URL` to ask when recording; by default the host that the client meant")
	f.StringVar(&s.redact, "redact", "", "what is replaced beside secrets when recording: `people`, their e-mail addresses and telephone numbers")
	_ = cmd.RegisterFlagCompletionFunc("redact", cobra.FixedCompletions([]string{redactPeople}, cobra.ShellCompDirectiveNoFileComp))
	settings(cmd, "addr", "data", "log_level", "log_format")
	s.authorityFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return p.standIn(cmd, s) }
	cmd.AddCommand(p.proxyCACommand())
	return cmd
}

const redactPeople = "people"

func (s *standIn) authorityFlags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&s.authority, "authority", "", "`folder` of the authority that makes the certificates; by default \"proxy\" in the data folder")
	cmd.Flags().StringSliceVar(&s.hosts, "host", proxy.Hosts(), "`names` to answer for")
	_ = cmd.MarkFlagDirname("authority")
}

// openAuthority opens the authority of the flags, or makes it.
func (s *standIn) openAuthority(data string) (*proxy.Authority, error) {
	for i, host := range s.hosts {
		s.hosts[i] = strings.ToLower(host)
		if !hostName().MatchString(s.hosts[i]) || len(host) > 253 {
			return nil, fmt.Errorf("%q is not the name of a host", host)
		}
	}
	if len(s.hosts) == 0 {
		return nil, errors.New("--host names nobody to answer for")
	}
	if s.authority == "" {
		s.authority = filepath.Join(data, "proxy")
	}
	dir, err := filepath.Abs(s.authority) // what is printed is used in other folders
	if err != nil {
		return nil, err
	}
	return proxy.OpenAuthority(dir, s.hosts, time.Now)
}

// At least two labels: an authority for "com" could pass for too many.
var hostName = lazy.Regexp(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$`)

// server checks what the flags say of the server that is asked. Nil is the host that a
// client means.
func (s *standIn) server(c *config.Config) (*url.URL, error) {
	text := s.to
	switch {
	case s.redact != "" && s.redact != redactPeople:
		return nil, fmt.Errorf("--redact is %s or nothing, not %q", redactPeople, s.redact)
	case s.record == "" && (s.upstream != "" || s.redact != ""):
		return nil, errors.New("--upstream and --redact are for --record")
	case s.record != "" && s.to != "":
		return nil, errors.New("--record asks the real hosts, or --upstream, and not --to")
	case s.record != "" && s.upstream == "":
		return nil, nil
	case s.record != "":
		text = s.upstream
	case s.to == "":
		address, err := localAddress(c.Addr)
		if err != nil {
			return nil, err
		}
		text = "http://" + address
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return nil, fmt.Errorf("%q is not the URL of a server: want something like http://127.0.0.1:8080", text)
	}
	return u, nil
}

func (p *program) standIn(cmd *cobra.Command, s standIn) (err error) {
	c, err := config.Load(cmd.Flags(), p.env)
	if err != nil {
		return err
	}
	if err := proxy.CheckListen(s.listen, s.remote, s.pass); err != nil {
		return err
	}
	to, err := s.server(c)
	if err != nil {
		return err
	}
	authority, err := s.openAuthority(c.Data)
	if err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(cmd.Context(), "tcp", s.listen)
	if err != nil {
		return fmt.Errorf("cannot listen: %w", err)
	}
	defer listener.Close()
	asked := "the real hosts"
	if to != nil {
		asked = to.String()
	}
	var recorder *cassette.Recorder
	if s.record != "" {
		if recorder, err = cassette.Open(s.record, cassette.Options{People: s.redact == redactPeople, Of: asked}); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, recorder.Close()) }()
	}
	stand := proxy.New(proxy.Options{Hosts: s.hosts, Authority: authority, To: to, Pass: s.pass, Recorder: recorder,
		Clock: time.Now, Logger: app.NewLogger(p.stderr, c.Settings)})
	rows := [][]any{{"Listening on:", "http://" + listener.Addr().String()}, {"Answers for:", strings.Join(s.hosts, " ")},
		{"Asks:", asked}, {"Certificate:", authority.Path}}
	if s.record != "" {
		rows = append(rows, []any{"Records to:", s.record})
	}
	if err := p.table(rows); err != nil {
		return err
	}
	return p.serveProxy(cmd.Context(), stand, listener)
}

// serveProxy serves until ctx ends.
func (p *program) serveProxy(ctx context.Context, stand *proxy.Proxy, listener net.Listener) error {
	served := make(chan error, 1)
	go func() { served <- stand.Serve(listener) }()
	var err error
	select {
	case err = <-served:
	case <-ctx.Done():
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), proxyDrain)
	defer cancel()
	if stand.Shutdown(end) != nil {
		fmt.Fprintln(p.stderr, "parley: requests were cut off")
	}
	if n := stand.Unrecorded(); err == nil && n > 0 {
		return fmt.Errorf("%d exchanges could not be recorded", n)
	}
	return err
}

func (p *program) proxyCACommand() *cobra.Command {
	var s standIn
	cmd := &cobra.Command{
		Use:   "ca",
		Short: "Print the certificate that clients of parley proxy have to trust, and how to tell them",
		Args:  cobra.NoArgs,
	}
	pem := cmd.Flags().Bool("pem", false, "print the certificate alone, in PEM")
	settings(cmd, "data")
	s.authorityFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, err := config.Load(cmd.Flags(), p.env)
		if err != nil {
			return err
		}
		authority, err := s.openAuthority(c.Data)
		if err != nil {
			return err
		}
		if *pem {
			_, err = p.stdout.Write(authority.Certificate)
			return err
		}
		file := shellQuote(authority.Path)
		_, err = fmt.Fprintf(p.stdout, howToTrust, strings.Join(slices.Sorted(slices.Values(s.hosts)), ", "), file)
		return err
	}
	return cmd
}

// howToTrust is lines for a shell: with the hosts, and the file with the certificate.
const howToTrust = `# It speaks for these hosts and those below them, and for no others: %[1]s
# Go, Ruby, Python and whatever else uses OpenSSL's defaults, instead of the usual authorities:
export SSL_CERT_FILE=%[2]s
# Python's requests, instead of them:
export REQUESTS_CA_BUNDLE=%[2]s
# Node, beside them:
export NODE_EXTRA_CA_CERTS=%[2]s
# PHP, instead of them:
#   php -d curl.cainfo=%[2]s -d openssl.cafile=%[2]s …
# curl:
#   curl --cacert %[2]s --proxy http://127.0.0.1:8443 https://api.intercom.io/me
`

// shellQuote is a word for a POSIX shell.
func shellQuote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
