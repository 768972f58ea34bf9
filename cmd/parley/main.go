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
	ctx, stop := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		stop()
		<-signals // whoever asks twice does not want to wait
		os.Exit(forced)
	}()
	outliveLimits()
	p := program{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, env: os.LookupEnv}
	os.Exit(p.run(ctx, os.Args[1:]))
}

// forced is the exit code after a second signal: that of a shell for a program
// that was interrupted.
const forced = 130
