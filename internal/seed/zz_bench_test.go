package seed_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"parley/internal/apptest"
	"parley/internal/model"
	"parley/internal/seed"
)

func BenchmarkZZ(b *testing.B) {
	r := apptest.New(b)
	var sb strings.Builder
	sb.WriteString("conversations:\n")
	for i := range 250 {
		fmt.Fprintf(&sb, "  - {from: lp-%d, at: -%dd, body: 'Hello number %d, I have a question about the calendar and the invoices', tags: [VIP], title: X, parts: [{at: -%dd, by: tomas@larkpool.example, type: assign, to: Support}, {at: -%dd, by: tomas@larkpool.example, body: How can I help you today with all this?}, {at: -%dd, by: lp-%d, body: Thanks a lot for everything}, {at: -%dd, by: tomas@larkpool.example, type: note, body: nice}, {at: -%dd, by: tomas@larkpool.example, type: close, body: bye}]}\n",
			1001+i%40, i+2, i, i+1, i+1, i+1, 1001+i%40, i+1, i+1)
	}
	for b.Loop() {
		f, err := seed.Demo()
		if err != nil {
			b.Fatal(err)
		}
		more, err := seed.Parse("x", []byte(sb.String()))
		if err != nil {
			b.Fatal(err)
		}
		f.Conversations = more.Conversations
		f.Workspace.ID = model.NewWorkspaceID()
		if _, err := r.Seeds.Apply(context.Background(), f, ""); err != nil {
			b.Fatal(err)
		}
	}
}
