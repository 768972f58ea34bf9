package model

import "strings"

// A Note is what an admin wrote down about a contact. It is never changed.
type Note struct {
	ID        NoteID
	Contact   ContactID
	Author    *Admin
	Body      string // HTML that is safe to show
	CreatedAt int64
}

// ValidateNote checks the text of a note as it was written.
func ValidateNote(body string) error {
	if strings.TrimSpace(body) == "" {
		return NoteNeedsBody()
	}
	return ValidateText("Body", body, MaxBody)
}

// NoteNeedsBody is the answer to a note without a text.
func NoteNeedsBody() *Error { return ParameterNotFound("Body is required") }
