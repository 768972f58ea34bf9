package model

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// OfficeHours are when somebody is there, week by week, on the clock of the
// workspace's time zone. Without any, somebody always is.
type OfficeHours struct {
	spans []officeSpan // from Sunday on, apart from each other
	week  int64        // seconds of all of them
}

// An officeSpan is a time of the week when somebody is there, in seconds from
// Sunday, 0:00.
type officeSpan struct{ from, to int64 }

const (
	day  = 24 * 60 * 60
	week = 7 * day

	maxOfficeSpans = 24 // of a day
)

// ParseOfficeHours reads a schedule: by the English name of a day, in small
// letters, times like "09:00-17:00", the last of a day up to 24:00. Times of one
// day must not overlap; their order does not matter.
func ParseOfficeHours(days map[string][]string) (OfficeHours, error) {
	var h OfficeHours
	for _, name := range slices.Sorted(maps.Keys(days)) { // in one order, so that it is always the same mistake that is told
		d, ok := weekday(name)
		if !ok {
			return OfficeHours{}, ParameterInvalid("Office hours are of days, monday to sunday, not of %q", name)
		}
		if len(days[name]) > maxOfficeSpans {
			return OfficeHours{}, ParameterInvalid("Office hours have %d times a day at most", maxOfficeSpans)
		}
		for _, text := range days[name] {
			from, to, ok := parseOfficeSpan(text)
			if !ok {
				return OfficeHours{}, ParameterInvalid("Office hours of a %s are like 09:00-17:00, not %q", name, text)
			}
			h.spans = append(h.spans, officeSpan{int64(d)*day + from, int64(d)*day + to})
		}
	}
	slices.SortFunc(h.spans, func(a, b officeSpan) int { return int(a.from - b.from) })
	for i, span := range h.spans {
		if i > 0 && span.from < h.spans[i-1].to {
			return OfficeHours{}, ParameterInvalid("Office hours of a %s overlap", dayName(time.Weekday(span.from/day)))
		}
		h.week += span.to - span.from
	}
	return h, nil
}

// weekday finds the day of a name.
func weekday(name string) (time.Weekday, bool) {
	for d := time.Sunday; d <= time.Saturday; d++ {
		if dayName(d) == name {
			return d, true
		}
	}
	return 0, false
}

func dayName(d time.Weekday) string { return strings.ToLower(d.String()) }

func parseOfficeSpan(s string) (from, to int64, ok bool) {
	first, last, _ := strings.Cut(s, "-")
	from, began := parseClock(first)
	to, ended := parseClock(last)
	return from, to, began && ended && from < to && to <= day
}

// parseClock reads a time like 09:30 as the seconds from midnight.
func parseClock(s string) (int64, bool) {
	if len(s) != len("09:30") || s[2] != ':' {
		return 0, false
	}
	var n [2]int64
	for i, digits := range []string{s[:2], s[3:]} {
		for _, c := range []byte(digits) {
			if c < '0' || c > '9' {
				return 0, false
			}
			n[i] = n[i]*10 + int64(c-'0')
		}
	}
	return n[0]*3600 + n[1]*60, n[1] < 60
}

// Days is the schedule as ParseOfficeHours reads it, days without times left out.
func (h OfficeHours) Days() map[string][]string {
	days := map[string][]string{}
	for _, span := range h.spans {
		name := dayName(time.Weekday(span.from / day))
		from, to := span.from%day, (span.to-1)%day+1
		days[name] = append(days[name], fmt.Sprintf("%02d:%02d-%02d:%02d", from/3600, from/60%60, to/3600, to/60%60))
	}
	return days
}

// Equal reports whether two schedules say the same in the same words.
func (h OfficeHours) Equal(other OfficeHours) bool { return slices.Equal(h.spans, other.spans) }

// Between is how many seconds, of those from one time to before another, in Unix
// seconds, somebody is there. An hour that the clock of the zone skips is nobody's,
// and one that it shows twice counts twice.
func (h OfficeHours) Between(from, to int64, zone *time.Location) int64 {
	if len(h.spans) == 0 {
		return max(to-from, 0)
	}
	from, to = max(from, minTime), min(to, maxTime)
	var total int64
	for from < to {
		// Until the clock is put forward or back, it runs as time does.
		at := time.Unix(from, 0).In(zone)
		_, offset := at.Zone()
		until := to
		if _, end := at.ZoneBounds(); !end.IsZero() && end.Unix() > from {
			until = min(to, end.Unix())
		}
		total += h.since(until+int64(offset)) - h.since(from+int64(offset))
		from = until
	}
	return total
}

// since is how many seconds somebody is there up to a time on a clock that is never
// put forward or back, in seconds from 1970; from some Sunday long ago, so that only
// differences mean anything.
func (h OfficeHours) since(clock int64) int64 {
	clock += int64(time.Thursday)*day - minTime/week*week + week // the first day of 1970 was a Thursday
	total, rest := clock/week*h.week, clock%week
	for _, span := range h.spans {
		total += max(min(rest, span.to)-span.from, 0)
	}
	return total
}
