package model

import "slices"

func (s *statistics) contactWrote(now int64) {
	if s.firstContact == 0 {
		s.firstContact = now
	}
	if s.lastContact = now; s.unanswered == 0 {
		s.unanswered = now
	}
}

func (s *statistics) adminReplied(now int64) {
	s.lastAdmin = now
	if s.firstContact == 0 {
		return
	}
	if s.firstAdmin == 0 {
		s.firstAdmin, s.toReply = now, now-s.firstContact
	}
	if s.lastAssigned != 0 && s.sinceAssigned == 0 {
		s.sinceAssigned = now
	}
	if s.unanswered != 0 {
		s.replies = append(s.replies, now-s.unanswered)
		s.unanswered = 0
	}
}

func (s *statistics) assigned(now int64) {
	if s.firstContact == 0 {
		return
	}
	if s.firstAssigned == 0 {
		s.firstAssigned = now
	}
	if s.firstAdmin == 0 {
		s.toAssignment = now - s.firstContact
	}
	s.lastAssigned, s.sinceAssigned = now, 0
	s.assignments++
}

func (s *statistics) closed(now int64, by string) {
	if s.firstContact == 0 {
		return
	}
	if s.firstClose == 0 {
		s.firstClose, s.toFirstClose = now, now-s.firstContact
	}
	s.lastClose, s.toLastClose, s.closedBy = now, now-s.firstContact, by
}

func (s *statistics) reopened() {
	if s.firstContact != 0 {
		s.reopens++
	}
}

// shown are the statistics of a conversation with so many parts; null until a contact has written.
func (s *statistics) shown(parts int) any {
	if s.firstContact == 0 {
		return nil
	}
	var median any
	if n := len(s.replies); n > 0 {
		sorted := slices.Sorted(slices.Values(s.replies))
		median = (sorted[(n-1)/2] + sorted[n/2]) / 2
	}
	return object{"type": "conversation_statistics", "count_conversation_parts": parts, "count_reopens": s.reopens, "count_assignments": s.assignments,
		"first_contact_reply_at": null(s.firstContact), "last_contact_reply_at": null(s.lastContact), "first_admin_reply_at": null(s.firstAdmin),
		"last_admin_reply_at": null(s.lastAdmin), "first_assignment_at": null(s.firstAssigned), "last_assignment_at": null(s.lastAssigned),
		"last_assignment_admin_reply_at": null(s.sinceAssigned), "first_close_at": null(s.firstClose), "last_close_at": null(s.lastClose),
		"last_closed_by_id": null(s.closedBy), "time_to_assignment": s.toAssignment, "time_to_admin_reply": s.toReply,
		"time_to_first_close": s.toFirstClose, "time_to_last_close": s.toLastClose, "median_time_to_reply": median}
}
