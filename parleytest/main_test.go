package parleytest_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"parley/internal/datafolder"
)

// TestMain holds that nothing is left of the tests: neither a folder nor a goroutine.
func TestMain(m *testing.M) {
	temp, err := os.MkdirTemp("", "kit-")
	if err == nil {
		err = os.Setenv("TMPDIR", temp)
	}
	// A process that was killed has left a folder, and another one that runs has one.
	dead, busy := filepath.Join(temp, "parleytest-dead"), filepath.Join(temp, "parleytest-busy")
	var unlock func() error
	for _, folder := range []string{dead, busy} {
		if err == nil {
			err = os.Mkdir(folder, 0o700)
		}
		if err == nil && folder == busy {
			unlock, err = datafolder.Lock(folder)
		}
		if err == nil {
			long := time.Now().Add(-time.Hour)
			err = os.Chtimes(folder, long, long)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	left, _ := filepath.Glob(filepath.Join(temp, "*"))
	ran := len(left) != 2 || code != 0 // no test that starts a server may have been chosen
	if ran && strings.Join(left, " ") != busy {
		fmt.Fprintf(os.Stderr, "left behind: %v\n", left)
		code = 1
	}
	if stack := running(); stack != "" {
		fmt.Fprintf(os.Stderr, "left running:\n%s\n", stack)
		code = 1
	}
	unlock()
	os.RemoveAll(temp)
	os.Exit(code)
}

// running is the stacks of goroutines of the server and of its clients, once they have had time to end.
func running() string {
	var left []string
	for range 100 {
		left = nil
		buf := make([]byte, 1<<20)
		for _, stack := range strings.Split(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
			if !strings.Contains(stack, "main_test.go") && (strings.Contains(stack, "parley/internal/") || strings.Contains(stack, "net/http")) {
				left = append(left, stack)
			}
		}
		if len(left) == 0 {
			break
		}
		time.Sleep(10 * time.Millisecond) // nothing tells that a goroutine has ended
	}
	return strings.Join(left, "\n\n")
}
