package main

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"parley/internal/app"
	"parley/internal/config"
	"parley/internal/lazy"
	"parley/internal/model"
	"parley/internal/service/sandbox"
)

func (p *program) clockCommand() *cobra.Command {
	return group("clock", "Show and move the clock of a workspace that tests are made with",
		p.showClock(), p.freezeClock(), p.setClock(), p.advanceClock(), p.releaseClock())
}

// onClock is a command that reads or changes the clock of the workspace, and prints what it shows then.
func (p *program) onClock(cmd *cobra.Command, run func(ctx context.Context, a *app.App, by *model.Actor, args []string) (*sandbox.Time, error)) *cobra.Command {
	return p.onWorkspace(cmd, func(ctx context.Context, a *app.App, by *model.Actor, args []string) error {
		t, err := run(ctx, a, by, args)
		if err != nil {
			return err
		}
		return p.table([][]any{{"NOW", "FROZEN", "NEXT DUE"}, {at(t.Now), yes(t.Frozen), at(t.Next)}})
	}, asDeveloper)
}

// asDeveloper has a command do its work as a server with --dev does, for whose workspaces clocks are set: faults of
// deliveries act. Nobody asks the command for the server's token.
func asDeveloper(s *config.Settings) error {
	s.Dev, s.DevToken = true, cmp.Or(s.DevToken, config.UsualDevToken)
	return nil
}

func (p *program) showClock() *cobra.Command {
	cmd := &cobra.Command{Use: "show", Short: "Show the clock, and when the next thing falls due by itself", Args: cobra.NoArgs}
	return p.onClock(cmd, func(ctx context.Context, a *app.App, by *model.Actor, _ []string) (*sandbox.Time, error) {
		return a.Sandbox.Clock(ctx, by)
	})
}

func (p *program) freezeClock() *cobra.Command {
	cmd := &cobra.Command{Use: "freeze", Short: "Have the clock stand", Args: cobra.NoArgs}
	return p.onClock(cmd, func(ctx context.Context, a *app.App, by *model.Actor, _ []string) (*sandbox.Time, error) {
		return a.Sandbox.SetClock(ctx, by, sandbox.ClockPatch{Frozen: model.Some(true)})
	})
}

func (p *program) setClock() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "set TIME",
		Short: "Set the clock forward: to 2027-01-15T08:00:00Z, 2027-01-15 (midnight, UTC) or 1800000000",
		Long: "Set the clock forward: to 2027-01-15T08:00:00Z, 2027-01-15 (midnight, UTC) or 1800000000. It jumps: the server does\n" +
			"what is due by then soon afterwards, all of it at the new time. parley clock advance has the time pass instead.",
		Args: cobra.ExactArgs(1),
	}
	return p.onClock(cmd, func(ctx context.Context, a *app.App, by *model.Actor, args []string) (*sandbox.Time, error) {
		to, err := parseTime(args[0])
		if err != nil {
			return nil, err
		}
		return a.Sandbox.SetClock(ctx, by, sandbox.ClockPatch{Now: model.Some(to)})
	})
}

func (p *program) advanceClock() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "advance DURATION",
		Short: "Have time pass, 3d, 2h or 1d12h30m say, and do what falls due on the way",
		Long: "Have time pass, 3d, 2h or 1d12h30m say, and do what falls due on the way, each thing at its own time: this command\n" +
			"tells webhooks and writes exports itself where no server is faster, by the settings that it finds.",
		Args: cobra.ExactArgs(1),
	}
	return p.onClock(cmd, func(ctx context.Context, a *app.App, by *model.Actor, args []string) (*sandbox.Time, error) {
		seconds, err := parseSpan(args[0])
		if err != nil {
			return nil, err
		}
		begun, err := a.Sandbox.Clock(ctx, by)
		if err != nil {
			return nil, err
		}
		// Where there is much to do it takes several advances. Each begins with what the clock shows then.
		for to := begun.Now + seconds; ; {
			done, err := a.Sandbox.Advance(ctx, by, sandbox.Move{To: model.Some(to)})
			if err != nil || done.Finished {
				return timeOf(done), err
			}
			if err := ctx.Err(); err != nil {
				return nil, fmt.Errorf("the clock came to %s: %w", at(done.Now), err)
			}
		}
	})
}

func timeOf(a *sandbox.Advanced) *sandbox.Time {
	if a == nil {
		return nil
	}
	return &a.Time
}

func (p *program) releaseClock() *cobra.Command {
	cmd := &cobra.Command{Use: "release", Short: "Have the workspace go by the machine's clock again", Args: cobra.NoArgs}
	return p.onClock(cmd, func(ctx context.Context, a *app.App, by *model.Actor, _ []string) (*sandbox.Time, error) {
		return a.Sandbox.ResetClock(ctx, by)
	})
}

// parseTime reads a time, in Unix seconds.
func parseTime(text string) (int64, error) {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n, nil
	}
	for _, form := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(form, text); err == nil {
			return t.Unix(), nil
		}
	}
	return 0, fmt.Errorf("%q is no time: say 2027-01-15T08:00:00Z, 2027-01-15 or 1800000000", text)
}

// span is how long something takes, in units that only get smaller.
var span = lazy.Regexp(`^(?:(\d{1,9})d)?(?:(\d{1,9})h)?(?:(\d{1,9})m)?(?:(\d{1,9})s)?$`)

// parseSpan reads how long something takes, in seconds.
func parseSpan(text string) (int64, error) {
	parts := span().FindStringSubmatch(text)
	if parts == nil || text == "" {
		return 0, fmt.Errorf("%q is no duration: say 3d, 2h, 90m or 1d12h", text)
	}
	seconds := int64(0)
	for i, unit := range []int64{24 * 60 * 60, 60 * 60, 60, 1} {
		if parts[i+1] != "" {
			n, err := strconv.ParseInt(parts[i+1], 10, 64)
			if err != nil {
				return 0, err
			}
			seconds += n * unit
		}
	}
	return seconds, nil
}
