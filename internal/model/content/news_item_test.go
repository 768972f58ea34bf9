package content_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"parley/internal/model"
	"parley/internal/model/content"
	"parley/internal/model/emoji"
)

// Whatever is asked of an item, it is refused and nothing changes, or the item's
// laws hold and asking again changes nothing.
func FuzzNewsItem(f *testing.F) {
	f.Add("Dark mode", "live", "New,App,new", "👍,,❤️", "https://images.test/a.png", int64(50), int64(7))
	f.Add(" ", "draft", "", ",,,", "", int64(0), int64(1))
	f.Add("x", "", "a, a", "👍,👍", "ftp://a/b.png", int64(101), int64(2))
	f.Add("x", "live", ",", "x", "https://a/b.PNG?c=.gif", int64(-1), int64(-2))
	f.Fuzz(func(t *testing.T, title, state, labels, reactions, cover string, at, feed int64) {
		split := func(s string) model.Opt[[]string] {
			if s == "" {
				return model.Opt[[]string]{}
			}
			return model.Some(strings.Split(s, ","))
		}
		p := content.NewsItemPatch{Title: model.Some(title), State: model.Some(content.NewsState(state)), Labels: split(labels),
			Reactions: split(reactions), CoverImageURL: model.Some(cover), Assignments: model.Some([]content.NewsfeedAssignment{
				{Newsfeed: content.NewsfeedID(feed), PublishedAt: at}, {Newsfeed: 3}, {Newsfeed: 2}})}
		for _, from := range []content.NewsState{content.NewsDraft, content.NewsLive} {
			n, err := content.NewNewsItem(content.NewsItemPatch{Title: model.Some("x"), Sender: model.Some(model.AdminID(1)), State: model.Some(from),
				Assignments: model.Some([]content.NewsfeedAssignment{{Newsfeed: 2, PublishedAt: 90}})}, 100)
			if err != nil {
				t.Fatal(err)
			}
			before, assignments := *n, slices.Clone(n.Assignments)
			if err := n.Update(p, 100); err != nil {
				if _, told := model.AsError(err); !told || !reflect.DeepEqual(before, *n) {
					t.Errorf("%v has changed %+v to %+v", err, before, *n)
				}
				continue
			}
			if !slices.Equal(before.Assignments, assignments) {
				t.Error("what the item was assigned to before was written over")
			}
			if n.Title == "" || n.Title != strings.TrimSpace(n.Title) || slices.Contains(n.Labels, "") || len(n.Reactions) > 10 {
				t.Errorf("%+v", *n)
			}
			if !slices.IsSortedFunc(n.Labels, func(a, b string) int { return strings.Compare(model.Fold(a), model.Fold(b)) }) {
				t.Errorf("the labels are %q", n.Labels)
			}
			for i, reaction := range n.Reactions {
				if reaction != "" && (!emoji.Is(reaction) || slices.Contains(n.Reactions[:i], reaction)) {
					t.Errorf("the reactions are %q", n.Reactions)
				}
			}
			for i, a := range n.Assignments {
				if (a.PublishedAt != 0) != (n.State == content.NewsLive) || a.PublishedAt > 100 || i > 0 && n.Assignments[i-1].Newsfeed >= a.Newsfeed {
					t.Errorf("a %s item is assigned to %v", n.State, n.Assignments)
				}
			}
			again := *n
			if err := again.Update(p, 100); err != nil || !reflect.DeepEqual(again, *n) {
				t.Errorf("asked again %+v becomes %+v, %v", *n, again, err)
			}
		}
	})
}
