// Command parley is the server and the commands that look after it.
// It must not decide anything: it reads flags, environment and signals, calls
// what the rest of Parley offers and prints what came of it.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // workspaces have time zones, and a bare machine knows none
)

func main() {
	ctx, restore := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// After the first signal the next one ends the process as it would any other.
	context.AfterFunc(ctx, restore)
	p := program{stdout: os.Stdout, stderr: os.Stderr, env: os.LookupEnv}
	os.Exit(p.run(ctx, os.Args[1:]))
}
