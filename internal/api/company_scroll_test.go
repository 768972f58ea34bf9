package api_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"parley/internal/apptest"
	"parley/internal/model"
)

func TestCompanyScroll(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		_, _, stranger := r.NewWorkspace(t)
		before := bulkCompanies(t, r, 100)
		r.Clock.Pass(time.Second)
		// Nobody belongs to it: a scroll shows it all the same, as the 101st.
		last := r.Post(t, "/companies", `{"company_id":"last"}`).OK().ID()

		first := r.Get(t, "/companies/scroll").OK()
		holds(t, first, nil, object{"type": "list", "pages": nil, "total_count": nil})
		if got := ids(t, first); len(got) != 100 || !slices.Equal(got, before) {
			t.Fatalf("the first page has %d companies", len(got))
		}
		param := first.At("scroll_param").(string)
		if len(param) != 36 {
			t.Errorf("the scroll_param is %q", param)
		}
		for name, path := range map[string]string{"a second first call": "/companies/scroll", "an empty param is none": "/companies/scroll?scroll_param="} {
			t.Run(name, func(t *testing.T) {
				r.Get(t, path).Fails(http.StatusBadRequest, "scroll_exists", "scroll already exists for this workspace")
			})
		}
		t.Run("another workspace's scroll is its own", func(t *testing.T) {
			r.Get(t, "/companies/scroll?scroll_param="+param, apptest.As(stranger)).
				Fails(http.StatusNotFound, "not_found", "scroll parameter not found")
			if got := r.Get(t, "/companies/scroll", apptest.As(stranger)); len(ids(t, got)) != 0 || got.At("scroll_param") != nil {
				t.Error(got.Pretty())
			}
		})
		t.Run("an unknown param", func(t *testing.T) {
			r.Get(t, "/companies/scroll?scroll_param="+model.NewUUID()).Fails(http.StatusNotFound, "not_found", "scroll parameter not found")
		})
		next := "/companies/scroll?scroll_param=" + param
		second := r.Get(t, next).OK()
		if got := ids(t, second); !slices.Equal(got, []string{last}) || second.At("scroll_param") != param {
			t.Fatal(second.Pretty())
		}
		end := r.Get(t, next).OK()
		if _, there := whole(end)["scroll_param"]; there || len(ids(t, end)) != 0 || end.At("type") != "list" {
			t.Error(end.Pretty())
		}
		r.Get(t, next).Fails(http.StatusNotFound, "not_found", "scroll parameter not found")
		if again := r.Get(t, "/companies/scroll").OK(); again.At("scroll_param") == param || len(ids(t, again)) != 100 {
			t.Error("the scroll cannot begin again")
		}
	})
}

func TestCompanyScrollExpires(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		bulkCompanies(t, r, 250)
		param := r.Get(t, "/companies/scroll").OK().At("scroll_param").(string)
		next := "/companies/scroll?scroll_param=" + param
		r.Clock.Pass(59 * time.Second)
		r.Get(t, "/companies/scroll").Fails(http.StatusBadRequest, "scroll_exists", "scroll already exists for this workspace")
		if got := r.Get(t, next); len(ids(t, got)) != 100 {
			t.Error(got.Pretty())
		}
		r.Clock.Pass(59 * time.Second) // each use gives it another minute
		if got := r.Get(t, next); len(ids(t, got)) != 50 {
			t.Error(got.Pretty())
		}
		r.Clock.Pass(60 * time.Second)
		r.Get(t, next).Fails(http.StatusNotFound, "not_found", "scroll parameter not found")
		if got := r.Get(t, "/companies/scroll"); len(ids(t, got)) != 100 || got.At("scroll_param") == param {
			t.Error("an expired scroll keeps its place")
		}
		r.Get(t, next).Fails(http.StatusNotFound, "not_found", "scroll parameter not found")
	})
}

// Companies that are made while a scroll runs, in the same second too, do not
// disturb it: what was there is shown once, less what is deleted meanwhile.
func TestCompanyScrollIsSteady(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		before := bulkCompanies(t, r, 300)
		for range 20 {
			before = append(before, r.Post(t, "/companies", object{"company_id": model.NewUUID()}).OK().ID())
		}
		slices.Sort(before)
		gone := before[250]
		seen := map[string]int{}
		a := r.Get(t, "/companies/scroll")
		param := a.OK().At("scroll_param").(string)
		for pages := 0; len(ids(t, a)) > 0; pages++ {
			if pages == 20 {
				t.Fatal("the scroll does not end")
			}
			for _, id := range ids(t, a) {
				seen[id]++
			}
			for range 10 { // the first are of the same second as some that are there
				r.Post(t, "/companies", object{"company_id": model.NewUUID()}).OK()
			}
			if pages == 0 {
				r.Delete(t, "/companies/"+gone, nil).OK()
			}
			r.Clock.Pass(time.Second)
			a = r.Get(t, "/companies/scroll?scroll_param="+param)
		}
		for _, id := range before {
			if want := map[bool]int{false: 1, true: 0}[id == gone]; seen[id] != want {
				t.Errorf("%s was seen %d times, want %d", id, seen[id], want)
			}
		}
		for id, n := range seen {
			if n > 1 {
				t.Errorf("%s was seen %d times", id, n)
			}
		}
	})
}

// Each page is given out once, however many ask at the same time.
func TestCompanyScrollIsSharedByMany(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		before := bulkCompanies(t, r, 950)
		var firsts []*apptest.Answer
		for _, a := range atOnce(4, func(int) *apptest.Answer { return r.Get(t, "/companies/scroll") }) {
			if a.Status == http.StatusOK {
				firsts = append(firsts, a)
			} else {
				a.Fails(http.StatusBadRequest, "scroll_exists", "scroll already exists for this workspace")
			}
		}
		if len(firsts) != 1 {
			t.Fatalf("%d scrolls are open", len(firsts))
		}
		next := "/companies/scroll?scroll_param=" + firsts[0].At("scroll_param").(string)
		var seen []string
		for _, a := range append(atOnce(9, func(int) *apptest.Answer { return r.Get(t, next) }), firsts[0]) {
			seen = append(seen, ids(t, a)...)
		}
		slices.Sort(seen)
		if !slices.Equal(seen, before) {
			t.Errorf("%d companies were seen, want each of %d once", len(seen), len(before))
		}
		if end := r.Get(t, next); len(ids(t, end)) != 0 {
			t.Error(end.Pretty())
		}
	})
}

func scrollAll(t *testing.T, r *apptest.Rig) []string {
	t.Helper()
	a := r.Get(t, "/companies/scroll").OK()
	var all []string
	for len(ids(t, a)) > 0 {
		all = append(all, ids(t, a)...)
		a = r.Get(t, "/companies/scroll?scroll_param="+a.At("scroll_param").(string)).OK()
	}
	return all
}
