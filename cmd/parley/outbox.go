package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/spf13/cobra"

	"parley/internal/app"
	"parley/internal/model"
)

// An outboxLine is a message of the outbox as it is printed: an e-mail or a text
// message.
type outboxLine struct {
	Kind      string `json:"kind"` // email or sms
	ID        string `json:"id"`
	Contact   string `json:"contact_id"`
	CreatedAt int64  `json:"created_at"`
	To        string `json:"to"`
	State     string `json:"state"`
	Reason    string `json:"reason,omitzero"`
	Attempts  int64  `json:"attempts,omitzero"`
	GatewayID string `json:"gateway_id,omitzero"`
	SentAt    int64  `json:"sent_at,omitzero"`
	Subject   string `json:"subject,omitzero"`
	Text      string `json:"text"`
}

// outboxStates are those of e-mails and of text messages.
var outboxStates = []string{string(model.SMSQueued), string(model.SMSSending), string(model.SMSSent), string(model.SMSFailed),
	string(model.SMSKept), string(model.EmailSuppressed)}

// outboxPage is how many messages are read and printed at a time.
const outboxPage = 200

func (p *program) outboxCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "outbox",
		Short: "List the e-mails and text messages to contacts, and what became of them",
		Long: "List the e-mails and text messages to contacts, and what became of them, oldest first.\n" +
			"With --json each is a JSON object on a line of its own.",
		Args: cobra.NoArgs,
	}
	state := cmd.Flags().String("state", "", "only messages in this `state`: "+strings.Join(outboxStates, ", "))
	asJSON := cmd.Flags().Bool("json", false, "print JSON")
	_ = cmd.RegisterFlagCompletionFunc("state", cobra.FixedCompletions(outboxStates, cobra.ShellCompDirectiveNoFileComp))
	return p.onWorkspace(cmd, func(ctx context.Context, a *app.App, by *model.Actor, _ []string) error {
		if *state != "" && !slices.Contains(outboxStates, *state) {
			return fmt.Errorf("%q is no state of a message: %s", *state, strings.Join(outboxStates, ", "))
		}
		show := p.outboxTable()
		if *asJSON {
			show = p.outboxJSON
		}
		err := eachPage(func(after string) ([]*model.OutgoingEmail, error) {
			return a.Inbox.ListEmails(ctx, by, model.EmailState(*state), after, outboxPage)
		}, emailLine, show)
		if err != nil {
			return err
		}
		return eachPage(func(after string) ([]*model.OutgoingSMS, error) {
			return a.Inbox.ListSMS(ctx, by, model.SMSState(*state), after, outboxPage)
		}, smsLine, show)
	})
}

// eachPage reads messages page by page and shows each page.
func eachPage[M any](read func(after string) ([]M, error), line func(M) outboxLine, show func([]outboxLine) error) error {
	for after := ""; ; {
		page, err := read(after)
		if err != nil || len(page) == 0 {
			return err
		}
		lines := make([]outboxLine, len(page))
		for i, m := range page {
			lines[i] = line(m)
		}
		if err := show(lines); err != nil {
			return err
		}
		after = lines[len(lines)-1].ID
	}
}

func emailLine(e *model.OutgoingEmail) outboxLine {
	return outboxLine{Kind: "email", ID: e.ID, Contact: string(e.Contact), CreatedAt: e.CreatedAt, To: e.To, State: string(e.State),
		Reason: string(e.Suppressed), Subject: e.Subject, Text: e.Text}
}

func smsLine(m *model.OutgoingSMS) outboxLine {
	return outboxLine{Kind: "sms", ID: m.ID, Contact: string(m.Contact), CreatedAt: m.CreatedAt, To: m.To, State: string(m.State),
		Reason: m.Failure, Attempts: m.Attempts, GatewayID: m.GatewayID, SentAt: m.SentAt, Text: m.Body}
}

func (p *program) outboxJSON(lines []outboxLine) error {
	for _, line := range lines {
		text, err := json.Marshal(line)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(p.stdout, "%s\n", text); err != nil {
			return err
		}
	}
	return nil
}

// outboxTable prints lines in columns, with a heading above the first.
func (p *program) outboxTable() func([]outboxLine) error {
	rows := [][]any{{"KIND", "CREATED", "TO", "STATE", "REASON", "SUBJECT OR TEXT"}}
	return func(lines []outboxLine) error {
		for _, line := range lines {
			text := line.Subject
			if line.Kind == "sms" {
				text = line.Text
			}
			rows = append(rows, []any{line.Kind, at(line.CreatedAt), line.To, line.State, line.Reason, text})
		}
		err := p.table(rows)
		rows = nil
		return err
	}
}
