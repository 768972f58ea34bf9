package wire

import "parley/internal/model"

// An ActivityLog is what an admin did to the workspace.
type ActivityLog struct {
	ID                  string         `json:"id"`
	PerformedBy         Performer      `json:"performed_by"`
	Metadata            map[string]any `json:"metadata"`
	CreatedAt           int64          `json:"created_at"`
	ActivityType        string         `json:"activity_type"`
	ActivityDescription string         `json:"activity_description"`
}

// A Performer is the admin who did it, as called then, and from where.
type Performer struct {
	Type  string `json:"type" enum:"admin"`
	ID    string `json:"id"`
	Email string `json:"email"`
	IP    string `json:"ip" doc:"Empty for a command typed on the server."`
}

// An ActivityLogList is a page of the activity log.
type ActivityLogList struct {
	Type         string        `json:"type" enum:"activity_log.list"`
	Pages        LinkPages     `json:"pages"`
	ActivityLogs []ActivityLog `json:"activity_logs"`
}

// NewActivityLogList makes a page of the log; next is the next page's URL, or
// empty.
func NewActivityLogList(p *model.Page[*model.Activity], next string) ActivityLogList {
	return ActivityLogList{"activity_log.list", NewLinkPages(p, next), each(p.Items, func(a *model.Activity) ActivityLog {
		return ActivityLog{a.ID, Performer{"admin", a.Admin.String(), a.Email, a.IP}, a.Metadata, a.CreatedAt,
			string(a.Type), a.Description}
	})}
}
