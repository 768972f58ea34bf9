package bench

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"syscall"
	"time"
)

// tick is the unit of times in /proc, whatever the kernel counts in.
const tick = 10 * time.Millisecond

// processUsage is how long all threads of a process have worked.
func processUsage(pid int) usage {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return usage{}
	}
	// The name of the program comes second, in parentheses, and may have anything in it.
	fields := bytes.Fields(text[bytes.LastIndexByte(text, ')')+1:])
	const user, system = 11, 12 // the 14th and the 15th of all
	if len(fields) <= system {
		return usage{}
	}
	u, errU := strconv.ParseInt(string(fields[user]), 10, 64)
	s, errS := strconv.ParseInt(string(fields[system]), 10, 64)
	return usage{cpu: time.Duration(u+s) * tick, known: errU == nil && errS == nil}
}

// processStatus reads a size out of a process's status, in bytes.
func processStatus(pid int, name string) (int64, bool) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, false
	}
	for line := range bytes.Lines(text) {
		if rest, ok := bytes.CutPrefix(line, []byte(name)); ok {
			fields := bytes.Fields(rest)
			if len(fields) == 0 {
				return 0, false
			}
			kb, err := strconv.ParseInt(string(fields[0]), 10, 64)
			return kb << 10, err == nil
		}
	}
	return 0, false
}

// ownUsage is how long this process has worked.
func ownUsage() usage {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return usage{}
	}
	return usage{cpu: time.Duration(u.Utime.Nano() + u.Stime.Nano()), known: true}
}
