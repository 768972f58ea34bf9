package model_test

import (
	"regexp"
	"slices"
	"testing"
	"time"

	"parley/internal/model"
)

func TestTimeUUIDsSortByTime(t *testing.T) {
	t.Parallel()
	form := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	at := time.Date(2026, 1, 15, 12, 0, 0, 999_999_000, time.UTC)
	var ids []string
	for _, step := range []time.Duration{0, 500, time.Microsecond, time.Millisecond, time.Second, time.Hour, 24 * 365 * time.Hour} {
		at = at.Add(step)
		id := model.NewTimeUUID(at)
		if !form.MatchString(id) {
			t.Errorf("%q is no UUID of version 7", id)
		}
		ids = append(ids, id)
	}
	ids = ids[1:] // the first two may be of one instant
	if !slices.IsSorted(ids) {
		t.Errorf("not in the order of time: %q", ids)
	}
}
