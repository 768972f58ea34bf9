package bench

import "time"

// A usage is how long a process worked, as far as that is known.
type usage struct {
	cpu   time.Duration
	known bool
	any   bool // something was added
}

// add adds what was used between two looks.
func (u *usage) add(before, after usage) {
	u.known = before.known && after.known && (u.known || !u.any)
	u.cpu, u.any = u.cpu+after.cpu-before.cpu, true
}

// each is how much that is for each of so many requests, in seconds; nil where it is not known.
func (u *usage) each(requests int64) *float64 {
	if !u.known || requests == 0 {
		return nil
	}
	v := u.cpu.Seconds() / float64(requests)
	return &v
}

// used is how long the server has worked.
func (t *target) used() usage {
	if t.child == nil {
		return usage{}
	}
	return processUsage(t.child.cmd.Process.Pid)
}

// memory is what the server has of the machine's memory now, in bytes.
func (t *target) memory() (bytes int64, known bool) { return t.status("VmRSS:") }

// peak is the most that it ever had.
func (t *target) peak() (bytes int64, known bool) { return t.status("VmHWM:") }

func (t *target) status(name string) (int64, bool) {
	if t.child == nil {
		return 0, false
	}
	return processStatus(t.child.cmd.Process.Pid, name)
}
