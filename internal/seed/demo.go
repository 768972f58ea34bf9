package seed

import (
	_ "embed"

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
// belongs to them.
func Demo() (*File, error) {
	f, err := Parse("demo.yaml", lazy.Text(demo))
	if err != nil {
		return nil, err
	}
	talks, err := Parse("demo_conversations.yaml", lazy.Text(demoConversations))
	if err != nil {
		return nil, err
	}
	work, err := Parse("demo_tickets.yaml", lazy.Text(demoTickets))
	if err != nil {
		return nil, err
	}
	help, err := Parse("demo_help_center.yaml", lazy.Text(demoHelpCenter))
	if err != nil {
		return nil, err
	}
	f.HelpCenters, f.Collections, f.Articles = help.HelpCenters, help.Collections, help.Articles
	f.Newsfeeds, f.NewsItems = help.Newsfeeds, help.NewsItems
	f.Conversations, f.TicketTypes, f.Tickets = talks.Conversations, work.TicketTypes, work.Tickets
	return f, nil
}
