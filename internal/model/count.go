package model

// Totals are how many there are of each noun in a workspace.
type Totals struct {
	Companies, Users, Leads, Tags, Segments int
}

// A NamedCount is how many belong to something with a name.
type NamedCount struct {
	Name      string
	Count     int
	CompanyID string // of a company: the workspace's own id
}
