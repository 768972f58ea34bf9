package api

import (
	"maps"

	"parley/internal/model/identity"
)

// Scopes is the table of what an app needs for each operation.
func Scopes() map[string]identity.Scope { return maps.Clone(scopes) }
