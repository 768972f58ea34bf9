package model

// An Actor is who asks: a workspace, and the admin whose token, cookie or
// command it was. Doors authenticate and hand one down; rules authorise by it.
type Actor struct {
	Workspace *Workspace
	Admin     AdminID
	IP        string   // of the caller, for the activity log; empty for a command
	App       string   // whose requests are counted together: an app's id, or the short name of a token made by hand
	ByHand    bool     // the token was made by hand and may do everything
	Scopes    []string // of the app that the token was made for
}
