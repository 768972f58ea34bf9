package doctor

import (
	"net/url"
	"strings"

	"parley/internal/config"
)

// settings looks at what the settings say together; each by itself is right, or it would not have been read.
func (e *examination) settings() error {
	s := e.Settings
	open := !config.IsLoopback(s.Addr)
	if s.PublicURL == "" && open {
		e.warning("public_url is not set, and the server listens beyond this machine: links in answers lead to whatever host a request was sent to",
			"set public_url to the URL by which clients reach the server")
	}
	if u, err := url.Parse(s.PublicURL); err == nil && u.Scheme == "http" && !config.IsLoopback(u.Host) {
		e.warning("public_url is not https: tokens and messages travel in the clear", "let a proxy speak TLS, and set public_url to its URL")
	}
	if s.AllowPrivateAddresses && open {
		e.warning("allow_private_addresses is on: whoever can write reaches private networks from here",
			"turn it off, and name what webhooks may reach in webhook_allow")
	}
	if s.Dev && open {
		e.warning("dev is on, and the server listens beyond this machine: whoever has dev_token rules all workspaces", "turn it off where customers are served")
	}
	if s.Database != "" {
		if s.S3.Bucket == "" {
			e.warning("files are in a folder, but several servers may share the database", "see that all servers have the folder, or keep files in a bucket")
		}
		if u, err := url.Parse(s.Database); err == nil && u.Query().Get("sslmode") == "disable" && !config.IsLoopback(u.Host) && !strings.HasPrefix(u.Query().Get("host"), "/") {
			e.warning("the connection to the database is not encrypted", "take sslmode=disable out of its URL")
		}
	}
	if u, err := url.Parse(s.OpenID.Issuer); err == nil && u.Scheme == "http" && !config.IsLoopback(u.Host) {
		e.warning("oidc_issuer is not https: whoever is in between can sign in as anybody", "use the https URL of the provider")
	}
	if !e.found() {
		e.ok("all can be read, and go together")
	}
	e.ok("text messages: %s", or(string(s.SMS.Gateway), "none"))
	e.ok("sign-in by OpenID Connect: %s", or(s.OpenID.Issuer, "none"))
	return nil
}

func or(text, other string) string {
	if text == "" {
		return other
	}
	return text
}
