package doctor

import (
	"fmt"
	"time"

	"parley/internal/db"
	"parley/internal/store/audit"
)

// What was due for longer than this is late, in seconds, and after the second time nobody seems to work at all.
const (
	late  = 5 * 60
	never = 60 * 60
)

// known reports whether the schema is one that questions about nouns can be asked of.
func (e *examination) known() bool {
	if !e.upToDate {
		e.warning("not looked at, since the schema is of an earlier version", "")
	}
	return e.upToDate
}

// jobs looks for work that was given up or is not done.
func (e *examination) jobs() error {
	if !e.known() {
		return nil
	}
	now := e.App.Clock().Unix()
	var failed, overdue []audit.Jobs
	err := e.view(func(tx *db.Tx) (err error) {
		if failed, err = audit.FailedJobs(tx); err == nil {
			overdue, err = audit.OverdueJobs(tx, now-late)
		}
		return err
	})
	if err != nil {
		return err
	}
	for _, j := range failed {
		e.warning(fmt.Sprintf("%d jobs of the kind %s were given up, the first at %s; one of them because of: %s", j.Jobs, j.Kind, at(j.Since), j.Error),
			"mend the cause, and have them tried again or drop them, as docs/operations.md says under Jobs")
	}
	for _, j := range overdue {
		text := fmt.Sprintf("%d jobs of the kind %s are due, the first since %s", j.Jobs, j.Kind, at(j.Since))
		if now-j.Since > never {
			e.problem(text, "see that a server runs on this database, and what its log says of jobs")
		} else {
			e.warning(text, "the servers do not keep up, or none runs")
		}
	}
	if !e.found() {
		e.ok("none was given up or is late")
	}
	return nil
}

// webhooks looks for those that are told nothing, or late.
func (e *examination) webhooks() error {
	if !e.known() {
		return nil
	}
	now := e.App.Clock().Unix()
	var suspended, behind []audit.Webhook
	err := e.view(func(tx *db.Tx) (err error) {
		if suspended, err = audit.SuspendedWebhooks(tx); err == nil {
			behind, err = audit.LateWebhooks(tx, now-late)
		}
		return err
	})
	if err != nil {
		return err
	}
	for _, w := range suspended {
		e.warning(fmt.Sprintf("webhook %d of workspace %s is suspended: %s", w.ID, w.Workspace, or(w.Reason, "no reason was kept")),
			"see that its receiver answers, and set it live again")
	}
	for _, w := range behind {
		e.warning(fmt.Sprintf("webhook %d of workspace %s is behind by %v: %d deliveries wait", w.ID, w.Workspace,
			time.Duration(now-w.Since)*time.Second, w.Waiting), "see that a server runs and that the receiver answers fast enough")
	}
	if !e.found() {
		e.ok("none is suspended or behind")
	}
	return nil
}

// counts compares what is kept with a recount.
func (e *examination) counts() error {
	if !e.Full {
		e.ok("not counted anew; --full does")
		return nil
	}
	const most = 5
	var wrong []audit.Mismatch
	var kinds int
	err := e.view(func(tx *db.Tx) (err error) {
		wrong, kinds, err = audit.Recount(tx, most)
		return err
	})
	if err != nil {
		return err
	}
	for _, m := range wrong {
		e.problem(m.String(), "something else than Parley has written to the database, or this is a mistake of Parley: please report it")
	}
	if !e.found() {
		e.ok("%d kinds were counted anew and are right", kinds)
	}
	return nil
}
