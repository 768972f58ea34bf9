// Package fault is how many calls have met the faults of a workspace, in SQL.
// It must not decide which fault a call meets.
package fault

import (
	"fmt"
	"slices"

	"parley/internal/db"
	"parley/internal/store/query"
	"parley/internal/store/record"
)

// Calls are the counts of a workspace's faults.
type Calls struct{ *record.Scope }

// A Tally is how many calls a fault was for, and at how many it acted.
type Tally struct{ Calls, Acted int64 }

// Count counts a call of each of these faults, and returns its number among those of each.
func (s Calls) Count(faults []int64) (map[int64]int64, error) {
	slices.Sort(faults) // rows are held in one order everywhere
	b := &query.Builder{}
	b.Text("INSERT INTO fault_calls (workspace_id, fault_id, calls, acted) VALUES ")
	ws, separator := b.Arg(s.Workspace), ""
	for _, id := range faults {
		b.Text(separator, "(", ws, ", ", b.Arg(id), ", 1, 0)")
		separator = ", "
	}
	b.Text(" ON CONFLICT (workspace_id, fault_id) DO UPDATE SET calls = fault_calls.calls + 1 RETURNING fault_id, calls")
	counts := map[int64]int64{}
	err := s.Rows(b.SQL(), b.Args(), func(r *db.Rows) error {
		var id, n int64
		err := r.Scan(&id, &n)
		counts[id] = n
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("store: count calls of faults: %w", err)
	}
	return counts, nil
}

// Act counts that a fault acted.
func (s Calls) Act(id int64) error {
	err := s.Write(`UPDATE fault_calls SET acted = acted + 1 WHERE workspace_id = $1 AND fault_id = $2`, s.Workspace, id)
	if err != nil {
		return fmt.Errorf("store: count that a fault acted: %w", err)
	}
	return nil
}

// List reads the counts of all faults that met a call.
func (s Calls) List() (map[int64]Tally, error) {
	all := map[int64]Tally{}
	err := s.Rows(`SELECT fault_id, calls, acted FROM fault_calls WHERE workspace_id = $1`, []any{s.Workspace}, func(r *db.Rows) error {
		var id int64
		var t Tally
		err := r.Scan(&id, &t.Calls, &t.Acted)
		all[id] = t
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("store: list calls of faults: %w", err)
	}
	return all, nil
}

// Forget removes the counts of faults.
func (s Calls) Forget(faults []int64) error {
	if len(faults) == 0 {
		return nil
	}
	err := s.Write(`DELETE FROM fault_calls WHERE workspace_id = $1 AND fault_id `+s.Dialect().InInts("$2"), s.Workspace, record.ToJSON(faults))
	if err != nil {
		return fmt.Errorf("store: forget calls of faults: %w", err)
	}
	return nil
}
