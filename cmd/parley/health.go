package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"parley/internal/config"
)

func (p *program) healthCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "health",
		Short: "Ask the server on this machine whether it is ready",
		Long: "Ask the server on this machine whether it is ready for requests. It is asked where the\n" +
			"setting addr says that it listens. The exit code is 0 if it is ready and 1 if not: for\n" +
			"containers and scripts that have no other way to ask.",
		Example: "  parley health\n  parley health --addr :8080 --timeout 1s",
		Args:    cobra.NoArgs,
	}
	timeout := cmd.Flags().Duration("timeout", 3*time.Second, "how long an answer is awaited")
	settings(cmd, "addr")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, err := config.Load(cmd.Flags(), p.env)
		if err != nil {
			return err
		}
		address, err := localAddress(c.Addr)
		if err != nil {
			return err
		}
		request, err := http.NewRequestWithContext(cmd.Context(), http.MethodGet, "http://"+address+"/readyz", nil)
		if err != nil {
			return err
		}
		// No proxy: it would answer for another server.
		client := &http.Client{Transport: &http.Transport{}, Timeout: *timeout}
		answer, err := client.Do(request)
		if err != nil {
			return err
		}
		defer answer.Body.Close()
		said, _ := io.ReadAll(io.LimitReader(answer.Body, 1000))
		if answer.StatusCode != http.StatusOK {
			return fmt.Errorf("%s is not ready: %d %s", address, answer.StatusCode, strings.TrimSpace(string(said)))
		}
		_, err = fmt.Fprintln(p.stdout, strings.TrimSpace(string(said)))
		return err
	}
	return cmd
}

// localAddress is where this machine reaches a server that listens there.
func localAddress(addr string) (string, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return "", err
	}
	if port == "0" {
		return "", fmt.Errorf("port 0 is one that the server picked: name it with --addr")
	}
	switch ip := net.ParseIP(host); {
	case host == "", ip != nil && ip.Equal(net.IPv4zero):
		host = "127.0.0.1"
	case ip != nil && ip.IsUnspecified():
		host = "::1"
	}
	return net.JoinHostPort(host, port), nil
}
