package model

import (
	"errors"
	"fmt"
)

// A Kind says what went wrong in terms a caller can act on. The door maps it to
// a status.
type Kind int

const (
	Invalid       Kind = iota + 1 // the request is malformed or breaks a rule
	Unauthorized                  // the credentials are missing or wrong
	Forbidden                     // the credentials do not allow it
	NotFound                      // what the request names does not exist
	NotAcceptable                 // the caller accepts no form that can be sent
	Conflict                      // it collides with something that exists
	TooLarge                      // the body is over the limit
	Unsupported                   // the body is in a form that is not read
	Unprocessable                 // well-formed, but not possible now
	RateLimited                   // too many requests in this window
	Unavailable                   // the server cannot answer at the moment
)

// An Error is what a caller may learn of a failure. Any other error is internal:
// it is logged and the caller learns only that something failed.
type Error struct {
	Kind    Kind
	Code    string // of the API's vocabulary: "not_found", "parameter_invalid"…
	Message string // for a person
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }

// AsError finds the *Error in err's chain, if there is one.
func AsError(err error) (*Error, bool) {
	var e *Error
	ok := errors.As(err, &e)
	return e, ok
}

// ParameterInvalid is the API's answer to a value that cannot be accepted.
func ParameterInvalid(format string, args ...any) *Error {
	return &Error{Invalid, "parameter_invalid", fmt.Sprintf(format, args...)}
}

// ParameterNotFound is the API's answer to a required value that is missing.
func ParameterNotFound(format string, args ...any) *Error {
	return &Error{Invalid, "parameter_not_found", fmt.Sprintf(format, args...)}
}

// ResourceNotFound is the API's answer where it has no more precise word.
func ResourceNotFound() *Error { return &Error{NotFound, "not_found", "Resource Not Found"} }

// UserNotFound is the answer to an unknown contact on /contacts/{id} and below.
func UserNotFound() *Error { return &Error{NotFound, "not_found", "User Not Found"} }

// ContactNotFound is the answer to an unknown contact in merge, archive and
// unarchive, where the live API uses other words than elsewhere.
func ContactNotFound() *Error { return &Error{NotFound, "not_found", "Contact Not Found"} }

// VisitorNotFound is the answer to an unknown visitor.
func VisitorNotFound() *Error { return &Error{NotFound, "not_found", "Visitor Not Found"} }

// CompanyNotFound is the answer to an unknown company, wherever it is named.
func CompanyNotFound() *Error { return &Error{NotFound, "company_not_found", "Company Not Found"} }
