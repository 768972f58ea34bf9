package sandbox

import "time"

// The times that a clock can show, in Unix seconds: ids of objects begin with 32 bits of
// it.
const (
	MinTime = 1
	MaxTime = 1<<32 - 1
)

// Never is when a clock that stands shows a time that is to come, in Unix seconds.
const Never = 1 << 40

// A Clock is the time of a workspace, told by the machine's. The zero value is the same
// time.
type Clock struct {
	// Ahead is by how many seconds a clock that runs is ahead of the machine's.
	Ahead int64 `json:"ahead,omitempty"`
	// Stands is the time at which a clock stands, in Unix seconds; 0: it runs.
	Stands int64 `json:"stands,omitempty"`
	// Advancing is until when, by the machine's clock in Unix nanoseconds, somebody alone
	// may move the clock; 0: anybody may.
	Advancing int64 `json:"advancing,omitempty"`
}

// Frozen reports whether the clock stands.
func (c Clock) Frozen() bool { return c.Stands != 0 }

// Now is what the clock shows when it is that time by the machine's.
func (c Clock) Now(machine time.Time) time.Time {
	if c.Stands != 0 {
		return time.Unix(c.Stands, 0).In(machine.Location())
	}
	if c.Ahead == 0 {
		return machine
	}
	return machine.Add(time.Duration(c.Ahead) * time.Second)
}

// Reaches is when, by the machine's clock, this one shows a time, or has shown it, both
// in Unix seconds: Never if it stands before that time.
func (c Clock) Reaches(at int64, machine time.Time) int64 {
	if c.Stands == 0 {
		return at - c.Ahead
	}
	if at > c.Stands {
		return Never
	}
	return machine.Unix() - (c.Stands - at)
}

// Set makes a clock that shows a time, in Unix seconds, when it is that time by the
// machine's, and then stands or runs.
func (c Clock) Set(now int64, frozen bool, machine time.Time) Clock {
	c.Ahead, c.Stands = 0, 0
	if frozen {
		c.Stands = now
	} else {
		c.Ahead = now - machine.Unix()
	}
	return c
}
