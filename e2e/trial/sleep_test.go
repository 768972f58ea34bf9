package trial

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// A sleeper is a conversation that one client snoozes for a moment, again and again.
type sleeper struct {
	id                 string
	confirmed, unknown int
	ends               int64 // of the last snooze, in Unix seconds
}

const (
	workersOfSleep = 2
	maxSleep       = 4 // seconds
)

// sleepers fall asleep for a second or a few. Each of them wakes once each time, whoever
// was to wake it is killed.
func (u user) sleepers(admin string) exercise {
	all := make([][]*sleeper, workersOfSleep)
	return exercise{
		name: "sleepers",
		run: func(ctx context.Context) {
			var workers sync.WaitGroup
			for w := range all {
				workers.Go(func() {
					dice := u.dice("sleepers", w)
					for n := range u.ticks(ctx, 4*u.pace) {
						var s *sleeper
						if len(all[w]) > 0 && dice.IntN(2) == 0 {
							if s = all[w][dice.IntN(len(all[w]))]; !u.isAwake(s) {
								continue
							}
						} else {
							_, id := u.newConversation(fmt.Sprintf("sleeper-%d-%d", w, n))
							if id == "" {
								continue
							}
							s = &sleeper{id: id}
							all[w] = append(all[w], s)
						}
						s.ends = time.Now().Unix() + 1 + dice.Int64N(maxSleep)
						a := u.ask("POST", "/conversations/"+s.id+"/parts",
							fmt.Sprintf(`{"message_type":"snoozed","admin_id":%q,"snoozed_until":%d}`, admin, s.ends))
						switch {
						case a.ok():
							s.confirmed++
							u.note("sleeps")
						case a.unknown():
							s.unknown++
						case a.status == 400 && time.Now().Unix() >= s.ends: // it took longer than the sleep
						default:
							u.wrong("snoozing %s until %d is answered %s", s.id, s.ends, a)
						}
					}
				})
			}
			workers.Wait()
		},
		judge: func(ctx context.Context) {
			n, slept, late := 0, 0, int64(0)
			for _, list := range all {
				for _, s := range list {
					n++
					a := u.insist(ctx, "GET", "/conversations/"+s.id, "")
					var c conversation
					u.hold("a sleeper", a.read(&c))
					var parts []string
					for _, p := range c.Parts.List {
						parts = append(parts, p.Type)
						if p.Type == "timer_unsnooze" {
							slept++
						}
					}
					u.hold("the sleeper "+s.id, judgeSleep(parts, s.confirmed, s.unknown))
					if last := len(c.Parts.List) - 1; last >= 0 && c.State != "open" {
						u.wrong("the sleeper %s is %s after %s", s.id, c.State, parts[last])
					} else if last >= 0 && s.unknown == 0 {
						late = max(late, c.Parts.List[last].CreatedAt-s.ends)
					}
				}
			}
			u.Logf("sleepers: %d slept %d times; the last to wake was %d s late", n, slept, late)
		},
	}
}

// isAwake reports that the sleeper is known to be: every snooze of it was answered, and
// it shows itself open.
func (u user) isAwake(s *sleeper) bool {
	if s.unknown > 0 {
		return false
	}
	a := u.ask("GET", "/conversations/"+s.id, "")
	var c conversation
	return a.ok() && a.read(&c) == nil && c.State == "open"
}
