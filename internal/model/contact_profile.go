package model

// Texts lists the profile's text fields by the name the API searches them by.
func (p *Profile) Texts() map[string]*string {
	return map[string]*string{
		"location.country": &p.Country, "location.region": &p.Region, "location.city": &p.City,
		"location.country_code": &p.CountryCode, "location.continent_code": &p.ContinentCode,
		"language_override": &p.LanguageOverride, "browser": &p.Browser, "browser_version": &p.BrowserVersion,
		"browser_language": &p.BrowserLanguage, "os": &p.OS,
		"android_app_name": &p.AndroidAppName, "android_app_version": &p.AndroidAppVersion,
		"android_device": &p.AndroidDevice, "android_os_version": &p.AndroidOSVersion,
		"android_sdk_version": &p.AndroidSDKVersion,
		"ios_app_name":        &p.IOSAppName, "ios_app_version": &p.IOSAppVersion, "ios_device": &p.IOSDevice,
		"ios_os_version": &p.IOSOSVersion, "ios_sdk_version": &p.IOSSDKVersion,
		"utm_campaign": &p.UTMCampaign, "utm_content": &p.UTMContent, "utm_medium": &p.UTMMedium,
		"utm_source": &p.UTMSource, "utm_term": &p.UTMTerm, "referrer": &p.Referrer,
	}
}

// Times lists the profile's times by the name the API searches them by.
func (p *Profile) Times() map[string]*int64 {
	return map[string]*int64{"android_last_seen_at": &p.AndroidLastSeenAt, "ios_last_seen_at": &p.IOSLastSeenAt}
}

func (p *Profile) absorb(from Profile) {
	theirs := from.Texts()
	for name, mine := range p.Texts() {
		if *mine == "" {
			*mine = *theirs[name]
		}
	}
	theirTimes := from.Times()
	for name, mine := range p.Times() {
		if *mine == 0 {
			*mine = *theirTimes[name]
		}
	}
	if len(p.SocialProfiles) == 0 {
		p.SocialProfiles = from.SocialProfiles
	}
}
