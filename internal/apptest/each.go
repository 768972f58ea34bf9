package apptest

import (
	"context"
	_ "embed"
	"strings"
	"testing"

	"parley/internal/seed"
)

//go:embed each.yaml
var each string

// OneOfEach is a seed with one of each sort of thing. The word, of small letters, is in
// all names, texts and addresses of it; its visitors have the user ids word-visitor-1 and
// word-visitor-2. It makes no workspace.
func OneOfEach(t testing.TB, word string) *seed.File {
	t.Helper()
	f, err := seed.Parse("each.yaml", []byte(strings.ReplaceAll(each, "MARK", word)))
	must(t, err)
	return f
}

// Furnish puts OneOfEach into the rig's workspace.
func (r *Rig) Furnish(t testing.TB, word string) {
	t.Helper()
	_, err := r.Seeds.Apply(context.Background(), OneOfEach(t, word), r.Workspace.ID)
	must(t, err)
}
