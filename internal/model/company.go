package model

import (
	"math"
	"strings"
)

// A Company is an organisation that contacts belong to.
type Company struct {
	ID              CompanyID
	CompanyID       string // the workspace's own id for it; never changes
	Name            string
	Plan            Plan   // the zero Plan where it is on none
	Size            *int64 // people who work there; nil where that is not known
	Website         string
	Industry        string
	MonthlySpend    int64
	SessionCount    int64
	RemoteCreatedAt int64 // when the workspace first had it; never 0
	CreatedAt       int64
	UpdatedAt       int64
	LastRequestAt   int64
	Attributes      Attributes

	UserCount int64      // as loaded: contacts that are attached, archived ones too
	Tags      []*Tag     // as loaded
	Segments  []*Segment // as loaded
}

// A Plan is what a company pays for, by the name the workspace has for it.
type Plan struct {
	ID   PlanID
	Name string
}

// MaxCompanyNumber is the largest size and the largest monthly spend.
const MaxCompanyNumber = math.MaxInt32

// MaxContactCompanies is how many companies a contact can belong to.
const MaxContactCompanies = 1000

// A CompanyPatch says what to change. A new company is a patch of an empty one.
type CompanyPatch struct {
	CompanyID       Opt[string] // of a new company; an existing one keeps what it has
	Name            Opt[string]
	Plan            Opt[string] // a plan's name, or none
	Size            Opt[int64]
	Website         Opt[string]
	Industry        Opt[string]
	MonthlySpend    Opt[float64] // the fraction is dropped
	RemoteCreatedAt Opt[int64]
	Attributes      Attributes // nil values clear

	// What only a seed or an import may set.
	ID            Opt[CompanyID] // of a new company
	CreatedAt     Opt[int64]     // of a new company
	LastRequestAt Opt[int64]
	SessionCount  Opt[int64]
}

// Identity is which company the patch is for: its company_id or, where it has
// none, its name. Both are empty where it does not say.
func (p CompanyPatch) Identity() (companyID, name string) {
	switch {
	case !isBlank(p.CompanyID.Value):
		return p.CompanyID.Value, ""
	case !isBlank(p.Name.Value):
		return "", p.Name.Value
	default:
		return "", ""
	}
}

// NewCompany makes a company of a patch. Its plan is not set: that takes the
// workspace's plans.
func NewCompany(id CompanyID, p CompanyPatch, now int64) (*Company, error) {
	c := &Company{ID: id, CreatedAt: now, Attributes: Attributes{}}
	if err := ValidateText("Company ID", p.CompanyID.Value, MaxText); err != nil {
		return nil, err
	}
	c.CompanyID, _ = p.Identity()
	p.ID.Apply(&c.ID)
	p.CreatedAt.Apply(&c.CreatedAt)
	if err := c.apply(p); err != nil {
		return nil, err
	}
	c.UpdatedAt = c.CreatedAt
	return c, nil
}

// Update applies a patch, all but the plan and the company id.
func (c *Company) Update(p CompanyPatch, now int64) error {
	if err := c.apply(p); err != nil {
		return err
	}
	c.UpdatedAt = now
	return nil
}

func (c *Company) apply(p CompanyPatch) error {
	err := applyTexts(
		textPatch{"Name", p.Name, MaxText, &c.Name},
		textPatch{"Website", p.Website, MaxURL, &c.Website},
		textPatch{"Industry", p.Industry, MaxText, &c.Industry},
	)
	if err != nil {
		return err
	}
	if c.CompanyID == "" && isBlank(c.Name) {
		return CompanyNotNamed()
	}
	if p.Size.Set {
		if p.Size.Value < 0 || p.Size.Value > MaxCompanyNumber {
			return ParameterInvalid("Size must be between 0 and %d", MaxCompanyNumber)
		}
		c.Size = nil
		if p.Size.Has() {
			c.Size = &p.Size.Value
		}
	}
	if p.MonthlySpend.Set {
		spend := math.Trunc(p.MonthlySpend.Value)
		if p.MonthlySpend.Value < 0 || spend > MaxCompanyNumber {
			return ParameterInvalid("Monthly Spend must be between 0 and %d", MaxCompanyNumber)
		}
		c.MonthlySpend = int64(spend)
	}
	p.RemoteCreatedAt.Apply(&c.RemoteCreatedAt)
	if c.RemoteCreatedAt == 0 {
		c.RemoteCreatedAt = c.CreatedAt
	}
	p.LastRequestAt.Apply(&c.LastRequestAt)
	p.SessionCount.Apply(&c.SessionCount)
	c.Attributes.Merge(p.Attributes)
	return nil
}

func isBlank(s string) bool { return strings.TrimSpace(s) == "" }

// PlanName is a plan's name as it is kept.
func PlanName(s string) (string, error) {
	s = strings.TrimSpace(s)
	return s, ValidateText("Plan", s, MaxText)
}

// CompanyNotNamed is the answer to a company that has neither a company_id nor a
// name.
func CompanyNotNamed() *Error { return ParameterNotFound("A company needs a company_id or a name") }

// CompanyNotSpecified is the answer to attaching a contact to no company.
func CompanyNotSpecified() *Error { return ParameterNotFound("company not specified") }

// ContactCompanyLimitExceeded is the answer to one company too many.
func ContactCompanyLimitExceeded() *Error {
	return &Error{Invalid, "contact_company_limit_exceeded",
		"Contact has reached the maximum of 1000 company associations"}
}

// A CompanyListing says which companies to list: those with a tag, those in a
// segment, those for which both is true, or all.
type CompanyListing struct {
	Tag     Opt[TagID]
	Segment Opt[SegmentID]
}

// IsAll reports whether all companies are listed.
func (l CompanyListing) IsAll() bool { return !l.Tag.Set && !l.Segment.Set }

// Filter is what a company of the list matches, unless all are listed.
func (l CompanyListing) Filter() *Filter {
	f := &Filter{Operator: And}
	if l.Tag.Set {
		f.Filters = append(f.Filters, Filter{Operator: Equal, Field: "tag_id", Value: l.Tag.Value.String()})
	}
	if l.Segment.Set {
		f.Filters = append(f.Filters, Filter{Operator: Equal, Field: "segment_id", Value: string(l.Segment.Value)})
	}
	return f
}

// ListedCompanies is how many companies the list of all has at most. A scroll
// has no such bound.
const ListedCompanies = 10_000

// A CompanyScroll is a walk over all the companies that a workspace has when it
// begins. A workspace has one at a time.
type CompanyScroll struct {
	Param     string
	After     CompanyID // the last company given out
	UpTo      CompanyID // the last company there was when the walk began
	ExpiresAt int64     // from then on it is as if it had never been
}

// A scroll gives out ScrollPage companies at a time and is forgotten ScrollLife
// seconds after its last use.
const (
	ScrollPage = 100
	ScrollLife = 60
)

// NewCompanyScroll begins a walk that ends with the company upTo.
func NewCompanyScroll(upTo CompanyID, now int64) *CompanyScroll {
	return &CompanyScroll{Param: NewUUID(), UpTo: upTo, ExpiresAt: now + ScrollLife}
}

// Advance moves the walk behind a company and gives it another while to live.
func (s *CompanyScroll) Advance(to CompanyID, now int64) {
	s.After, s.ExpiresAt = to, now+ScrollLife
}

// ScrollExists is the answer to beginning a second scroll.
func ScrollExists() *Error {
	return &Error{Invalid, "scroll_exists", "scroll already exists for this workspace"}
}

// ScrollNotFound is the answer to a scroll that has ended, or never was.
func ScrollNotFound() *Error { return &Error{NotFound, "not_found", "scroll parameter not found"} }
