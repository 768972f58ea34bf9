package model

import (
	"regexp"
	"strings"
	"sync"
	"time"

	"parley/internal/model/sandbox"
)

// A Workspace owns everything else: nothing in one can be seen from another.
type Workspace struct {
	ID          WorkspaceID
	Name        string
	Timezone    string // an IANA name; day-granular search counts days in it
	Region      string // "US", "EU" or "AU", as the API reports it
	OfficeHours OfficeHours
	RateLimits  RateLimits
	Secret      string // signs cursors; never leaves the server
	CreatedAt   int64
	Sandbox     sandbox.State
}

// RateLimits are how many requests each app may make in ten seconds, and all of a
// workspace together; 0: as many as is usual on the server.
type RateLimits struct{ App, Workspace int64 }

var workspaceID = regexp.MustCompile(`^[a-z0-9]{8}$`)

// Valid reports whether a text can be the id of a workspace.
func (id WorkspaceID) Valid() bool { return workspaceID.MatchString(string(id)) }

// Validate checks what a person chose.
func (w *Workspace) Validate() error {
	if !w.ID.Valid() {
		return ParameterInvalid("%q is not a workspace id: 8 lower-case letters and digits", w.ID)
	}
	if strings.TrimSpace(w.Name) == "" {
		return ParameterNotFound("A workspace needs a name")
	}
	if err := ValidateText("Name", w.Name, MaxText); err != nil {
		return err
	}
	if _, err := time.LoadLocation(w.Timezone); err != nil || w.Timezone == "" || w.Timezone == "Local" {
		return ParameterInvalid("%q is not a time zone of the IANA database", w.Timezone)
	}
	switch w.Region {
	case "US", "EU", "AU":
		return nil
	default:
		return ParameterInvalid("A region is US, EU or AU, not %q", w.Region)
	}
}

// Location is the workspace's time zone; UTC if the name is not known here.
func (w *Workspace) Location() *time.Location {
	if known, ok := locations.Load(w.Timezone); ok {
		return known.(*time.Location)
	}
	loc, err := time.LoadLocation(w.Timezone)
	if err != nil {
		return time.UTC
	}
	locations.Store(w.Timezone, loc)
	return loc
}

// locations are the time zones that were read from the system's files, by name.
var locations sync.Map

// WorkspaceExists is the answer to a new workspace with the id of another.
func WorkspaceExists(id WorkspaceID) *Error {
	return &Error{Conflict, "conflict", "There is a workspace " + string(id) + " already"}
}

// An AccessToken lets its bearer act as an admin of a workspace. Only its hash
// is kept.
type AccessToken struct {
	Hash      string // lower-case hexadecimal SHA-256 of the token
	Workspace WorkspaceID
	Admin     AdminID
	Name      string
	App       int64 // id of the app it was made for; 0 for one made by hand
	CreatedAt int64
	RevokedAt int64
}

// tokenID is the length of a token's short name.
const tokenID = 12

// ID is the short name a token goes by in lists and commands.
func (t *AccessToken) ID() string { return t.Hash[:tokenID] }

// ValidateToken checks a token of a person's own choice and the name it is given.
// The token travels in a header, and as the user name of HTTP Basic, where a
// colon would end it.
func ValidateToken(name, token string) error {
	if err := ValidateText("Name", name, MaxText); err != nil {
		return err
	}
	if err := ValidateText("Token", token, MaxText); err != nil {
		return err
	}
	if token == "" || strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' || r == ':' }) {
		return ParameterInvalid("A token is made of visible ASCII characters without a colon")
	}
	return nil
}

// TokenTaken is the answer to a token that was given out before, here or in
// another workspace, revoked or not.
func TokenTaken() *Error {
	return &Error{Conflict, "conflict", "That access token is in use, or was"}
}

// AccessTokenInvalid is the answer to whoever has no token that is valid.
func AccessTokenInvalid() *Error { return &Error{Unauthorized, "unauthorized", "Access Token Invalid"} }

// TokenNotFound is the answer to an unknown short name of a token.
func TokenNotFound() *Error { return &Error{NotFound, "token_not_found", "Access token not found"} }
