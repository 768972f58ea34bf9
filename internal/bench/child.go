package bench

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// A child is a server that was started. It ends with this process, however that ends: its standard input does.
type child struct {
	cmd     *exec.Cmd
	input   io.Closer
	ended   chan error
	address string
}

// stopTimeout is how long a server may take to end in order.
const stopTimeout = 15 * time.Second

// startChild starts a program and waits until it says where it listens. Nobody's settings are handed on to it. Its log goes nowhere.
func startChild(program string, args ...string) (*child, error) {
	program, err := filepath.Abs(program)
	if err != nil {
		return nil, err
	}
	c := &child{cmd: exec.Command(program, args...), ended: make(chan error, 1)}
	c.cmd.Env = plainEnvironment()
	c.cmd.Dir = os.TempDir() // where there is no parley.yaml of anybody's
	input, err := c.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	c.input = input
	output, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := c.cmd.Start(); err != nil {
		return nil, err
	}
	said := bufio.NewScanner(output)
	for said.Scan() {
		if at, ok := strings.CutPrefix(said.Text(), "Listening on:"); ok {
			c.address, err = addressOf(strings.TrimSpace(at))
			break
		}
	}
	go func() {
		_, _ = io.Copy(io.Discard, output)
		c.ended <- c.cmd.Wait()
	}()
	if c.address == "" {
		return nil, errors.Join(err, c.stop(), fmt.Errorf("%s did not begin to listen: run it by hand to see why", strings.Join(c.cmd.Args, " ")))
	}
	return c, nil
}

// plainEnvironment is the environment without settings of Parley.
func plainEnvironment() []string {
	var env []string
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "PARLEY_") {
			env = append(env, v)
		}
	}
	return env
}

// stop ends the server in order, or by force if that takes too long.
func (c *child) stop() error {
	c.input.Close()
	select {
	case err := <-c.ended:
		if err != nil {
			return fmt.Errorf("a server ended with an error: %w", err)
		}
		return nil
	case <-time.After(stopTimeout):
		_ = c.cmd.Process.Kill()
		<-c.ended
		return errors.New("a server did not end when it was to")
	}
}

// copyDatabase copies the files of a filled folder into another, on disk.
func copyDatabase(from, to string) error {
	entries, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.Type().IsRegular() && strings.HasPrefix(e.Name(), databaseFile) {
			if err := copyFile(filepath.Join(from, e.Name()), filepath.Join(to, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// databaseFile is what the names of a database's files begin with.
const databaseFile = "parley.db"

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	// What the copy leaves to be written would otherwise be written while something is measured.
	return errors.Join(err, out.Sync(), out.Close())
}
