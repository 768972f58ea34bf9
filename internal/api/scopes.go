package api

import (
	"maps"

	"parley/internal/model"
	"parley/internal/model/identity"
)

// Scopes is what an app needs for each operation, by the operation's id.
func Scopes() map[string]identity.Scope { return maps.Clone(scopes) }

// scopes is what an app needs for each operation, by the operation's id. What is
// not here no app may do.
var scopes = map[string]identity.Scope{
	"identifyAdmin":    identity.NoScope,
	"listAdmins":       identity.ReadAdmins,
	"listActivityLogs": identity.ReadAdminActivityLogs,
	"retrieveAdmin":    identity.ReadOneAdmin,
	"setAwayAdmin":     identity.UpdateAdmins,

	"listTeams":    identity.ReadAdmins,
	"retrieveTeam": identity.ReadAdmins,

	"listContacts":     identity.ReadUsersCompanies,
	"createContact":    identity.WriteUsersCompanies,
	"searchContacts":   identity.ReadUsersCompanies,
	"mergeContact":     identity.ReadWriteUsers,
	"showContact":      identity.ReadOneUserCompany,
	"updateContact":    identity.WriteUsersCompanies,
	"deleteContact":    identity.WriteUsersCompanies,
	"archiveContact":   identity.WriteUsersCompanies,
	"unarchiveContact": identity.WriteUsersCompanies,

	"retrieveVisitorWithUserId": identity.ReadOneUserCompany,
	"updateVisitor":             identity.WriteUsersCompanies,
	"convertVisitor":            identity.WriteUsersCompanies,
	"retrieveVisitor":           identity.ReadOneUserCompany,
	"updateVisitorById":         identity.WriteUsersCompanies,
	"deleteVisitor":             identity.WriteUsersCompanies,

	"createOrUpdateCompany":            identity.WriteUsersCompanies,
	"retrieveCompany":                  identity.ReadUsersCompanies,
	"retrieveACompanyById":             identity.ReadOneUserCompany,
	"updateCompany":                    identity.WriteUsersCompanies,
	"deleteCompany":                    identity.WriteUsersCompanies,
	"listAttachedContacts":             identity.ReadUsersCompanies,
	"listAttachedSegmentsForCompanies": identity.ReadUsersCompanies,
	"listAllCompanies":                 identity.ReadUsersCompanies,
	"scrollOverAllCompanies":           identity.ReadUsersCompanies,
	"attachContactToACompany":          identity.WriteUsersCompanies,
	"listCompaniesForAContact":         identity.ReadUsersCompanies,
	"detachContactFromACompany":        identity.WriteUsersCompanies,

	"listTags":                  identity.ReadTags,
	"createTag":                 identity.WriteTags,
	"findTag":                   identity.ReadTags,
	"deleteTag":                 identity.WriteTags,
	"listTagsForAContact":       identity.ReadTags,
	"attachTagToContact":        identity.WriteTags,
	"detachTagFromContact":      identity.WriteTags,
	"attachTagToConversation":   identity.WriteTags,
	"detachTagFromConversation": identity.WriteTags,

	"listNotes":    identity.ReadUsersCompanies,
	"createNote":   identity.WriteUsersCompanies,
	"retrieveNote": identity.ReadUsersCompanies,

	"listSubscriptionTypes":            identity.ReadUsersCompanies,
	"listSubscriptionsForAContact":     identity.ReadUsersCompanies,
	"attachSubscriptionTypeToContact":  identity.WriteUsersCompanies,
	"detachSubscriptionTypeToContact":  identity.WriteUsersCompanies,
	"listSubscriptionTypesForAContact": identity.ReadUsersCompanies,
	"attachSubscriptionTypeOfAContact": identity.WriteUsersCompanies,
	"detachSubscriptionTypeOfAContact": identity.WriteUsersCompanies,

	"listConversations":             identity.ReadConversations,
	"createConversation":            identity.WriteConversations,
	"searchConversations":           identity.ReadConversations,
	"redactConversation":            identity.WriteConversations,
	"retrieveConversation":          identity.ReadConversations,
	"updateConversation":            identity.WriteConversations,
	"replyConversation":             identity.WriteConversations,
	"manageConversation":            identity.WriteConversations,
	"autoAssignConversation":        identity.WriteConversations,
	"autoAssignConversationParts":   identity.WriteConversations,
	"attachContactToConversation":   identity.WriteConversations,
	"detachContactFromConversation": identity.WriteConversations,
	"createMessage":                 identity.WriteConversations,
	"createPhoneSwitch":             identity.CreatePhoneCallRedirects,
	"counts":                        identity.ReadCounts,

	"listArticles":       identity.ReadArticles,
	"createArticle":      identity.WriteArticles,
	"searchArticles":     identity.ReadArticles,
	"retrieveArticle":    identity.ReadArticles,
	"updateArticle":      identity.WriteArticles,
	"deleteArticle":      identity.WriteArticles,
	"listAllCollections": identity.ReadArticles,
	"createCollection":   identity.WriteArticles,
	"retrieveCollection": identity.ReadArticles,
	"updateCollection":   identity.WriteArticles,
	"deleteCollection":   identity.WriteArticles,
	"listHelpCenters":    identity.ReadArticles,
	"retrieveHelpCenter": identity.ReadArticles,
	"listAllSections":    identity.ReadArticles,
	"createSection":      identity.WriteArticles,
	"retrieveSection":    identity.ReadArticles,
	"updateSection":      identity.WriteArticles,
	"deleteSection":      identity.WriteArticles,

	"listDataAttributes":  identity.ReadUsersCompanies,
	"createDataAttribute": identity.WriteDataAttributes,
	"updateDataAttribute": identity.WriteDataAttributes,
	"listDataEvents":      identity.ReadEvents,
	"createDataEvent":     identity.WriteEvents,
	"dataEventSummaries":  identity.WriteEvents,

	"createDataExport":   identity.ExportContentData,
	"getDataExport":      identity.ExportContentData,
	"cancelDataExport":   identity.ExportContentData,
	"downloadDataExport": identity.ExportContentData,

	"listSegments":            identity.ReadUsersCompanies,
	"retrieveSegment":         identity.ReadUsersCompanies,
	"listSegmentsForAContact": identity.ReadUsersCompanies,

	"listTicketTypes":           identity.ReadTickets,
	"createTicketType":          identity.WriteTickets,
	"getTicketType":             identity.ReadTickets,
	"updateTicketType":          identity.WriteTickets,
	"createTicketTypeAttribute": identity.WriteTickets,
	"updateTicketTypeAttribute": identity.WriteTickets,
	"createTicket":              identity.WriteTickets,
	"getTicket":                 identity.ReadTickets,
	"updateTicket":              identity.WriteTickets,
	"replyTicket":               identity.WriteTickets,

	"listNewsItems":         identity.ReadNews,
	"createNewsItem":        identity.WriteNews,
	"retrieveNewsItem":      identity.ReadNews,
	"updateNewsItem":        identity.WriteNews,
	"deleteNewsItem":        identity.WriteNews,
	"listNewsfeeds":         identity.ReadNews,
	"retrieveNewsfeed":      identity.ReadNews,
	"listLiveNewsfeedItems": identity.ReadNews,

	"listApps":        identity.ManageApps,
	"createApp":       identity.ManageApps,
	"retrieveApp":     identity.ManageApps,
	"rotateAppSecret": identity.ManageApps,
	"deleteApp":       identity.ManageApps,

	"listPresence":   identity.ReadConversations,
	"createPresence": identity.WriteConversations,
	"createTyping":   identity.WriteConversations,

	"listWebhooks":     identity.ManageApps,
	"createWebhook":    identity.ManageApps,
	"retrieveWebhook":  identity.ManageApps,
	"updateWebhook":    identity.ManageApps,
	"deleteWebhook":    identity.ManageApps,
	"pingWebhook":      identity.ManageApps,
	"triggerWebhook":   identity.ManageApps,
	"listDeliveries":   identity.ManageApps,
	"replayDeliveries": identity.ManageApps,
	"retrieveDelivery": identity.ManageApps,
	"replayDelivery":   identity.ManageApps,
}

// checkScope refuses an app that was not given what the operation needs.
func (op *operation) checkScope(by *model.Actor) error {
	needed, known := scopes[op.meta.ID]
	if known && identity.Allows(by, needed) || by.ByHand {
		return nil
	}
	return identity.ScopeMissing(needed)
}
