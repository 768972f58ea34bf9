package identity

import (
	"slices"

	"parley/internal/model"
)

// A Scope is something that an app may do. An app has those it was registered with,
// and the tokens that it gets have them too.
type Scope string

// The scopes, after those of the live service.
const (
	ReadOneUserCompany       Scope = "read_one_user_company"
	ReadUsersCompanies       Scope = "read_users_companies"
	ReadWriteUsers           Scope = "read_write_users"
	WriteUsersCompanies      Scope = "write_users_companies"
	ReadTags                 Scope = "read_tags"
	WriteTags                Scope = "write_tags"
	ReadConversations        Scope = "read_conversations"
	WriteConversations       Scope = "write_conversations"
	ReadTickets              Scope = "read_tickets"
	WriteTickets             Scope = "write_tickets"
	ReadEvents               Scope = "read_events"
	WriteEvents              Scope = "write_events"
	ReadCounts               Scope = "read_counts"
	WriteDataAttributes      Scope = "write_data_attributes"
	ExportContentData        Scope = "export_content_data"
	ReadArticles             Scope = "read_articles"
	WriteArticles            Scope = "write_articles"
	ReadNews                 Scope = "read_news"
	WriteNews                Scope = "write_news"
	ReadOneAdmin             Scope = "read_one_admin"
	ReadAdmins               Scope = "read_admins"
	UpdateAdmins             Scope = "update_admins"
	ReadAdminActivityLogs    Scope = "read_admin_activity_logs"
	CreatePhoneCallRedirects Scope = "create_phone_call_redirects"
	ManageApps               Scope = "manage_apps" // of Parley's own
)

// NoScope is what is needed for what every token may do.
const NoScope Scope = ""

// A scoping says of a scope what it allows, to a person, and which others are in
// it.
type scoping struct {
	words    string
	includes []Scope
}

var scopings = map[Scope]scoping{
	ReadOneUserCompany:       {words: "Look at a contact or a company"},
	ReadUsersCompanies:       {words: "List and look at contacts, companies and segments", includes: []Scope{ReadOneUserCompany}},
	ReadWriteUsers:           {words: "List, create, change and delete contacts", includes: []Scope{ReadUsersCompanies, ReadOneUserCompany}},
	WriteUsersCompanies:      {words: "Create, change and delete contacts and companies"},
	ReadTags:                 {words: "List tags"},
	WriteTags:                {words: "Create, use and delete tags"},
	ReadConversations:        {words: "Read conversations"},
	WriteConversations:       {words: "Begin, answer, assign and close conversations, and send messages"},
	ReadTickets:              {words: "Read tickets and ticket types"},
	WriteTickets:             {words: "Create and change tickets and ticket types"},
	ReadEvents:               {words: "Read what contacts did"},
	WriteEvents:              {words: "Report what contacts did"},
	ReadCounts:               {words: "Count contacts, companies and conversations"},
	WriteDataAttributes:      {words: "Create and change data attributes"},
	ExportContentData:        {words: "Export which messages were sent"},
	ReadArticles:             {words: "Read articles and help centers"},
	WriteArticles:            {words: "Read and write articles and collections", includes: []Scope{ReadArticles}},
	ReadNews:                 {words: "Read news"},
	WriteNews:                {words: "Read and write news", includes: []Scope{ReadNews}},
	ReadOneAdmin:             {words: "Look at a teammate"},
	ReadAdmins:               {words: "List and look at teammates and teams", includes: []Scope{ReadOneAdmin}},
	UpdateAdmins:             {words: "Turn a teammate's away mode on and off"},
	ReadAdminActivityLogs:    {words: "Read what teammates did to the workspace"},
	CreatePhoneCallRedirects: {words: "Send text messages that lead from a phone call to the Messenger"},
	ManageApps:               {words: "Register and delete apps, read their secrets, and choose what they are told"},
}

// Scopes are all there are, in their order.
func Scopes() []Scope {
	all := make([]Scope, 0, len(scopings))
	for s := range scopings {
		all = append(all, s)
	}
	slices.Sort(all)
	return all
}

// Known reports whether there is such a scope.
func (s Scope) Known() bool {
	_, known := scopings[s]
	return known
}

// Words say to a person what the scope allows.
func (s Scope) Words() string { return scopings[s].words }

// Includes reports whether another scope is in this one.
func (s Scope) Includes(other Scope) bool { return slices.Contains(scopings[s].includes, other) }

// Allows reports whether an actor may do what needs the scope: whoever holds a
// token made by hand may do everything, an app what its scopes say.
func Allows(by *model.Actor, needed Scope) bool {
	if by.ByHand || needed == NoScope {
		return true
	}
	return slices.ContainsFunc(by.Scopes, func(s string) bool {
		return Scope(s) == needed || Scope(s).Includes(needed)
	})
}

// ScopeMissing is the answer to an app that may not do what it asked for.
func ScopeMissing(needed Scope) *model.Error {
	return &model.Error{Kind: model.Forbidden, Code: "forbidden",
		Message: "You do not have the required scope (" + string(needed) + ") to access this resource"}
}
