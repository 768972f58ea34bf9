// Package devpage is the door to a page where whoever writes an integration sees what
// it sends, and what comes of it.
// It must not know who asks: the page calls the operations of developers as any other
// client does.
package devpage

import (
	"embed"
	"log/slog"
	"net/url"

	"parley/internal/page"
)

// Path is where the page is, with or without a slash behind it. All else that the
// door answers is below it.
const Path = "/_parley/dev"

// Link is where the page is and the token of developers, as its script reads it.
// Browsers keep what follows the # to themselves.
func Link(token string) string { return Path + "#token=" + url.PathEscape(token) }

//go:embed page
var embedded embed.FS

// policy is what browsers may do for the page: load what is embedded and call this
// server. What others sent is shown, and can be made neither HTML nor a script: browsers
// that know trusted types refuse the means.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

// New makes the door.
func New(logger *slog.Logger) *page.Door {
	return page.New(page.Options{Path: Path, Files: embedded, Folders: []string{"page"}, Policy: policy, Logger: logger})
}
