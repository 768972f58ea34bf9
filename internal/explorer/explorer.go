// Package explorer is the door to a page where people read the contract and make
// calls: a viewer with all that it needs, embedded.
// It must not know an operation or who asks: the page reads /openapi.json and calls
// the API as any other client does.
package explorer

import (
	"embed"
	"log/slog"
	"net/url"

	"parley/internal/page"
)

// Path is where the page is, with or without a slash behind it. All else that the
// door answers is below it.
const Path = "/docs"

// Link is where the page is and the token that it is to use, as its script reads it.
// Browsers keep what follows the # to themselves.
func Link(token string) string { return Path + "#token=" + url.PathEscape(token) }

// The page is ours; swagger-ui is what scripts/swagger-ui takes from a published
// package, with the large files compressed.
//
//go:embed page swagger-ui
var embedded embed.FS

// policy is what browsers may do for the page: load what is embedded and call this
// server. So nothing is asked of anybody else, whatever the viewer or a text of the
// contract would have it do. Images in data: URLs are those in the viewer's styles.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// New makes the door.
func New(logger *slog.Logger) *page.Door {
	return page.New(page.Options{Path: Path, Files: embedded, Folders: []string{"page", "swagger-ui"}, Policy: policy, Logger: logger})
}
