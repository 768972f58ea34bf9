package seed

import (
	"errors"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"parley/internal/model"
)

// A File is what a seed says. What it leaves out stays as it is.
type File struct {
	// OneOfMany is for a file that several workspaces of a server are made by: a help
	// center whose identifier another has gets the workspace's id behind it.
	OneOfMany bool `yaml:"-"`

	Workspace         *Workspace         `yaml:"workspace"`
	Admins            []Admin            `yaml:"admins"`
	Teams             []Team             `yaml:"teams"`
	DataAttributes    []DataAttribute    `yaml:"data_attributes"`
	Tags              []string           `yaml:"tags"`
	SubscriptionTypes []SubscriptionType `yaml:"subscription_types"`
	TicketTypes       []TicketType       `yaml:"ticket_types"`
	Companies         []Company          `yaml:"companies"`
	Contacts          []Contact          `yaml:"contacts"`
	Visitors          []Visitor          `yaml:"visitors"`
	Conversations     []Conversation     `yaml:"conversations"`
	Tickets           []Ticket           `yaml:"tickets"`
	Segments          []Segment          `yaml:"segments"`
	AssignmentRules   []AssignmentRule   `yaml:"assignment_rules"`
	HelpCenters       []HelpCenter       `yaml:"help_centers"`
	Collections       []Collection       `yaml:"collections"`
	Articles          []Article          `yaml:"articles"`
	Newsfeeds         []Newsfeed         `yaml:"newsfeeds"`
	NewsItems         []NewsItem         `yaml:"news_items"`
}

// A Workspace says where the rest goes.
type Workspace struct {
	ID          model.WorkspaceID   `yaml:"id"`
	Name        string              `yaml:"name"`
	Timezone    string              `yaml:"timezone"`
	Region      string              `yaml:"region"`
	OfficeHours map[string][]string `yaml:"office_hours"` // by day; empty, if somebody is there always
}

// An Admin is known by its e-mail address.
type Admin struct {
	Email     string `yaml:"email"`
	Name      string `yaml:"name"`
	JobTitle  string `yaml:"job_title"`
	Avatar    string `yaml:"avatar"`
	InboxSeat *bool  `yaml:"inbox_seat"`
	Away      *Away  `yaml:"away"`
}

// An Away is an admin's away mode, on.
type Away struct {
	Reassign bool `yaml:"reassign"`
}

// A Team is known by its name.
type Team struct {
	Name    string       `yaml:"name"`
	Members []TeamMember `yaml:"members"`
}

// A TeamMember is an admin, by e-mail address.
type TeamMember struct {
	Admin    string             `yaml:"admin"`
	Priority model.TeamPriority `yaml:"priority"`
}

// A DataAttribute is known by its model and its name.
type DataAttribute struct {
	Model             model.AttributeModel `yaml:"model"`
	Name              string               `yaml:"name"`
	Type              model.DataType       `yaml:"data_type"`
	Label             string               `yaml:"label"`
	Description       string               `yaml:"description"`
	Options           []string             `yaml:"options"`
	MessengerWritable *bool                `yaml:"messenger_writable"`
}

// A SubscriptionType is known by its name, in its default language.
type SubscriptionType struct {
	Name         string                  `yaml:"name"`
	Description  string                  `yaml:"description"`
	Consent      model.ConsentType       `yaml:"consent"`
	Locale       string                  `yaml:"locale"`
	State        model.SubscriptionState `yaml:"state"`
	ContentTypes []model.ContentType     `yaml:"content_types"`
	Translations []Translation           `yaml:"translations"`
}

// A Translation is a subscription type in another language.
type Translation struct {
	Locale      string `yaml:"locale"`
	Name        string `yaml:"name"`
	Description string `yaml:"description"`
}

// A TicketType is known by its name.
type TicketType struct {
	Name        string                `yaml:"name"`
	Description string                `yaml:"description"`
	Icon        string                `yaml:"icon"`
	Internal    *bool                 `yaml:"internal"`
	Attributes  []TicketTypeAttribute `yaml:"attributes"`
}

// A TicketTypeAttribute is known by its name, in its type.
type TicketTypeAttribute struct {
	Name                        string               `yaml:"name"`
	Description                 string               `yaml:"description"`
	DataType                    model.TicketDataType `yaml:"data_type"`
	Multiline                   *bool                `yaml:"multiline"`
	AllowMultipleValues         *bool                `yaml:"allow_multiple_values"`
	ListItems                   []string             `yaml:"list_items"`
	RequiredToCreate            *bool                `yaml:"required_to_create"`
	RequiredToCreateForContacts *bool                `yaml:"required_to_create_for_contacts"`
	VisibleOnCreate             *bool                `yaml:"visible_on_create"`
	VisibleToContacts           *bool                `yaml:"visible_to_contacts"`
}

// A Company is known by its company_id.
type Company struct {
	CompanyID        string         `yaml:"company_id"`
	Name             string         `yaml:"name"`
	Plan             string         `yaml:"plan"`
	Size             *int64         `yaml:"size"`
	Website          string         `yaml:"website"`
	Industry         string         `yaml:"industry"`
	MonthlySpend     *float64       `yaml:"monthly_spend"`
	SessionCount     *int64         `yaml:"session_count"`
	CreatedAt        Time           `yaml:"created_at"`
	RemoteCreatedAt  Time           `yaml:"remote_created_at"`
	LastRequestAt    Time           `yaml:"last_request_at"`
	CustomAttributes map[string]any `yaml:"custom_attributes"`
	Tags             []string       `yaml:"tags"`
}

// A Person is what a seed can say of contacts and visitors alike.
type Person struct {
	Email            string          `yaml:"email"`
	Name             string          `yaml:"name"`
	Phone            string          `yaml:"phone"`
	CreatedAt        Time            `yaml:"created_at"`
	LastSeenAt       Time            `yaml:"last_seen_at"`
	Location         Location        `yaml:"location"`
	LanguageOverride string          `yaml:"language_override"`
	Browser          Browser         `yaml:"browser"`
	OS               string          `yaml:"os"`
	Android          Mobile          `yaml:"android"`
	IOS              Mobile          `yaml:"ios"`
	UTM              UTM             `yaml:"utm"`
	Referrer         string          `yaml:"referrer"`
	SocialProfiles   []SocialProfile `yaml:"social_profiles"`
	CustomAttributes map[string]any  `yaml:"custom_attributes"`
}

// A Contact is known by its external_id or, where it has none, by its e-mail
// address.
type Contact struct {
	Person                 `yaml:",inline"`
	Role                   model.Role `yaml:"role"`
	ExternalID             string     `yaml:"external_id"`
	Avatar                 string     `yaml:"avatar"`
	Owner                  string     `yaml:"owner"`
	UnsubscribedFromEmails *bool      `yaml:"unsubscribed_from_emails"`
	SignedUpAt             Time       `yaml:"signed_up_at"`
	Tags                   []string   `yaml:"tags"`
	Companies              []string   `yaml:"companies"`
	Subscriptions          []string   `yaml:"subscriptions"`
	Notes                  []Note     `yaml:"notes"`
	Events                 []Event    `yaml:"events"`
}

// A Visitor is known by its user_id.
type Visitor struct {
	Person       `yaml:",inline"`
	UserID       string `yaml:"user_id"`
	SessionCount int64  `yaml:"session_count"`
}

// A Location is where a person was seen.
type Location struct {
	City          string `yaml:"city"`
	Region        string `yaml:"region"`
	Country       string `yaml:"country"`
	CountryCode   string `yaml:"country_code"`
	ContinentCode string `yaml:"continent_code"`
}

// A Browser is what a person was seen with.
type Browser struct {
	Name     string `yaml:"name"`
	Version  string `yaml:"version"`
	Language string `yaml:"language"`
}

// A Mobile is the app that a person was seen with.
type Mobile struct {
	AppName    string `yaml:"app_name"`
	AppVersion string `yaml:"app_version"`
	Device     string `yaml:"device"`
	OSVersion  string `yaml:"os_version"`
	SDKVersion string `yaml:"sdk_version"`
	LastSeenAt Time   `yaml:"last_seen_at"`
}

// A UTM says what brought a person.
type UTM struct {
	Campaign string `yaml:"campaign"`
	Content  string `yaml:"content"`
	Medium   string `yaml:"medium"`
	Source   string `yaml:"source"`
	Term     string `yaml:"term"`
}

// A SocialProfile is an account elsewhere.
type SocialProfile struct {
	Name string `yaml:"name"`
	URL  string `yaml:"url"`
}

// A Note is known by its author and its body, on its contact.
type Note struct {
	Author string `yaml:"author"` // an admin's e-mail address; the owner of the workspace if empty
	Body   string `yaml:"body"`
	At     Time   `yaml:"at"`
}

// An Event is known by its name and its time, on its contact.
type Event struct {
	Name     string        `yaml:"name"`
	At       Time          `yaml:"at"`
	Metadata yaml.MapSlice `yaml:"metadata"`
}

// A Segment is known by its name and what sort of person it holds.
type Segment struct {
	Name       string           `yaml:"name"`
	PersonType model.PersonType `yaml:"person_type"`
	Filter     map[string]any   `yaml:"filter"`
}

// An AssignmentRule is known by its name.
type AssignmentRule struct {
	Name string `yaml:"name"`
	When struct {
		Conversation map[string]any `yaml:"conversation"`
		Contact      map[string]any `yaml:"contact"`
	} `yaml:"when"`
	Assign struct {
		Admin  string                 `yaml:"admin"` // an e-mail address
		Team   string                 `yaml:"team"`  // a name
		Method model.AssignmentMethod `yaml:"method"`
	} `yaml:"assign"`
}

// Parse reads a seed. Unknown keys are mistakes; name says which file has them.
func Parse(name string, text []byte) (*File, error) {
	tokens := lexer.Tokenize(string(text))
	if line, deep := tooDeep(tokens); deep {
		return nil, faultf("%s, line %d: nested more than %d levels deep", name, line, maxNesting)
	}
	f := new(File)
	err := decode(tokens, f)
	if err == nil {
		return f, nil
	}
	var told yaml.Error
	var unknown *yaml.UnknownFieldError
	if errors.As(err, &unknown) {
		told = firstUnknown(text, unknown)
	}
	if told != nil || errors.As(err, &told) && told.GetToken() != nil {
		return nil, faultf("%s, line %d: %s", name, told.GetToken().Position.Line, told.GetMessage())
	}
	first, _, _ := strings.Cut(err.Error(), "\n")
	return nil, faultf("%s: %s", name, first)
}

// firstUnknown is the first field of a text that nothing knows. The decoder names one of them, whichever it comes upon: that one is taken out, and
// the rest decoded again, for as long as that takes little time.
func firstUnknown(text []byte, first *yaml.UnknownFieldError) *yaml.UnknownFieldError {
	document, err := parser.ParseBytes(text, 0)
	if err != nil || len(document.Docs) == 0 || document.Docs[0].Body == nil {
		return first
	}
	body, found := document.Docs[0].Body, first
	for done := 0; done < 4<<20; done += len(text) + 1000 {
		at := found.GetToken().Position.Offset
		ast.Walk(without(at), body)
		again := protected(func() error { return decodeNode(body, new(File)) })
		if !errors.As(again, &found) || found.GetToken().Position.Offset == at {
			break
		}
		if found.GetToken().Position.Offset < first.GetToken().Position.Offset {
			first = found
		}
	}
	return first
}

// without takes the entry whose key is at a place out of the mapping that has it.
type without int

// Visit is called with each node of a document.
func (at without) Visit(n ast.Node) ast.Visitor {
	if m, ok := n.(*ast.MappingNode); ok {
		m.Values = slices.DeleteFunc(m.Values, func(v *ast.MappingValueNode) bool { return v.Key.GetToken().Position.Offset == int(at) })
	}
	return at
}

// maxNesting is how deep lists and mappings can be within each other.
const maxNesting = 64

// tooDeep tells whether, and on which line, a text is nested too deeply to be parsed: that takes a
// time that grows with the square of the depth. Finding out takes one that grows with the length.
func tooDeep(tokens token.Tokens) (line int, deep bool) {
	brackets, entries := 0, 0
	for _, t := range tokens {
		if t.Position.Line != line {
			line, entries = t.Position.Line, 0
		}
		switch t.Type {
		case token.SequenceStartType, token.MappingStartType:
			brackets++
		case token.SequenceEndType, token.MappingEndType:
			brackets--
		case token.SequenceEntryType, token.MappingKeyType:
			entries++ // each within the one before
		}
		if brackets > maxNesting || entries > maxNesting {
			return line, true
		}
	}
	return 0, false
}

// decode reads the first document of YAML that there is, if there is one.
func decode(tokens token.Tokens, into *File) error {
	return protected(func() error {
		text, err := parser.Parse(tokens, 0)
		if err != nil {
			return err
		}
		for _, document := range text.Docs {
			if document.Body != nil {
				return decodeNode(document.Body, into)
			}
		}
		return nil
	})
}

// decodeNode decodes what was parsed.
func decodeNode(n ast.Node, into *File) error {
	return yaml.NewDecoder(strings.NewReader(""), yaml.DisallowUnknownField()).DecodeFromNode(n, into)
}

// protected decodes. The decoder panics at some values that are of another type than wanted.
func protected(decode func() error) (err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("a value is of the wrong type")
		}
	}()
	return decode()
}
