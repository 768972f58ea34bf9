package model

import "fmt"

// An Activity is an entry of the activity log: what an admin did to the
// workspace. It keeps who that was, as they were called then.
type Activity struct {
	ID          string // a UUID that sorts by time
	Type        ActivityType
	Description string         // a sentence for a person
	Metadata    map[string]any // what the description says, for a program
	Admin       AdminID        // 0 where the workspace had no admin to act for the server
	Email       string         // the admin's
	IP          string         // the caller's; empty for a command typed on the server
	CreatedAt   int64
}

// did makes an activity of who did it and what, a sentence without its subject.
// The log adds the subject when the activity is appended.
func (by *Actor) did(t ActivityType, metadata map[string]any, format string, args ...any) Activity {
	return Activity{Type: t, Admin: by.Admin, IP: by.IP, Metadata: metadata, Description: fmt.Sprintf(format, args...)}
}

// Sign completes an activity with the admin who did it; nil where the workspace
// has none.
func (a *Activity) Sign(admin *Admin) {
	name := "The server"
	if admin != nil {
		name, a.Email = admin.Name, admin.Email
	}
	a.Description = name + " " + a.Description + "."
}

// AdminJoined is the activity of a new admin. The first of a workspace joins by
// itself, as nobody is there to add it.
func AdminJoined(by *Actor, a *Admin) Activity {
	metadata := map[string]any{"admin": map[string]any{"id": a.ID, "name": a.Name, "email": a.Email}}
	if by.Admin == 0 {
		joined := by.did(AppAdminJoin, metadata, "joined the workspace")
		joined.Admin = a.ID
		return joined
	}
	return by.did(AppAdminJoin, metadata, "added %s to the workspace", a.Name)
}

// AwayModeChanged is the activity of an admin going away or coming back.
func AwayModeChanged(by *Actor, a *Admin) Activity {
	metadata := map[string]any{"away_mode": a.AwayModeEnabled, "reassign_conversations": a.AwayModeReassign, "update_by": by.Admin}
	state := "off"
	if a.AwayModeEnabled {
		state = "on"
	}
	if by.Admin == a.ID {
		return by.did(AdminAwayModeChange, metadata, "turned away mode %s", state)
	}
	return by.did(AdminAwayModeChange, metadata, "turned away mode %s for %s", state, a.Name)
}

// TeamCreated is the activity of a new team.
func TeamCreated(by *Actor, t *Team) Activity {
	return by.did(AppTeamCreation, teamMetadata(t), "created the team %s", t.Name)
}

// TeamDeleted is the activity of a team that is no more.
func TeamDeleted(by *Actor, t *Team) Activity {
	return by.did(AppTeamDeletion, teamMetadata(t), "deleted the team %s", t.Name)
}

// TeamMembershipModified is the activity of a team that got other members, or
// the same in another rank.
func TeamMembershipModified(by *Actor, before, after *Team) Activity {
	metadata := teamMetadata(after)
	metadata["before"], metadata["after"] = before.AdminIDs(), after.AdminIDs()
	return by.did(AppTeamMembershipModification, metadata, "changed who is in the team %s", after.Name)
}

func teamMetadata(t *Team) map[string]any {
	return map[string]any{"team": map[string]any{"id": t.ID, "name": t.Name}}
}

// OfficeHoursChanged is the activity of a workspace that got another schedule.
func OfficeHoursChanged(by *Actor, before, after OfficeHours) Activity {
	return by.did(OfficeHoursChange, map[string]any{"before": before.Days(), "after": after.Days()}, "changed the office hours")
}

// TokenCreated is the activity of a new access token, which to the API is a
// package installed on the workspace.
func TokenCreated(by *Actor, t *AccessToken) Activity {
	return by.did(AppPackageInstallation, tokenMetadata(t), "created the access token %s", t.ID())
}

// TokenRevoked is the activity of an access token that was ended.
func TokenRevoked(by *Actor, t *AccessToken) Activity {
	return by.did(AppPackageUninstallation, tokenMetadata(t), "revoked the access token %s", t.ID())
}

func tokenMetadata(t *AccessToken) map[string]any {
	return map[string]any{"access_token": map[string]any{"id": t.ID(), "name": t.Name, "admin_id": t.Admin}}
}

// ContactDeleted is the activity of a contact deleted for good. It names the
// contact by its id alone: nothing of the person stays behind.
func ContactDeleted(by *Actor, id ContactID) Activity {
	return by.did(AppDataDeletion, map[string]any{"contact": map[string]any{"id": id}}, "deleted the contact %s", id)
}

// VisitorDeleted is the activity of a visitor that was deleted.
func VisitorDeleted(by *Actor, id ContactID) Activity {
	return by.did(AppDataDeletion, map[string]any{"visitor": map[string]any{"id": id}}, "deleted the visitor %s", id)
}

// CompanyDeleted is the activity of a company that was deleted.
func CompanyDeleted(by *Actor, id CompanyID) Activity {
	return by.did(AppDataDeletion, map[string]any{"company": map[string]any{"id": id}}, "deleted the company %s", id)
}

// PartRedacted is the activity of a text that was taken out of a conversation.
func PartRedacted(by *Actor, id ConversationID) Activity {
	return by.did(ConversationPartDeletion, map[string]any{"conversation": map[string]any{"id": id}},
		"deleted a message of the conversation %s", id)
}

// DataExportCreated is the activity of an export of what was sent from one time to
// another, in Unix seconds.
func DataExportCreated(by *Actor, id string, after, before int64) Activity {
	metadata := map[string]any{"data_export": map[string]any{"job_identifier": id, "created_at_after": after, "created_at_before": before}}
	return by.did(AppDataExport, metadata, "asked for an export of what was sent")
}

// An ActivityType is one of the closed list that the API knows. Parley writes
// only those that an activity above has.
type ActivityType string

const (
	AdminAssignmentLimitChange       ActivityType = "admin_assignment_limit_change"
	AdminAvatarChange                ActivityType = "admin_avatar_change"
	AdminAwayModeChange              ActivityType = "admin_away_mode_change"
	AdminDeletion                    ActivityType = "admin_deletion"
	AdminDeprovisioned               ActivityType = "admin_deprovisioned"
	AdminImpersonationEnd            ActivityType = "admin_impersonation_end"
	AdminImpersonationStart          ActivityType = "admin_impersonation_start"
	AdminInviteChange                ActivityType = "admin_invite_change"
	AdminInviteCreation              ActivityType = "admin_invite_creation"
	AdminInviteDeletion              ActivityType = "admin_invite_deletion"
	AdminLoginFailure                ActivityType = "admin_login_failure"
	AdminLoginSuccess                ActivityType = "admin_login_success"
	AdminLogout                      ActivityType = "admin_logout"
	AdminPasswordResetRequest        ActivityType = "admin_password_reset_request"
	AdminPasswordResetSuccess        ActivityType = "admin_password_reset_success"
	AdminPermissionChange            ActivityType = "admin_permission_change"
	AdminProvisioned                 ActivityType = "admin_provisioned"
	AdminTwoFactorAuthChange         ActivityType = "admin_two_factor_auth_change"
	AdminUnauthorizedSignInMethod    ActivityType = "admin_unauthorized_sign_in_method"
	AppAdminJoin                     ActivityType = "app_admin_join"
	AppAuthenticationMethodChange    ActivityType = "app_authentication_method_change"
	AppDataDeletion                  ActivityType = "app_data_deletion"
	AppDataExport                    ActivityType = "app_data_export"
	AppGoogleSSODomainChange         ActivityType = "app_google_sso_domain_change"
	AppIdentityVerificationChange    ActivityType = "app_identity_verification_change"
	AppNameChange                    ActivityType = "app_name_change"
	AppOutboundAddressChange         ActivityType = "app_outbound_address_change"
	AppPackageInstallation           ActivityType = "app_package_installation"
	AppPackageTokenRegeneration      ActivityType = "app_package_token_regeneration"
	AppPackageUninstallation         ActivityType = "app_package_uninstallation"
	AppTeamCreation                  ActivityType = "app_team_creation"
	AppTeamDeletion                  ActivityType = "app_team_deletion"
	AppTeamMembershipModification    ActivityType = "app_team_membership_modification"
	AppTimezoneChange                ActivityType = "app_timezone_change"
	AppWebhookCreation               ActivityType = "app_webhook_creation"
	AppWebhookDeletion               ActivityType = "app_webhook_deletion"
	ArticlesInMessengerEnabledChange ActivityType = "articles_in_messenger_enabled_change"
	BulkDelete                       ActivityType = "bulk_delete"
	BulkExport                       ActivityType = "bulk_export"
	CampaignDeletion                 ActivityType = "campaign_deletion"
	CampaignStateChange              ActivityType = "campaign_state_change"
	ConversationPartDeletion         ActivityType = "conversation_part_deletion"
	ConversationPDFExport            ActivityType = "conversation_pdf_export"
	ConversationTopicChange          ActivityType = "conversation_topic_change"
	ConversationTopicCreation        ActivityType = "conversation_topic_creation"
	ConversationTopicDeletion        ActivityType = "conversation_topic_deletion"
	HelpCenterSettingsChange         ActivityType = "help_center_settings_change"
	InboundConversationsChange       ActivityType = "inbound_conversations_change"
	InboxAccessChange                ActivityType = "inbox_access_change"
	MessageDeletion                  ActivityType = "message_deletion"
	MessageStateChange               ActivityType = "message_state_change"
	MessengerLookAndFeelChange       ActivityType = "messenger_look_and_feel_change"
	MessengerSearchRequiredChange    ActivityType = "messenger_search_required_change"
	MessengerSpacesChange            ActivityType = "messenger_spaces_change"
	OfficeHoursChange                ActivityType = "office_hours_change"
	RoleChange                       ActivityType = "role_change"
	RoleCreation                     ActivityType = "role_creation"
	RoleDeletion                     ActivityType = "role_deletion"
	RulesetActivationTitlePreview    ActivityType = "ruleset_activation_title_preview"
	RulesetCreation                  ActivityType = "ruleset_creation"
	RulesetDeletion                  ActivityType = "ruleset_deletion"
	SearchBrowseEnabledChange        ActivityType = "search_browse_enabled_change"
	SearchBrowseRequiredChange       ActivityType = "search_browse_required_change"
	SeatChange                       ActivityType = "seat_change"
	SeatRevoke                       ActivityType = "seat_revoke"
	SecuritySettingsChange           ActivityType = "security_settings_change"
	TemporaryExpectationChange       ActivityType = "temporary_expectation_change"
	UpfrontEmailCollectionChange     ActivityType = "upfront_email_collection_change"
	WelcomeMessageChange             ActivityType = "welcome_message_change"
)
