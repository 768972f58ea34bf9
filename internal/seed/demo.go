package seed

import (
	_ "embed"
	"errors"
	"sync"

	"parley/internal/lazy"
)

// The files are compressed, which TestCompressed sees to.
var (
	//go:embed demo.yaml.flate
	demo []byte
	//go:embed demo_conversations.yaml.flate
	demoConversations []byte
	//go:embed demo_tickets.yaml.flate
	demoTickets []byte
	//go:embed demo_help_center.yaml.flate
	demoHelpCenter []byte
)

// Demo is the example company of a new server: people, companies and all that
// belongs to them. The files are read side by side, since somebody waits for a
// first start.
func Demo() (*File, error) {
	files := []struct {
		name       string
		compressed []byte
	}{
		{"demo.yaml", demo},
		{"demo_conversations.yaml", demoConversations},
		{"demo_tickets.yaml", demoTickets},
		{"demo_help_center.yaml", demoHelpCenter},
	}
	parsed, errs := make([]*File, len(files)), make([]error, len(files))
	var all sync.WaitGroup
	for i, file := range files {
		all.Go(func() { parsed[i], errs[i] = Parse(file.name, lazy.Text(file.compressed)) })
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	f, talks, work, help := parsed[0], parsed[1], parsed[2], parsed[3]
	f.HelpCenters, f.Collections, f.Articles = help.HelpCenters, help.Collections, help.Articles
	f.Newsfeeds, f.NewsItems = help.Newsfeeds, help.NewsItems
	f.Conversations, f.TicketTypes, f.Tickets = talks.Conversations, work.TicketTypes, work.Tickets
	return f, nil
}
