package rate

import "time"

// How a process shares a limit with others.
const (
	// part is the fraction of a limit that is asked for first.
	part = 64
	// generous is a limit of which a process may keep that fraction, far from the
	// limit's end, although it does not use it.
	generous = 10_000
	// lifetime is how long anything else may lie unused before it is given back.
	lifetime = 500 * time.Millisecond
	// pause is how long a limit that is spent is believed to be: others may give
	// something back.
	pause = 250 * time.Millisecond
	// retry is how long a counter that has failed is left alone.
	retry = time.Second
	// most is the largest limit there is; with it no sum of two overflows.
	most = 1 << 53
)

// A share is what one process has of one limit in one window: it holds blocks that
// a counter has granted and takes one from them for each request. All of it is
// arithmetic; the counter is asked by others.
//
// A counter that has granted g of a limit L has granted used + held + back of it to
// this process and the rest to others, so that nobody goes beyond L as long as
// each uses what it holds. debt is the exception: what was used while the counter
// did not answer. It is asked for with the next block.
type share struct {
	limit int64
	alone bool // nobody else has a share: everything is debt, and never asked for

	seen int64 // granted to all, as the counter last told
	held int64 // granted to this process, and not used
	back int64 // granted to it, and to be given back
	debt int64 // used without having been granted

	block int64     // to ask for next
	since time.Time // when held was granted
	used  int64     // of it

	spent  time.Time // until then the counter has nothing left
	broken time.Time // until then it is not asked
	late   bool      // it has been asked, and has not answered in time
	asked  bool      // it has been asked before
}

// A verdict is what becomes of a request.
type verdict int

const (
	refused verdict = iota
	admitted
	unknown // until the counter has been asked
)

// take lets a request in, or not, if that can be told.
func (s *share) take(now time.Time) verdict {
	switch {
	case s.held > 0:
		s.held--
		s.used++
		return admitted
	case s.unanswered(now):
		return s.overdraw()
	case now.Before(s.spent):
		return refused
	}
	return unknown
}

// overdraw lets a request in without a grant, as far as is known to be left.
func (s *share) overdraw() verdict {
	if s.left() == 0 {
		return refused
	}
	s.debt++
	return admitted
}

// refuses reports whether it is known that nothing is left.
func (s *share) refuses(now time.Time) bool {
	switch {
	case s.held > 0:
		return false
	case s.unanswered(now):
		return s.left() == 0
	}
	return now.Before(s.spent)
}

// unanswered reports whether the counter is not to be waited for.
func (s *share) unanswered(now time.Time) bool {
	return s.alone || s.late || now.Before(s.broken)
}

// undo takes a request back that was let in. Another limit is spent, so that what
// lies here may be of more use elsewhere.
func (s *share) undo() {
	if s.debt > 0 {
		s.debt--
	} else {
		s.held++
		s.used--
		s.since = time.Time{}
	}
}

// left is how much of the limit is left for all, as far as is known.
func (s *share) left() int64 { return max(0, s.limit-s.seen+s.held+s.back-s.debt) }

// setLimit changes the limit. What was granted under another goes back: there may
// be less of it now.
func (s *share) setLimit(limit int64) {
	if s.limit == limit {
		return
	}
	s.limit, s.block = limit, first(limit)
	s.back, s.held = s.back+s.held, 0
	s.spent, s.since = time.Time{}, time.Time{}
}

// first is the size of the first block, and of a small one of a generous limit.
func first(limit int64) int64 { return max(1, limit/part) }

// ask is the next question to the counter, for at least as many as are waiting.
// Blocks that are used up before they are old double; towards the end they are a
// quarter of what is left, so that it is shared, one by one in the end.
func (s *share) ask(now time.Time, waiting int64) Ask {
	if !s.since.IsZero() && now.Sub(s.since) < lifetime {
		s.block = min(2*s.block, s.limit)
	}
	want := min(s.block, max(1, (s.limit-s.seen)/4))
	want = min(max(want, waiting), s.limit) + s.debt
	return s.question(want)
}

func (s *share) question(want int64) Ask {
	a := Ask{Limit: s.limit, Back: s.back, Want: want, First: !s.asked}
	s.back, s.asked = 0, true
	return a
}

// granted is the counter's answer.
func (s *share) granted(now time.Time, a Ask, g Grant) {
	s.late, s.broken = false, time.Time{}
	s.seen = g.Taken
	if a.Limit != s.limit {
		s.back += g.Got
		return
	}
	paid := min(g.Got, s.debt)
	s.debt -= paid
	s.held += g.Got - paid
	if a.Want > 0 {
		s.since, s.used = now, 0
	}
	if g.Got < a.Want {
		s.spent = now.Add(pause)
	}
}

// failed says that the counter did not answer. What it was told to take back it may
// have taken back or not; it is not told again.
func (s *share) failed(now time.Time) {
	s.late, s.broken = false, now.Add(retry)
}

// old reports whether something lies here that others may want.
func (s *share) old(now time.Time) bool {
	return s.held > s.spare() && now.Sub(s.since) >= lifetime
}

// spare is how much may lie here unused for as long as the window lasts.
func (s *share) spare() int64 {
	if s.limit < generous || s.left() <= s.limit/4 {
		return 0
	}
	return first(s.limit)
}

// giveBack gives back what lies here. The next block is what was used of this one.
func (s *share) giveBack() Ask {
	s.block = max(1, s.used)
	if s.limit >= generous {
		s.block = max(s.block, first(s.limit))
	}
	s.back, s.held = s.back+s.held, 0
	s.since, s.used = time.Time{}, 0
	return s.question(0)
}
