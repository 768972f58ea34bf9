package fill

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"

	"parley/internal/model"
)

// The time that a fill covers: two years, up to the same moment whenever it is made.
const (
	ends   = 1767225600 // 1 January 2026
	covers = 2 * 365 * 86400
	begins = ends - covers
)

// rareValue is the value of a custom attribute that four contacts have.
const (
	rareName  = "invited_by"
	rareValue = "harbour-42"
)

// A crowd is the people and companies of a fill: each is a function of its number, of how many there are and of the seed.
type crowd struct {
	size int
	seed uint64
}

// A person is a contact with what it belongs to.
type person struct {
	model.Contact
	tags    []string
	company int // number of it; -1 for none
	story   *story
}

// chance is what decides about a thing of a kind with a number.
func (c crowd) chance(kind, n int) *rand.Rand {
	return rand.New(rand.NewPCG(c.seed*1_000_003+uint64(kind), uint64(n)))
}

// The kinds of things that chance decides about.
const (
	ofPerson = iota
	ofCompany
	ofStory
	ofWords
)

// objectID is an id as the program makes them: 8 hexadecimal digits for the time and 16 by chance.
func objectID[ID ~string](r *rand.Rand, at int64) ID {
	var b [12]byte
	binary.BigEndian.PutUint32(b[:], uint32(at))
	binary.BigEndian.PutUint64(b[4:], r.Uint64())
	return ID(hex.EncodeToString(b[:]))
}

func (c crowd) companies() int { return max(1, c.size/20) }

// created is when a contact came: in the order of their numbers.
func (c crowd) created(n int) int64 { return begins + int64(n)*covers/int64(c.size) }

// person makes the contact of a number from 0.
func (c crowd) person(n int) *person {
	r := c.chance(ofPerson, n)
	at := c.created(n)
	p := &person{company: -1, Contact: model.Contact{ID: objectID[model.ContactID](r, at), Role: model.RoleUser, CreatedAt: at, UpdatedAt: at,
		Attributes: model.Attributes{}}}
	if r.IntN(5) == 0 {
		p.Role = model.RoleLead
	}
	first, last := one(r, given...), title(made(uint64(skewed(r, 60_000)), 1+r.IntN(4)))
	p.name(r, first, last)
	p.identify(r, n, first, last)
	c.attributes(r, p, n)
	p.seen(r)
	c.belong(r, p, n)
	if n%5 == 0 {
		p.story = c.tell(p, n)
		p.LastRepliedAt, p.LastContactedAt = p.story.replied, p.story.contacted
		p.UpdatedAt = max(p.UpdatedAt, p.LastRepliedAt)
	}
	return p
}

func (p *person) name(r *rand.Rand, first, last string) {
	switch {
	case p.Role == model.RoleLead && r.IntN(3) == 0: // nobody asked
	case r.IntN(10) == 0:
		p.Name = first + " " + one(r, given...) + " " + last
	case r.IntN(12) == 0:
		p.Name = first
	default:
		p.Name = first + " " + last
	}
}

func (p *person) identify(r *rand.Rand, n int, first, last string) {
	p.ExternalID = "u-" + strconv.Itoa(100_000+n)
	if p.Role == model.RoleLead {
		p.ExternalID = fmt.Sprintf("%08x-%04x-4%03x-8%03x-%012x", r.Uint32(), r.IntN(1<<16), r.IntN(1<<12), r.IntN(1<<12), r.Uint64()>>16)
	}
	if p.Role == model.RoleUser || r.IntN(2) == 0 {
		p.Email = strings.ToLower(first) + one(r, ".", "_", "") + strings.ToLower(last) + "." + strconv.FormatInt(int64(n), 36) + "@" + domain(r)
	}
	if r.IntN(5) < 2 {
		p.Phone = fmt.Sprintf("+%d%09d", one(r, 353, 49, 1, 44, 81), r.IntN(1_000_000_000))
	}
}

// The plans of contacts: a custom attribute that most have.
const (
	planFree       = "free"
	planStarter    = "starter"
	planPro        = "pro"
	planEnterprise = "enterprise"
)

func (c crowd) attributes(r *rand.Rand, p *person, n int) {
	if x := r.IntN(100); x < 85 {
		plan := planFree
		switch {
		case x < 3:
			plan = planEnterprise
		case x < 13:
			plan = planPro
		case x < 33:
			plan = planStarter
		}
		p.Attributes["plan"] = plan
	}
	if r.IntN(2) == 0 {
		p.Attributes["seats"] = int64(1 + skewed(r, 500))
	}
	if r.IntN(4) == 0 {
		p.Attributes["trial"] = r.IntN(2) == 0
	}
	switch {
	case c.isRare(n):
		p.Attributes[rareName] = rareValue
	case r.IntN(20) == 0:
		p.Attributes[rareName] = made(uint64(r.IntN(5_000)), 3)
	}
}

// isRare tells the four contacts that share a value.
func (c crowd) isRare(n int) bool {
	step := c.size / 4
	return step > 0 && n%step == step/2 && n/step < 4
}

func (p *person) seen(r *rand.Rand) {
	profile := &p.Profile
	if p.Role == model.RoleUser {
		p.SignedUpAt = p.CreatedAt - int64(r.IntN(3600))
		p.SessionCount = int64(1 + skewed(r, 300))
	}
	if r.IntN(10) < 7 {
		p.LastSeenAt = p.CreatedAt + int64(r.Float64()*float64(ends-p.CreatedAt))
		p.UpdatedAt = p.LastSeenAt
		profile.Browser, profile.OS = one(r, "chrome", "firefox", "safari", "edge"), one(r, "Windows", "OS X", "Linux", "Android", "iOS")
		profile.BrowserLanguage = one(r, "en", "de", "fr", "ja", "pt")
	}
	place := one(r, [3]string{"Ireland", "IRL", "Dublin"}, [3]string{"Germany", "DEU", "Hamburg"}, [3]string{"France", "FRA", "Lyon"},
		[3]string{"Brazil", "BRA", "Recife"}, [3]string{"Japan", "JPN", "Osaka"}, [3]string{"United States", "USA", "Portland"})
	if r.IntN(10) < 8 {
		profile.Country, profile.CountryCode, profile.City = place[0], place[1], place[2]
	}
	p.UnsubscribedFromEmails = r.IntN(25) == 0
	p.HasHardBounced = r.IntN(200) == 0
}

// The tags: a frequent one, a few in between and one on a dozen.
const (
	tagFrequent = "newsletter"
	tagRare     = "advisory board"
)

func (c crowd) belong(r *rand.Rand, p *person, n int) {
	if r.IntN(5) == 0 {
		p.OwnerID = model.AdminID(1 + r.IntN(admins))
	}
	if r.IntN(5) == 0 {
		p.tags = append(p.tags, tagFrequent)
	}
	if r.IntN(20) == 0 {
		p.tags = append(p.tags, fmt.Sprintf("cohort %d", 1+r.IntN(cohorts)))
	}
	if step := max(1, c.size/12); n%step == step/3 {
		p.tags = append(p.tags, tagRare)
	}
	if p.Role == model.RoleUser && r.IntN(10) < 6 {
		p.company = skewed(r, c.companies()) // the first are large
	}
}

const (
	admins  = 12
	teams   = 3
	cohorts = 40
)

// company makes the company of a number from 0.
func (c crowd) company(n int) *model.Company {
	r := c.chance(ofCompany, n)
	at := begins + int64(n)*covers/int64(c.companies())
	size := int64(1 + skewed(r, 900))
	name := title(made(uint64(n), 3))
	return &model.Company{ID: objectID[model.CompanyID](r, at), CompanyID: "c-" + strconv.Itoa(n), Name: name + one(r, "", " Ltd", " GmbH", " & Sons"),
		Size: &size, Website: "https://" + strings.ToLower(name) + ".example", Industry: one(r, "Software", "Retail", "Health", "Logistics"),
		MonthlySpend: int64(skewed(r, 5000)), SessionCount: int64(r.IntN(90)), RemoteCreatedAt: at - 86400, CreatedAt: at, UpdatedAt: at,
		LastRequestAt: at + int64(r.Float64()*float64(ends-at)), Attributes: model.Attributes{"tier": int64(r.IntN(4))}}
}
