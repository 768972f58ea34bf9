package model

import "strings"

// A builtIn is a row of the tables below: where the value is, what people call
// it, its type, whether the API can write it, and what it says.
type builtIn struct {
	path        string
	label       string
	kind        DataType
	apiWritable bool
	description string
}

// builtIns are a model's built-in attributes. The live API puts a workspace's own
// between the two halves.
type builtIns struct{ first, last []builtIn }

var builtInAttributes = map[AttributeModel]builtIns{
	ContactAttributes: {
		first: []builtIn{
			{"name", "Name", TypeString, true, "The person's full name"},
			{"email", "Email", TypeString, true, "The address that mail to the person goes to"},
			{"phone", "Phone", TypeString, true, "A number to call"},
			{"external_id", "User ID", TypeString, true, "Your own id for the person"},
			{"role", "Role", TypeString, true, "Whether the person is a user or a lead"},
			{"avatar", "Avatar", TypeString, true, "Where a picture of the person is"},
			{"owner_id", "Owner", TypeInteger, true, "The teammate who looks after the person"},
			{"signed_up_at", "Signed up", TypeDate, true, "When the person signed up with you"},
			{"last_seen_at", "Last seen", TypeDate, true, "When the person was last in your product"},
			{"last_contacted_at", "Last contacted", TypeDate, false, "When you last wrote to the person"},
			{"last_replied_at", "Last heard from", TypeDate, false, "When the person last wrote to you"},
			{"last_email_opened_at", "Last opened email", TypeDate, false, "When the person last opened a mail from you"},
			{"last_email_clicked_at", "Last clicked on link in email", TypeDate, false, "When the person last followed a link in a mail from you"},
			{"unsubscribed_from_emails", "Unsubscribed from Emails", TypeBoolean, true, "Whether the person wants no mail"},
			{"marked_email_as_spam", "Marked email as spam", TypeBoolean, false, "Whether the person reported a mail as spam"},
			{"has_hard_bounced", "Has hard bounced", TypeBoolean, false, "Whether mail to the person came back for good"},
			{"language_override", "Language override", TypeString, false, "The language the person is spoken to in"},
			{"browser", "Browser", TypeString, false, "The browser the person was last seen with"},
			{"browser_version", "Browser version", TypeString, false, "The version of that browser"},
			{"browser_language", "Browser language", TypeString, false, "The language of that browser"},
			{"os", "OS", TypeString, false, "The operating system the person was last seen with"},
			{"location.country", "Country", TypeString, false, "The country the person was last seen in"},
			{"location.region", "Region", TypeString, false, "The region the person was last seen in"},
			{"location.city", "City", TypeString, false, "The city the person was last seen in"},
			{"location.country_code", "Country code", TypeString, false, "The code of that country"},
			{"location.continent_code", "Continent code", TypeString, false, "The code of the continent"},
			{"android_app_name", "Android app name", TypeString, false, "Your Android app, as the person has it"},
			{"android_app_version", "Android app version", TypeString, false, "The version of that app"},
			{"android_device", "Android device", TypeString, false, "The Android device the person was last seen with"},
			{"android_os_version", "Android OS version", TypeString, false, "The version of Android on it"},
			{"android_sdk_version", "Android SDK version", TypeString, false, "The version of the Messenger's SDK in the app"},
			{"android_last_seen_at", "Last seen on Android", TypeDate, false, "When the person was last seen in the Android app"},
			{"ios_app_name", "iOS app name", TypeString, false, "Your iOS app, as the person has it"},
			{"ios_app_version", "iOS app version", TypeString, false, "The version of that app"},
			{"ios_device", "iOS device", TypeString, false, "The iOS device the person was last seen with"},
			{"ios_os_version", "iOS OS version", TypeString, false, "The version of iOS on it"},
			{"ios_sdk_version", "iOS SDK version", TypeString, false, "The version of the Messenger's SDK in the app"},
			{"ios_last_seen_at", "Last seen on iOS", TypeDate, false, "When the person was last seen in the iOS app"},
			{"utm_campaign", "UTM Campaign", TypeString, false, "The campaign that brought the person"},
			{"utm_content", "UTM Content", TypeString, false, "What in the campaign brought the person"},
			{"utm_medium", "UTM Medium", TypeString, false, "The medium that brought the person"},
			{"utm_source", "UTM Source", TypeString, false, "The site that brought the person"},
			{"utm_term", "UTM Term", TypeString, false, "The search words that brought the person"},
			{"referrer", "Referral URL", TypeString, false, "The page the person came from"},
		},
		last: []builtIn{
			{"id", "ID", TypeString, false, "The id that the API gave the person"},
			{"created_at", "Created at", TypeDate, false, "When the person was added"},
			{"updated_at", "Updated at", TypeDate, false, "When the person was last changed"},
			{"workspace_id", "Workspace ID", TypeString, false, "The workspace the person belongs to"},
		},
	},
	CompanyAttributes: {
		first: []builtIn{
			{"name", "Company name", TypeString, true, "What the company is called"},
			{"company_id", "Company ID", TypeString, false, "Your own id for the company"},
			{"last_request_at", "Company last seen", TypeDate, false, "When somebody of the company was last in your product"},
			{"remote_created_at", "Company created at", TypeDate, true, "When the company became one of yours"},
			{"user_count", "People", TypeInteger, false, "How many people belong to the company"},
			{"session_count", "Company web sessions", TypeInteger, false, "How often somebody of the company visited"},
			{"plan.name", "Plan", TypeString, false, "What the company pays for"},
			{"monthly_spend", "Monthly Spend", TypeFloat, true, "What the company pays in a month"},
			{"size", "Company size", TypeInteger, true, "How many people work there"},
			{"industry", "Company industry", TypeString, true, "The trade the company is in"},
			{"website", "Company website", TypeString, true, "Where the company is on the web"},
		},
		last: []builtIn{
			{"id", "ID", TypeString, false, "The id that the API gave the company"},
			{"created_at", "Created at", TypeDate, false, "When the company was added"},
			{"updated_at", "Updated at", TypeDate, false, "When the company was last changed"},
			{"plan.id", "Plan ID", TypeString, false, "The id that the API gave the plan"},
			{"app_id", "App ID", TypeString, false, "The workspace the company belongs to"},
		},
	},
}

// WithBuiltIns puts a model's built-in attributes around its custom ones, in the
// order of the live API.
func WithBuiltIns(m AttributeModel, custom []*DataAttribute) []*DataAttribute {
	table := builtInAttributes[m]
	var all []*DataAttribute
	for _, row := range table.first {
		all = append(all, row.attribute(m))
	}
	all = append(all, custom...)
	for _, row := range table.last {
		all = append(all, row.attribute(m))
	}
	return all
}

func (row builtIn) attribute(m AttributeModel) *DataAttribute {
	return &DataAttribute{Model: m, Name: row.path[strings.LastIndexByte(row.path, '.')+1:], FullName: row.path,
		Label: row.label, Description: row.description, Type: row.kind, APIWritable: row.apiWritable, MessengerWritable: true}
}

// isBuiltIn reports whether a built-in attribute of the model goes by that name,
// in any case. What is nested in another object does not stand in the way.
func isBuiltIn(m AttributeModel, name string) bool {
	name = Fold(name)
	for _, half := range [][]builtIn{builtInAttributes[m].first, builtInAttributes[m].last} {
		for _, row := range half {
			if row.path == name {
				return true
			}
		}
	}
	return false
}
