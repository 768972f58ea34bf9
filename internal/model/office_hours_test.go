package model_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // a bare machine knows no time zones

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"parley/internal/model"
)

func TestParseOfficeHours(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name       string
		days, want map[string][]string
		refused    string
	}{
		{"none", nil, map[string][]string{}, ""},
		{"days without times", map[string][]string{"monday": {}, "sunday": nil}, map[string][]string{}, ""},
		{"in order", map[string][]string{"friday": {"13:00-17:30", "09:05-13:00"}, "sunday": {"00:00-24:00"}},
			map[string][]string{"friday": {"09:05-13:00", "13:00-17:30"}, "sunday": {"00:00-24:00"}}, ""},
		{"until midnight and on", map[string][]string{"saturday": {"22:00-24:00"}, "sunday": {"00:00-02:00"}},
			map[string][]string{"saturday": {"22:00-24:00"}, "sunday": {"00:00-02:00"}}, ""},
		{"no day", map[string][]string{"Monday": {"09:00-17:00"}}, nil, `Office hours are of days, monday to sunday, not of "Monday"`},
		{"overlap", map[string][]string{"monday": {"09:00-17:00", "16:59-18:00"}}, nil, "Office hours of a monday overlap"},
		{"twice", map[string][]string{"monday": {"09:00-17:00", "09:00-17:00"}}, nil, "Office hours of a monday overlap"},
		{"too many", map[string][]string{"monday": make([]string, 25)}, nil, "Office hours have 24 times a day at most"},
		{"backwards", map[string][]string{"monday": {"17:00-09:00"}}, nil, `Office hours of a monday are like 09:00-17:00, not "17:00-09:00"`},
		{"no time at all", map[string][]string{"monday": {"09:00-09:00"}}, nil, `Office hours of a monday are like 09:00-17:00, not "09:00-09:00"`},
		{"past midnight", map[string][]string{"monday": {"09:00-24:01"}}, nil, `Office hours of a monday are like 09:00-17:00, not "09:00-24:01"`},
		{"from midnight on", map[string][]string{"monday": {"24:00-25:00"}}, nil, `Office hours of a monday are like 09:00-17:00, not "24:00-25:00"`},
		{"60 minutes", map[string][]string{"monday": {"09:60-17:00"}}, nil, `Office hours of a monday are like 09:00-17:00, not "09:60-17:00"`},
		{"short", map[string][]string{"monday": {"9:00-17:00"}}, nil, `Office hours of a monday are like 09:00-17:00, not "9:00-17:00"`},
		{"a sign", map[string][]string{"monday": {"+9:00-17:00"}}, nil, `Office hours of a monday are like 09:00-17:00, not "+9:00-17:00"`},
		{"one time", map[string][]string{"monday": {"09:00"}}, nil, `Office hours of a monday are like 09:00-17:00, not "09:00"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h, err := model.ParseOfficeHours(c.days)
			if c.refused != "" {
				if err == nil || err.Error() != "parameter_invalid: "+c.refused {
					t.Errorf("got the error %v, want %s", err, c.refused)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, h.Days()); diff != "" {
				t.Error(diff)
			}
			if again, err := model.ParseOfficeHours(h.Days()); err != nil || !again.Equal(h) {
				t.Errorf("%v is read as %v, %v", h.Days(), again.Days(), err)
			}
		})
	}
}

func TestOfficeHoursBetween(t *testing.T) {
	t.Parallel()
	office := map[string][]string{"monday": {"09:00-17:00"}, "tuesday": {"09:00-17:00"}, "friday": {"09:00-12:00", "13:00-17:00"}}
	night := map[string][]string{"sunday": {"00:00-24:00"}}
	for _, c := range []struct {
		name     string
		days     map[string][]string
		zone     string
		from, to string // on the clock of the zone
		want     time.Duration
	}{
		{"no schedule", nil, "Europe/Berlin", "2026-01-15 00:00:00", "2026-01-16 00:00:01", 24*time.Hour + time.Second},
		{"within", office, "Europe/Berlin", "2026-01-12 09:30:00", "2026-01-12 10:00:30", 30*time.Minute + 30*time.Second},
		{"from before until after", office, "Europe/Berlin", "2026-01-12 08:00:00", "2026-01-12 19:00:00", 8 * time.Hour},
		{"over night", office, "Europe/Berlin", "2026-01-12 16:00:00", "2026-01-13 10:00:00", 2 * time.Hour},
		{"over a break", office, "Europe/Berlin", "2026-01-16 11:59:59", "2026-01-16 13:00:01", 2 * time.Second},
		{"over days off", office, "Europe/Berlin", "2026-01-13 17:00:00", "2026-01-16 09:00:00", 0},
		{"a week", office, "Europe/Berlin", "2026-01-12 00:00:00", "2026-01-19 00:00:00", 23 * time.Hour},
		{"a week that begins in the middle", office, "Europe/Berlin", "2026-01-13 12:00:00", "2026-01-20 12:00:00", 23 * time.Hour},
		{"a year of weeks", office, "Asia/Tokyo", "2026-01-12 00:00:00", "2027-01-11 00:00:00", 52 * 23 * time.Hour},
		{"nothing", office, "Europe/Berlin", "2026-01-12 10:00:00", "2026-01-12 10:00:00", 0},
		{"backwards", office, "Europe/Berlin", "2026-01-12 11:00:00", "2026-01-12 10:00:00", 0},
		{"backwards without a schedule", nil, "Europe/Berlin", "2026-01-12 11:00:00", "2026-01-12 10:00:00", 0},
		{"long ago", office, "Europe/Berlin", "1820-01-03 00:00:00", "1820-01-10 00:00:00", 23 * time.Hour},
		{"a clock put forward", night, "Europe/Berlin", "2026-03-28 00:00:00", "2026-03-31 00:00:00", 23 * time.Hour},
		{"a clock put back", night, "Europe/Berlin", "2026-10-24 00:00:00", "2026-10-27 00:00:00", 25 * time.Hour},
		{"half an hour back", night, "Australia/Lord_Howe", "2026-04-04 00:00:00", "2026-04-07 00:00:00", 24*time.Hour + 30*time.Minute},
		{"a clock put forward outside the hours", office, "Europe/Berlin", "2026-03-28 00:00:00", "2026-03-31 00:00:00", 8 * time.Hour},
		{"a day that was left out", map[string][]string{"friday": {"09:00-17:00"}}, "Pacific/Apia", "2011-12-29 00:00:00", "2012-01-02 00:00:00", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h, err := model.ParseOfficeHours(c.days)
			if err != nil {
				t.Fatal(err)
			}
			zone := location(t, c.zone)
			at := func(clock string) int64 {
				at, err := time.ParseInLocation(time.DateTime, clock, zone)
				if err != nil {
					t.Fatal(err)
				}
				return at.Unix()
			}
			if got := time.Duration(h.Between(at(c.from), at(c.to), zone)) * time.Second; got != c.want {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

// TestOfficeHoursAsTheClockShows holds the count of seconds against asking the clock
// of the zone at each step of the time.
func TestOfficeHoursAsTheClockShows(t *testing.T) {
	t.Parallel()
	zones := []string{"UTC", "Europe/Berlin", "America/New_York", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu",
		"Africa/Casablanca", "Pacific/Apia", "Pacific/Chatham", "America/Sao_Paulo", "Antarctica/Troll", "Asia/Tehran", "Africa/Cairo"}
	for _, steps := range []struct {
		name  string
		step  int64
		most  int
		round int64 // of the ends
	}{{"minutes", 60, 30 * 24 * 60, 60}, {"seconds", 1, 4 * 60 * 60, 1}} {
		t.Run(steps.name, func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(t *rapid.T) {
				days, open := drawWeek(t)
				h, err := model.ParseOfficeHours(days)
				if err != nil {
					t.Fatal(err)
				}
				zone := location(t, rapid.SampledFrom(zones).Draw(t, "zone"))
				from := rapid.Int64Range(80_000_000, 2_500_000_000).Draw(t, "from") // before 1972, offsets have seconds
				if rapid.Bool().Draw(t, "near a turn of the clock") {
					if _, turn := time.Unix(from, 0).In(zone).ZoneBounds(); !turn.IsZero() {
						from = turn.Unix() - rapid.Int64Range(0, 2*60*60).Draw(t, "before it")
					}
				}
				from = from / steps.round * steps.round
				to := from + steps.step*int64(rapid.IntRange(0, steps.most).Draw(t, "steps"))
				var want int64
				for at := from; at < to; at += steps.step {
					clock := time.Unix(at, 0).In(zone)
					if len(days) == 0 || open[clock.Weekday()][clock.Hour()*60+clock.Minute()] {
						want += steps.step
					}
				}
				if got := h.Between(from, to, zone); got != want {
					t.Fatalf("%v: from %v to %v in %v somebody is there for %d s, and by the clock for %d s", days,
						time.Unix(from, 0).In(zone), time.Unix(to, 0).In(zone), zone, got, want)
				}
			})
		})
	}
}

// drawWeek makes a schedule, and of each minute of each day whether it is in it.
func drawWeek(t *rapid.T) (map[string][]string, map[time.Weekday]*[24 * 60]bool) {
	days, open := map[string][]string{}, map[time.Weekday]*[24 * 60]bool{}
	for d := time.Sunday; d <= time.Saturday; d++ {
		open[d] = new([24 * 60]bool)
		from := 0
		for range rapid.IntRange(0, 3).Draw(t, "times") {
			if from == 24*60 {
				break
			}
			from = rapid.IntRange(from, 24*60-1).Draw(t, "from")
			to := rapid.IntRange(from+1, 24*60).Draw(t, "to")
			name := strings.ToLower(d.String())
			days[name] = append(days[name], fmt.Sprintf("%02d:%02d-%02d:%02d", from/60, from%60, to/60, to%60))
			for ; from < to; from++ {
				open[d][from] = true
			}
		}
	}
	return days, open
}

func location(t interface{ Fatal(...any) }, name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func BenchmarkOfficeHoursOfTenYears(b *testing.B) {
	h, err := model.ParseOfficeHours(map[string][]string{"monday": {"09:00-12:00", "13:00-17:00"}, "friday": {"09:00-17:00"}})
	if err != nil {
		b.Fatal(err)
	}
	zone := location(b, "Europe/Berlin")
	from, to := time.Date(2026, 1, 1, 0, 0, 0, 0, zone).Unix(), time.Date(2036, 1, 1, 0, 0, 0, 0, zone).Unix()
	for b.Loop() {
		h.Between(from, to, zone)
	}
}
