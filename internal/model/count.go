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

// ConversationTotals are how many conversations there are: by whether they are
// closed, and by whether those that are not have an admin.
type ConversationTotals struct {
	Assigned, Unassigned, Closed, Open int
}

// AdminTotals are how many conversations an admin has.
type AdminTotals struct {
	Admin        AdminID
	Name         string
	Open, Closed int
}
