package seed

import (
	"strconv"
	"time"

	"parley/internal/lazy"
)

// A Time is a moment: "2026-03-01T09:00:00Z", "2026-03-01", Unix seconds, or a
// distance from now: "-3d", "-2h30m", "+1w", "now". The zero Time is unset.
type Time struct {
	given    bool
	distance bool
	seconds  int64 // since 1970, or from now
}

var (
	distance = lazy.Regexp(`^[+-](\d{1,9}[smhdw])+$`)
	part     = lazy.Regexp(`\d+[smhdw]`)
	units    = map[byte]int64{'s': 1, 'm': 60, 'h': 3600, 'd': 86400, 'w': 7 * 86400}
)

// UnmarshalYAML reads a time as a seed spells it.
func (t *Time) UnmarshalYAML(unmarshal func(any) error) error {
	var v any
	if err := unmarshal(&v); err != nil {
		return err
	}
	var err error
	*t, err = parseTime(v)
	return err
}

func parseTime(v any) (Time, error) {
	switch v := v.(type) {
	case nil:
		return Time{}, nil
	case uint64:
		return Time{given: true, seconds: int64(v)}, nil
	case string:
		if v == "now" {
			return Time{given: true, distance: true}, nil
		}
		if distance().MatchString(v) {
			t := Time{given: true, distance: true}
			for _, p := range part().FindAllString(v, -1) {
				n, _ := strconv.ParseInt(p[:len(p)-1], 10, 64) // nine digits at most
				t.seconds += n * units[p[len(p)-1]]
			}
			if v[0] == '-' {
				t.seconds = -t.seconds
			}
			return t, nil
		}
		for _, layout := range []string{time.RFC3339, time.DateOnly} {
			if at, err := time.Parse(layout, v); err == nil {
				return Time{given: true, seconds: at.Unix()}, nil
			}
		}
	}
	return Time{}, faultf("%v is no time: write 2026-03-01T09:00:00Z, 2026-03-01, Unix seconds, or a distance from now as -3d, -2h30m or +1w", v)
}

// unix is the moment in Unix seconds, or 0 if it is unset.
func (t Time) unix(now int64) int64 {
	if t.distance {
		return now + t.seconds
	}
	return t.seconds
}
