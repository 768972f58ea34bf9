package trial

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// A process is a line of the system's list, as far as it is asked for here.
type process struct {
	pid, parent int
	took        time.Duration // of the processors, by it and by children that have ended
}

// tickOfSystem is the unit of times in /proc, on Linux whatever the machine.
const tickOfSystem = 10 * time.Millisecond

// processes are all that run, on Linux.
func processes() []process {
	files, _ := filepath.Glob("/proc/[0-9]*/stat")
	var all []process
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended
		}
		// The name, in brackets, may have anything in it.
		head, rest, _ := strings.Cut(string(text), " ")
		f := strings.Fields(rest[strings.LastIndex(rest, ")")+1:])
		p := process{}
		p.pid, _ = strconv.Atoi(head)
		p.parent, _ = strconv.Atoi(f[1])
		for _, field := range f[11:15] {
			ticks, _ := strconv.Atoi(field)
			p.took += time.Duration(ticks) * tickOfSystem
		}
		all = append(all, p)
	}
	return all
}

// took is how long the processors worked for the nodes and for the database.
func (t *trial) took() (nodes, database time.Duration) {
	first, err := t.d.pid()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range processes() {
		if p.pid == first || p.parent == first {
			database += p.took
		}
		for _, n := range t.nodes {
			if p.pid == n.cmd.Process.Pid {
				nodes += p.took
			}
		}
	}
	return nodes, database
}
