package peer_test

import (
	"testing"

	"parley/internal/app"
	"parley/internal/apptest"
)

// BenchmarkToldOnAnotherNode is the time from a request on one node until a stream of
// another has told what it changed: by the bus, by looking each second, and on the
// node itself.
func BenchmarkToldOnAnotherNode(b *testing.B) {
	for _, c := range []struct {
		name   string
		listen string
		to     int
	}{
		{"bus", "", 1},
		{"look", app.NotListening, 1},
		{"itself", "", 0},
	} {
		b.Run(c.name, func(b *testing.B) {
			nodes, _ := apptest.Nodes(b, 2, app.Options{DatabaseListen: c.listen})
			for _, r := range nodes {
				r.Unjudged()
			}
			s := nodes[c.to].Listen(b, "?topics=parley.changed")
			for b.Loop() {
				nodes[0].Post(b, "/tags", object{"name": "x"}).OK()
				s.Next("parley.changed")
				nodes[0].Delete(b, "/tags/"+nodes[0].Get(b, "/tags").OK().At("data.0.id").(string), nil).OK()
				s.Next("parley.changed")
			}
		})
	}
}
