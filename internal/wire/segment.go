package wire

import "parley/internal/model"

// A Segment as the API shows it. The person type "contact" means leads; that of a
// segment of companies is "user", since the API has no third word for it.
type Segment struct {
	Type       string `json:"type" enum:"segment"`
	ID         string `json:"id"`
	Name       string `json:"name"`
	CreatedAt  int64  `json:"created_at"`
	UpdatedAt  int64  `json:"updated_at"`
	PersonType string `json:"person_type" enum:"user,contact"`
	Count      *int   `json:"count,omitzero" doc:"How many are in the segment, where include_count asks for it."`
}

// FromSegment translates a segment.
func FromSegment(g *model.Segment) Segment {
	personType := g.PersonType
	if personType == model.PersonCompany {
		personType = model.PersonUser
	}
	return Segment{Type: "segment", ID: string(g.ID), Name: g.Name, CreatedAt: g.CreatedAt, UpdatedAt: g.UpdatedAt,
		PersonType: string(personType)}
}

// FromCountedSegment translates a segment whose members were counted.
func FromCountedSegment(g *model.Segment) Segment {
	out := FromSegment(g)
	out.Count = &g.Count
	return out
}

// Segments are all segments of contacts, or all of companies.
type Segments struct {
	Type     string    `json:"type" enum:"segment.list"`
	Segments []Segment `json:"segments"`
}

// NewSegments makes the list of them.
func NewSegments(segments []*model.Segment, from func(*model.Segment) Segment) Segments {
	return Segments{"segment.list", each(segments, from)}
}
