package wire

// An ErrorList is the answer to every failure. RequestID equals the answer's
// X-Request-Id header.
type ErrorList struct {
	Type      string      `json:"type" enum:"error.list"`
	RequestID string      `json:"request_id"`
	Errors    []ErrorItem `json:"errors"`
}

// An ErrorItem is one failure.
type ErrorItem struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// NewError makes the answer to one failure.
func NewError(requestID, code, message string) ErrorList {
	return ErrorList{"error.list", requestID, []ErrorItem{{code, message}}}
}
