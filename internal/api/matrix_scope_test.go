package api_test

import (
	"net/http"
	"slices"
	"strings"

	"parley/internal/model/identity"
)

// scopesBelow are the nouns of which one is in the scope of each operation below a first step of a path. They say
// once more what scopes.go says of each operation by itself, so that one there that is not like its neighbours is seen.
var scopesBelow = map[string][]string{
	"admins": {"admin"}, "teams": {"admins"},
	"contacts": {"user", "tags"}, "visitors": {"user"}, "companies": {"compan"}, "segments": {"users_companies"}, "notes": {"users_companies"},
	"subscription_types": {"users_companies"}, "tags": {"tags"},
	"conversations": {"conversations", "tags"}, "messages": {"conversations"}, "phone_call_redirects": {"phone_call_redirects"}, "counts": {"counts"},
	"tickets": {"tickets"}, "ticket_types": {"tickets"},
	"articles": {"articles"}, "help_center": {"articles"}, "news": {"news"},
	"data_attributes": {"users_companies", "data_attributes"}, "events": {"events"}, "export": {"export_content"}, "download": {"export_content"},
	"_parley": {"manage_apps", "conversations"},
}

// onlyRead are operations that change nothing, though their method is not GET.
var onlyRead = map[string]bool{"searchContacts": true, "searchConversations": true, "listAllCompanies": true}

// judgeScope checks that an operation needs a scope of its noun, and no scope to read where it changes something.
func (m *matrix) judgeScope(op *matrixOperation, needed identity.Scope) {
	m.t.Helper()
	if needed == identity.NoScope {
		if op.id != "identifyAdmin" { // which tells an app where it is
			m.t.Errorf("%s needs no scope", op.id)
		}
		return
	}
	step := strings.Split(op.path, "/")[1]
	if nouns := scopesBelow[step]; !slices.ContainsFunc(nouns, func(noun string) bool { return strings.Contains(string(needed), noun) }) {
		m.t.Errorf("%s needs %s; below /%s it is one of %q", op.id, needed, step, nouns)
	}
	if op.method != http.MethodGet && toRead(needed) && !onlyRead[op.id] {
		m.t.Errorf("%s needs no more than %s", op.id, needed)
	}
	for _, scope := range identity.Scopes() {
		if toRead(scope) && !toRead(needed) && scope.Includes(needed) {
			m.t.Errorf("whoever has %s may do what needs %s", scope, needed)
		}
	}
}

// toRead reports whether a scope is to change nothing with.
func toRead(s identity.Scope) bool {
	return strings.HasPrefix(string(s), "read_") && s != identity.ReadWriteUsers
}
