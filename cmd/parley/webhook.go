package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/spf13/cobra"

	"parley/internal/app"
	"parley/internal/model"
	"parley/internal/model/event"
	"parley/internal/model/identity"
	"parley/internal/service/webhook"
	"parley/internal/wire"
)

func (p *program) webhookCommand() *cobra.Command {
	return group("webhook", "Have URLs told what happens, and see what they were told", p.createWebhook(), p.listWebhooks(), p.showWebhook(),
		p.pauseWebhook(), p.resumeWebhook(), p.removeWebhook(), p.listDeliveries(), p.triggerWebhook(), p.pingWebhook(), p.replayWebhook())
}

// aWebhook reads the id of a webhook.
func aWebhook(text string) event.SubscriptionID { return model.Decimal[event.SubscriptionID](text) }

// topicFlag gives a flag that names a topic its completion.
func topicFlag(cmd *cobra.Command, name string) {
	words := []string{string(event.AllTopics)}
	for _, t := range event.Caused {
		words = append(words, string(t))
	}
	_ = cmd.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
}

func (p *program) createWebhook() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "create URL",
		Short:   "Have a URL told of topics, and print the secret that signs what it is sent",
		Example: "  parley webhook create http://localhost:3000/hook --topic conversation.user.created --topic conversation.user.replied",
		Args:    cobra.ExactArgs(1),
	}
	topics := cmd.Flags().StringArray("topic", []string{string(event.AllTopics)}, "`topic` that it is told; may be repeated; * stands for all")
	of := cmd.Flags().String("app", "", "`id` of the app in whose name it is told; by default the workspace's own")
	topicFlag(cmd, "topic")
	return p.onWorkspace(cmd, func(ctx context.Context, a *app.App, by *model.Actor, args []string) error {
		w, err := a.Webhooks.Subscribe(ctx, by, wire.WebhookRequest{AppID: wire.Text(*of)}.App(), args[0], *topics)
		if err != nil {
			return err
		}
		return p.printWebhook(ctx, a, by, w)
	})
}

func (p *program) listWebhooks() *cobra.Command {
	cmd := &cobra.Command{Use: "list", Short: "List the webhooks", Args: cobra.NoArgs}
	asJSON := cmd.Flags().Bool("json", false, "print JSON, an object on each line")
	return p.onWorkspace(cmd, func(ctx context.Context, a *app.App, by *model.Actor, _ []string) error {
		all, err := a.Webhooks.List(ctx, by)
		if err != nil {
			return err
		}
		if *asJSON {
			return printJSON(p, all, wire.FromWebhook)
		}
		rows := [][]any{{"ID", "STATE", "URL", "TOPICS", "WAITS UNTIL", "FAILING SINCE", "CREATED"}}
		for _, w := range all {
			rows = append(rows, []any{w.ID, w.State, w.URL, topicWords(w), at(w.WaitUntil), at(w.FailingSince), at(w.CreatedAt)})
		}
		return p.table(rows)
	})
}

// topicWords names the topics of a webhook, or counts them.
func topicWords(w *event.Subscription) string {
	if len(w.Topics) > 2 {
		return fmt.Sprintf("%d topics", len(w.Topics))
	}
	words := make([]string, len(w.Topics))
	for i, t := range w.Topics {
		words[i] = string(t)
	}
	return strings.Join(words, " ")
}

func printJSON[Noun, T any](p *program, list []Noun, from func(Noun) T) error {
	for _, n := range list {
		text, err := json.Marshal(from(n))
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(p.stdout, "%s\n", text); err != nil {
			return err
		}
	}
	return nil
}

func (p *program) showWebhook() *cobra.Command {
	cmd := &cobra.Command{Use: "show ID", Short: "Print a webhook, with the secret that signs what it is sent", Args: cobra.ExactArgs(1)}
	return p.onWorkspace(cmd, func(ctx context.Context, a *app.App, by *model.Actor, args []string) error {
		w, err := a.Webhooks.Find(ctx, by, aWebhook(args[0]))
		if err != nil {
			return err
		}
		return p.printWebhook(ctx, a, by, w)
	})
}

func (p *program) printWebhook(ctx context.Context, a *app.App, by *model.Actor, w *event.Subscription) error {
	signer, err := a.Identity.FindApp(ctx, by, identity.AppID(w.App))
	if err != nil {
		return err
	}
	open, err := a.Webhooks.CountOpen(ctx, by, w.ID)
	if err != nil {
		return err
	}
	rows := [][]any{{"ID", w.ID}, {"URL", w.URL}, {"STATE", w.State}, {"REASON", w.Reason}, {"WAITS UNTIL", at(w.WaitUntil)},
		{"FAILING SINCE", at(w.FailingSince)}, {"ON ITS WAY", open}, {"APP", fmt.Sprintf("%s (%s)", signer.Name, signer.ID)},
		{"CLIENT SECRET", signer.ClientSecret}, {"CREATED", at(w.CreatedAt)}}
	for _, t := range w.Topics {
		rows = append(rows, []any{"TOPIC", t})
	}
	return p.table(rows)
}

// onWebhook is a command that does something to a webhook.
func (p *program) onWebhook(use, short string, do func(context.Context, *app.App, *model.Actor, event.SubscriptionID) (*event.Subscription, error)) *cobra.Command {
	cmd := &cobra.Command{Use: use + " ID", Short: short, Args: cobra.ExactArgs(1)}
	return p.onWorkspace(cmd, func(ctx context.Context, a *app.App, by *model.Actor, args []string) error {
		_, err := do(ctx, a, by, aWebhook(args[0]))
		return err
	})
}

func (p *program) pauseWebhook() *cobra.Command {
	return p.onWebhook("pause", "Send nothing to a webhook for now; what happens is kept for it",
		func(ctx context.Context, a *app.App, by *model.Actor, id event.SubscriptionID) (*event.Subscription, error) {
			return a.Webhooks.Pause(ctx, by, id)
		})
}

func (p *program) resumeWebhook() *cobra.Command {
	return p.onWebhook("resume", "Send to a webhook again that was paused or suspended, or waits",
		func(ctx context.Context, a *app.App, by *model.Actor, id event.SubscriptionID) (*event.Subscription, error) {
			return a.Webhooks.Resume(ctx, by, id)
		})
}

func (p *program) removeWebhook() *cobra.Command {
	return p.onWebhook("remove", "End a webhook and drop what is on its way to it, for good",
		func(ctx context.Context, a *app.App, by *model.Actor, id event.SubscriptionID) (*event.Subscription, error) {
			return a.Webhooks.Remove(ctx, by, id)
		})
}

// deliveriesPage is how many deliveries are read and printed at a time.
const deliveriesPage = 200

func (p *program) listDeliveries() *cobra.Command {
	cmd := &cobra.Command{Use: "deliveries ID", Short: "List what was sent to a webhook, or is to be, newest first", Args: cobra.ExactArgs(1)}
	var f webhook.Filter
	cmd.Flags().StringVar((*string)(&f.State), "state", "", "only deliveries in this `state`: pending, retrying, held, delivered or dropped")
	cmd.Flags().StringVar((*string)(&f.Topic), "topic", "", "only deliveries of this `topic`")
	most := cmd.Flags().Int("most", 50, "print so `many` at most; 0 for all")
	asJSON := cmd.Flags().Bool("json", false, "print JSON, an object on each line")
	topicFlag(cmd, "topic")
	return p.onWorkspace(cmd, func(ctx context.Context, a *app.App, by *model.Actor, args []string) error {
		rows := [][]any{{"ID", "CREATED", "STATE", "TOPIC", "OBJECT", "ATTEMPTS", "NEXT", "DELIVERED"}}
		for before, left := int64(0), *most; ; {
			n := deliveriesPage
			if *most > 0 {
				n = min(n, left)
			}
			list, err := a.Webhooks.ListDeliveries(ctx, by, aWebhook(args[0]), f, before, n)
			if err != nil {
				return err
			}
			if *asJSON {
				if err := printJSON(p, list, wire.FromDelivery); err != nil {
					return err
				}
			} else {
				for _, d := range list {
					test, next := "", ""
					if d.Notification.Test {
						test = " (test)"
					}
					if d.State == event.Retrying {
						next = at(d.DueAt)
					}
					rows = append(rows, []any{d.Number, at(d.CreatedAt), d.State, string(d.Notification.Topic) + test, d.Notification.Object,
						d.Attempts, next, at(d.DeliveredAt)})
				}
				if err := p.table(rows); err != nil {
					return err
				}
				rows = nil
			}
			if left -= len(list); len(list) < n || *most > 0 && left <= 0 {
				return nil
			}
			before = list[len(list)-1].Number
		}
	})
}

func (p *program) pingWebhook() *cobra.Command {
	cmd := &cobra.Command{Use: "ping ID", Short: "Tell a webhook that it is there", Args: cobra.ExactArgs(1)}
	return p.onWorkspace(cmd, func(ctx context.Context, a *app.App, by *model.Actor, args []string) error {
		n, err := a.Webhooks.Ping(ctx, by, aWebhook(args[0]))
		return p.printNotification(n, err)
	})
}

func (p *program) triggerWebhook() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "trigger ID TOPIC [OBJECT]",
		Short:   "Tell a webhook of a topic by hand, with an object as it is now; nothing happens",
		Example: "  parley webhook trigger 1 conversation.user.created 12",
		Args:    cobra.RangeArgs(2, 3),
	}
	return p.onWorkspace(cmd, func(ctx context.Context, a *app.App, by *model.Actor, args []string) error {
		n, err := a.Webhooks.Trigger(ctx, by, aWebhook(args[0]), args[1], append(args, "")[2])
		return p.printNotification(n, err)
	})
}

func (p *program) printNotification(n *event.Notification, err error) error {
	if err == nil {
		_, err = fmt.Fprintln(p.stdout, wire.FromNotification(n).NotificationID)
	}
	return err
}

func (p *program) replayWebhook() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "replay ID",
		Short: "Send deliveries of a webhook again, and print how many",
		Example: "  parley webhook replay 1 --delivery 4711\n  parley webhook replay 1 --state dropped\n" +
			"  parley webhook replay 1 --from 4700 --to 4800",
		Args: cobra.ExactArgs(1),
	}
	var f webhook.Filter
	one := cmd.Flags().Int64("delivery", 0, "this `delivery` alone")
	cmd.Flags().StringVar((*string)(&f.State), "state", "", "those in this `state`; dropped for all failures")
	cmd.Flags().StringVar((*string)(&f.Topic), "topic", "", "those of this `topic`")
	cmd.Flags().Int64Var(&f.From, "from", 0, "from this `delivery` on")
	cmd.Flags().Int64Var(&f.To, "to", 0, "up to this `delivery`")
	cmd.Flags().Int64Var(&f.After, "after", 0, "those of this `time` or later, in Unix seconds")
	cmd.Flags().Int64Var(&f.Till, "till", 0, "those of this `time` or earlier, in Unix seconds")
	all := cmd.Flags().Bool("all", false, "all that are in the log")
	topicFlag(cmd, "topic")
	return p.onWorkspace(cmd, func(ctx context.Context, a *app.App, by *model.Actor, args []string) error {
		if *one != 0 {
			f.From, f.To = *one, *one
		}
		if f == (webhook.Filter{}) && !*all {
			return fmt.Errorf("say which deliveries: --delivery, --state, --topic, --from, --to, --after, --till or --all")
		}
		n, err := a.Webhooks.ReplayAll(ctx, by, aWebhook(args[0]), f)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(p.stdout, n)
		return err
	})
}
