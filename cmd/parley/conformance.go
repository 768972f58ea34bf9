package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"parley/internal/api"
	"parley/internal/conformance"
	"parley/internal/contract"
)

// nothingChecked is the exit code for arguments that are wrong and for a server
// that cannot be reached, so that a script can tell it from a failed check.
const nothingChecked = 2

func unchecked(err error) error { return &failure{nothingChecked, err} }

// A check is what the flags of parley conformance say.
type check struct {
	options     conformance.Options
	description string // file
	report      string // file, or - for standard output
	quiet       bool
	verbose     bool
}

func (p *program) conformanceCommand() *cobra.Command {
	var c check
	o := &c.options
	cmd := &cobra.Command{
		Use:   "conformance --base URL --token TOKEN",
		Short: "Check a server, operation by operation, against a description of the API",
		Long: "Call every operation of the API on a server, this one or another, hold the answers against a\n" +
			"description of the API and print what departs from it. docs/operations.md says what is made on\n" +
			"the way and taken away again.\n\n" +
			"The exit code is 0 if nothing failed, 1 if something did, and 2 if nothing could be checked.",
		Example: "  parley conformance --base http://127.0.0.1:8080 --token dG9rOjVk…\n" +
			"  parley conformance --base https://api.intercom.io --description openapi-2.9.yaml --read-only",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return unchecked(fmt.Errorf("%q is one argument too many", args[0]))
			}
			return nil
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.Base, "base", "", "`URL` of the server, without the path of an operation")
	f.StringVar(&o.Token, "token", "", "access `token`; PARLEY_TOKEN in the environment, if it is not given")
	f.StringVar(&c.description, "description", "", "OpenAPI `file` to hold the answers against, JSON or YAML; by default the contract of this program")
	f.StringSliceVar(&o.Only, "only", nil, "`groups` or operation ids to check, separated by commas")
	f.BoolVar(&o.ReadOnly, "read-only", false, "change nothing: send only what reads")
	f.StringArrayVar(&o.Visitors, "visitor", nil, "user `id` of a visitor to use up; may be given twice")
	f.DurationVar(&o.Timeout, "timeout", 30*time.Second, "how `long` an answer may take")
	f.DurationVar(&o.Patience, "patience", time.Minute, "how `long` to wait for an export, and for what is not found at once")
	f.StringVar(&c.report, "report", "", "`file` for a report in JSON; - for standard output, instead of the table")
	f.BoolVar(&o.Bodies, "bodies", false, "keep bodies in the report, the first 4,000 bytes of each")
	f.BoolVar(&c.quiet, "quiet", false, "do not show progress")
	f.BoolVar(&c.verbose, "verbose", false, "print everything that is wrong with an operation, not only the first thing")
	_ = cmd.MarkFlagFilename("description", "yaml", "yml", "json")
	_ = cmd.MarkFlagFilename("report", "json")
	cmd.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return unchecked(err) })
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return p.conform(cmd.Context(), c) }
	return cmd
}

func (p *program) conform(ctx context.Context, c check) error {
	o := c.options
	if o.Token == "" {
		o.Token, _ = p.env("PARLEY_TOKEN")
	}
	if o.Base == "" || o.Token == "" {
		return unchecked(errors.New("--base and --token say which server is checked, and as whom"))
	}
	if o.Timeout <= 0 || o.Patience <= 0 {
		return unchecked(errors.New("--timeout and --patience must be above 0"))
	}
	var err error
	if o.Description, err = describe(c.description); err != nil {
		return unchecked(err)
	}
	file, err := openReport(c.report)
	if err != nil {
		return unchecked(err)
	}
	o.Clock = time.Now
	bar := &progress{w: p.stderr, terminal: isTerminal(p.stderr)}
	if !c.quiet {
		o.Progress = bar.show
	}
	report, err := conformance.Run(ctx, o)
	bar.clear()
	if err != nil {
		if file != nil {
			file.Close()
			os.Remove(file.Name())
		}
		return unchecked(err)
	}
	if file != nil {
		if err := errors.Join(report.JSON(file), file.Close()); err != nil {
			return fmt.Errorf("the report cannot be written: %w", err)
		}
	}
	if c.report == "-" {
		err = report.JSON(p.stdout)
	} else {
		err = report.Table(p.stdout, c.verbose)
	}
	switch t := report.Totals; {
	case err != nil:
		return err
	case t.Failed > 0:
		return fmt.Errorf("%d of %d operations failed", t.Failed, t.Operations)
	case report.Interrupted:
		return errors.New("the run was interrupted before all was called")
	}
	return nil
}

// describe reads a description of the API. What is known to be wrong in the
// published one is not held against a server; our own contract needs no excuses.
func describe(path string) (*contract.Judge, error) {
	if path != "" {
		return contract.Load(path, contract.Description())
	}
	text, err := api.Document("")
	if err != nil {
		return nil, err
	}
	return contract.New(text, nil)
}

// openReport makes the file of a report before anything is called, so that a run
// is not lost for want of it.
func openReport(path string) (*os.File, error) {
	if path == "" || path == "-" {
		return nil, nil
	}
	return os.Create(path)
}

// A progress tells how far a run has come: in one line that is written again and
// again on a terminal, in a line for each operation anywhere else.
type progress struct {
	w        io.Writer
	terminal bool
	width    int // of what the line shows
}

func (b *progress) show(done, total int, what string) {
	b.tell(fmt.Sprintf("%d/%d %s", done, total, what))
}

func (b *progress) tell(text string) {
	switch {
	case b.terminal:
		// Blanks and a return to the start of the line need no terminal that knows
		// escape sequences.
		fmt.Fprintf(b.w, "\r%-*s\r%s", b.width, "", text)
		b.width = len(text)
	default:
		fmt.Fprintln(b.w, text)
	}
}

// clear leaves the line as it was before.
func (b *progress) clear() {
	if b.width > 0 {
		fmt.Fprintf(b.w, "\r%s\r", strings.Repeat(" ", b.width))
		b.width = 0
	}
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
