package record

import "parley/internal/model"

// ContactWeight is about how many bytes a contact takes, and what is shown of it.
func ContactWeight(c *model.Contact) int {
	texts := len(c.ExternalID) + len(c.Email) + len(c.Phone) + len(c.Name) + len(c.Pseudonym) + len(c.Avatar)
	for _, text := range c.Profile.Texts() {
		texts += len(*text)
	}
	texts += attributesWeight(c.Attributes)
	n := len(c.Profile.SocialProfiles)
	for _, p := range c.Profile.SocialProfiles {
		texts += len(p.Name) + len(p.URL)
	}
	for _, of := range []model.References{c.Relatives.Tags, c.Relatives.Notes, c.Relatives.Companies, c.Relatives.OptedOut, c.Relatives.OptedIn} {
		n += len(of.IDs)
	}
	return 3000 + 2*texts + 150*n
}

// ConversationWeight is about how many bytes a conversation takes, and what is shown of it.
func ConversationWeight(c *model.Conversation) int {
	texts := len(c.Title) + len(c.Source.Subject) + len(c.Source.Body) + len(c.Source.URL)
	if c.Rating != nil {
		texts += len(c.Rating.Remark)
	}
	texts += attributesWeight(c.Attributes)
	return 4000 + 2*texts + 200*(len(c.Contacts)+len(c.Teammates)+len(c.Tags)+len(c.Source.Attachments))
}

// PartWeight is about how many bytes of memory a part of a conversation takes.
func PartWeight(p *model.Part) int {
	return 600 + len(p.Body) + 100*len(p.Options) + 200*len(p.Attachments)
}

// attributesWeight is about how many bytes custom attributes take.
func attributesWeight(attributes model.Attributes) (n int) {
	for name, value := range attributes {
		n += 32 + len(name)
		if text, ok := value.(string); ok {
			n += len(text)
		}
	}
	return n
}
