package model

// Statistics are times and numbers of a conversation, kept as things happen and
// never counted anew. Times are Unix seconds, 0 for never; durations are seconds.
//
// All but the number of parts begin with the first message of a contact.
type Statistics struct {
	FirstContactReplyAt        int64
	FirstAssignmentAt          int64
	FirstAdminReplyAt          int64
	FirstCloseAt               int64
	LastAssignmentAt           int64
	LastAssignmentAdminReplyAt int64 // the first reply since the last assignment
	LastContactReplyAt         int64
	LastAdminReplyAt           int64
	LastCloseAt                int64
	LastClosedBy               AdminID // 0 where no admin closed it
	TimeToAssignment           Opt[int64]
	TimeToAdminReply           Opt[int64] // in office hours, like those that follow
	TimeToFirstClose           Opt[int64]
	TimeToLastClose            Opt[int64]
	MedianTimeToReply          Opt[int64]
	CountReopens               int64
	CountAssignments           int64
	CountParts                 int64

	UnansweredSince int64 // the first message of a contact since the last reply; 0 for none
}

// Elapsed tells how many seconds of work lie between two times.
type Elapsed func(from, to int64) int64

// contactWrote counts a message of a contact.
func (s *Statistics) contactWrote(at int64) {
	if s.FirstContactReplyAt == 0 {
		s.FirstContactReplyAt = at
	}
	s.LastContactReplyAt = at
	if s.UnansweredSince == 0 {
		s.UnansweredSince = at
	}
}

// adminReplied counts a message of an admin. It returns how long the contact
// waited for it, unless nothing was unanswered.
func (s *Statistics) adminReplied(at int64, elapsed Elapsed) (waited Opt[int64]) {
	s.LastAdminReplyAt = at
	if s.FirstContactReplyAt == 0 {
		return waited
	}
	if s.FirstAdminReplyAt == 0 {
		s.FirstAdminReplyAt = at
		s.TimeToAdminReply = Some(elapsed(s.FirstContactReplyAt, at))
	}
	if s.LastAssignmentAt != 0 && s.LastAssignmentAdminReplyAt == 0 {
		s.LastAssignmentAdminReplyAt = at
	}
	if s.UnansweredSince != 0 {
		waited = Some(elapsed(s.UnansweredSince, at))
		s.UnansweredSince = 0
	}
	return waited
}

// assigned counts an assignment to somebody.
func (s *Statistics) assigned(at int64) {
	if s.FirstContactReplyAt == 0 {
		return
	}
	if s.FirstAssignmentAt == 0 {
		s.FirstAssignmentAt = at
	}
	if s.FirstAdminReplyAt == 0 {
		s.TimeToAssignment = Some(max(0, at-s.FirstContactReplyAt))
	}
	s.LastAssignmentAt, s.LastAssignmentAdminReplyAt = at, 0
	s.CountAssignments++
}

// closed counts a close.
func (s *Statistics) closed(at int64, by Author, elapsed Elapsed) {
	if s.FirstContactReplyAt == 0 {
		return
	}
	took := Some(elapsed(s.FirstContactReplyAt, at))
	if s.FirstCloseAt == 0 {
		s.FirstCloseAt, s.TimeToFirstClose = at, took
	}
	s.LastCloseAt, s.TimeToLastClose, s.LastClosedBy = at, took, by.Admin
}

// reopened counts a closed conversation that is open again.
func (s *Statistics) reopened() {
	if s.FirstContactReplyAt != 0 {
		s.CountReopens++
	}
}
