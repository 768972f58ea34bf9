package wire

import "parley/internal/model"

// A Note is what an admin wrote down about a contact.
type Note struct {
	Type      string    `json:"type" enum:"note"`
	ID        string    `json:"id"`
	CreatedAt int64     `json:"created_at"`
	Contact   Reference `json:"contact"`
	Author    Author    `json:"author"`
	Body      string    `json:"body" doc:"HTML that is safe to show."`
}

// An Author is the admin who wrote a note or sent a message: less of one than
// /admins shows.
type Author struct {
	Type             string `json:"type" enum:"admin"`
	ID               string `json:"id"`
	Name             string `json:"name"`
	Email            string `json:"email"`
	AwayModeEnabled  bool   `json:"away_mode_enabled"`
	AwayModeReassign bool   `json:"away_mode_reassign"`
}

// FromNote translates a note.
func FromNote(n *model.Note) Note {
	return Note{"note", n.ID.String(), n.CreatedAt, Reference{"contact", string(n.Contact)}, newAuthor(n.Author), n.Body}
}

func newAuthor(a *model.Admin) Author {
	return Author{"admin", a.ID.String(), a.Name, a.Email, a.AwayModeEnabled, a.AwayModeReassign}
}

// A NoteRequest is a new note. Its contact is the one in the path.
type NoteRequest struct {
	Body    Opt[Text] `json:"body" doc:"Plain text or HTML."`
	AdminID Opt[Text] `json:"admin_id,omitzero" doc:"The author; without one it is the token's admin."`
}

// Author is the admin that the request names.
func (r NoteRequest) Author() model.Opt[model.AdminID] {
	return convert(r.AdminID, func(t Text) model.AdminID { return model.Decimal[model.AdminID](string(t)) })
}
