// Package seed is the door of declarative YAML files: it reads what a workspace
// should have and calls the rules that bring it there.
// It must not decide what may be: a file can do nothing that the rules refuse.
package seed

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"parley/internal/model"
	nouns "parley/internal/model/content"
	"parley/internal/model/sandbox"
	"parley/internal/service/content"
	"parley/internal/service/inbox"
	"parley/internal/service/people"
	"parley/internal/service/workspace"
)

// A Seeder applies files.
type Seeder struct {
	People    *people.Service
	Workspace *workspace.Service
	Content   *content.Service
	Inbox     *inbox.Service
	Clock     func() time.Time
}

// A Report says what came of a file.
type Report struct {
	Workspace *model.Workspace
	Owner     model.AdminID
	Counts    []Count // in the order in which they were applied; sorts that the file lacks are left out
}

// A Count is what came of one sort of things.
type Count struct {
	Kind                        string
	Created, Updated, Unchanged int
}

// An outcome is what came of one thing.
type outcome int

const (
	unchanged outcome = iota
	updated
	created
)

// became is created for what was not there, and updated for what was and has
// changed.
func became(isNew, changed bool) outcome {
	switch {
	case isNew:
		return created
	case changed:
		return updated
	default:
		return unchanged
	}
}

func (r *Report) count(kind string, o outcome) {
	i := slices.IndexFunc(r.Counts, func(c Count) bool { return c.Kind == kind })
	if i < 0 {
		i = len(r.Counts)
		r.Counts = append(r.Counts, Count{Kind: kind})
	}
	switch c := &r.Counts[i]; o {
	case created:
		c.Created++
	case updated:
		c.Updated++
	default:
		c.Unchanged++
	}
}

// batch is how many contacts or conversations are written in one transaction: enough to share the
// wait for the disk, and few enough to let others write in between.
const batch = 200

// Apply brings a workspace to what the file says: the one of that id, the one
// that the file names, or the only one there is. A workspace that the file names
// and that is not there is made. Applied again it changes nothing.
//
// Contacts and conversations are written a few hundred at a time; a failure leaves what was
// written before it, and applying the file again goes on from there.
func (s *Seeder) Apply(ctx context.Context, f *File, into model.WorkspaceID) (*Report, error) {
	r := &run{Seeder: s, file: f, now: s.Clock().Unix(), report: new(Report)}
	err := r.step(ctx, func(ctx context.Context) error {
		if err := r.openWorkspace(ctx, into); err != nil {
			return err
		}
		ctx = r.enter(ctx)
		return r.apply(ctx, r.admins, r.teams, r.dataAttributes, r.tags, r.subscriptionTypes, r.ticketTypes, r.companies)
	})
	if err != nil {
		return nil, err
	}
	first := 0
	for some := range slices.Chunk(f.Contacts, batch) {
		err := r.step(ctx, func(ctx context.Context) error { return r.contacts(ctx, some, first) })
		if err != nil {
			return nil, err
		}
		first += len(some)
	}
	err = r.step(ctx, func(ctx context.Context) error { return r.apply(ctx, r.visitors, r.segments, r.helpCenters) })
	if err != nil {
		return nil, err
	}
	first = 0
	for some := range slices.Chunk(f.Conversations, batch) {
		err := r.step(ctx, func(ctx context.Context) error { return r.conversations(ctx, some, first) })
		if err != nil {
			return nil, err
		}
		first += len(some)
	}
	// The rules come last: a conversation of the file is assigned as the file says.
	err = r.step(ctx, func(ctx context.Context) error { return r.apply(ctx, r.tickets, r.assignmentRules) })
	if err != nil {
		return nil, err
	}
	err = r.step(ctx, func(ctx context.Context) error { return r.apply(ctx, r.newsfeeds, r.newsItems) })
	if err != nil {
		return nil, err
	}
	r.report.Workspace, r.report.Owner = r.by.Workspace, r.by.Admin
	return r.report, nil
}

// A run is one application of a file.
type run struct {
	*Seeder
	file   *File
	now    int64
	by     *model.Actor
	fresh  bool // the workspace was made by this run: there is nothing to compare with
	report *Report

	adminIDs      map[string]model.AdminID // by e-mail address
	teamIDs       map[string]model.TeamID  // by name
	tagIDs        map[string]model.TagID   // by folded name
	companyIDs    map[string]model.CompanyID
	subscriptions map[string]*model.SubscriptionType
	externalIDs   map[string]bool // of the file's contacts
	newsfeedIDs   newsfeedIDs
	declared      map[model.AttributeModel]map[string]*model.DataAttribute
	helpCenterIDs map[string]nouns.HelpCenterID // by identifier
	collections   map[shelf]*nouns.Collection
	knownArticles map[shelf]*nouns.Article
}

// step runs a part of the run in one transaction, of which only what was
// committed is reported. Files that may make a workspace wait for each other, and
// so do those that fill one; seeds of different workspaces do not.
func (r *run) step(ctx context.Context, part func(context.Context) error) error {
	before := *r.report
	name := "seed"
	if r.by != nil {
		name += " " + string(r.by.Workspace.ID)
	}
	return r.Workspace.Together(ctx, name, func(ctx context.Context) error {
		ctx = r.enter(ctx)
		*r.report = before
		r.report.Counts = slices.Clone(before.Counts)
		return part(ctx)
	})
}

// enter has what follows take place in the workspace of the run, by its clock.
func (r *run) enter(ctx context.Context) context.Context {
	if r.by == nil {
		return ctx
	}
	ctx = sandbox.With(ctx, r.by.Workspace.Sandbox)
	r.now = sandbox.Now(ctx, r.Clock()).Unix()
	return ctx
}

func (r *run) apply(ctx context.Context, parts ...func(context.Context) error) error {
	for _, part := range parts {
		if err := part(ctx); err != nil {
			return err
		}
	}
	return nil
}

// at is a context whose rules take place at a time of the seed's; now if it is
// unset.
func (r *run) at(ctx context.Context, t Time) context.Context {
	if !t.given {
		return ctx
	}
	return workspace.Backdate(ctx, time.Unix(t.unix(r.now), 0))
}

// A fault is what is wrong with a file, in words.
type fault string

func (f fault) Error() string { return string(f) }

func faultf(format string, args ...any) error { return fault(fmt.Sprintf(format, args...)) }

// IsFault reports whether what Parse or Apply returned is for whoever wrote the file to
// mend.
func IsFault(err error) bool {
	var f fault
	var e *model.Error
	return errors.As(err, &f) || errors.As(err, &e)
}

// A mistake is a failure of one thing in a file.
type mistake struct {
	where string
	err   error
}

// in says where in the file a failure happened.
func in(err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	return &mistake{fmt.Sprintf(format, args...), err}
}

func (m *mistake) Error() string {
	what := m.err.Error()
	if e, ok := m.err.(*model.Error); ok {
		what = e.Message
	}
	if m.where == "" { // what has no name
		return what
	}
	return m.where + ": " + what
}

func (m *mistake) Unwrap() error { return m.err }

// each calls fn for each member of a list of the file, and says which of them
// failed.
func each[T any](list []T, kind string, fn func(*T) error) error {
	for i := range list {
		if err := fn(&list[i]); err != nil {
			return in(err, "%s, number %d", kind, i+1)
		}
	}
	return nil
}

// known finds what the file refers to by a name.
func known[V any](byName map[string]V, kind, name string) (V, error) {
	v, ok := byName[name]
	if !ok {
		return v, missing(kind, name)
	}
	return v, nil
}

func missing(kind, name string) error { return faultf("there is no %s %q", kind, name) }

func isNotFound(err error) bool {
	e, ok := model.AsError(err)
	return ok && e.Kind == model.NotFound
}
