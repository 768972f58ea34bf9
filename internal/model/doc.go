// Package model holds the nouns of Parley (contacts, tags, companies…), their
// identifiers and the laws that need nothing but the noun itself.
// It must not know SQL, HTTP or JSON, and imports only the standard library.
//
// Times are Unix seconds; 0 means "never" or "unset". An empty string in an
// optional text field means unset as well.
package model
