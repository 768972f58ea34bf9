// Package fill makes a workspace of a given size that looks like one in use: the same rows whenever the size and the seed are the
// same.
// It must not know SQL: what the rules would leave behind, it hands to the store as nouns, many in a transaction.
package fill

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"parley/internal/app"
	"parley/internal/bench"
	"parley/internal/db"
	"parley/internal/model"
	"parley/internal/seed"
	"parley/internal/service/workspace"
	"parley/internal/store"
	"parley/internal/store/parts"
	"parley/internal/wire"
)

// Options say what is made.
type Options struct {
	Contacts  int    // at least MinContacts
	Seed      uint64 // of what is by chance
	Workspace model.WorkspaceID
	Clock     func() time.Time
	// Progress, if it is set, is told how many contacts there are.
	Progress func(contacts int)
}

// MinContacts is the smallest fill: one with fewer would not have four contacts for each of what is rare.
const MinContacts = 100

// MaxContacts is the largest: what is beyond has not been tried.
const MaxContacts = 10_000_000

// cacheKB is what SQLite keeps of the file in memory while it is filled: the leaves of the indexes, into which
// each contact goes at another place.
const cacheKB = 600_000

// batch is how many contacts are written in one transaction, with their conversations: so many that a leaf of an index is
// written once for several.
const batch = 20_000

// Folder fills a folder that has no database yet, and keeps in it what a driver must know. One that was filled alike already is
// left as it is.
func Folder(ctx context.Context, folder string, o Options) (*bench.Facts, error) {
	have, err := bench.ReadFacts(folder)
	switch {
	case err == nil && have.Format == bench.FactsFormat && have.Contacts == o.Contacts && have.Seed == o.Seed:
		return have, nil
	case err == nil:
		return nil, fmt.Errorf("%s holds another fill, of %d contacts by the seed %d in the format %d: name another folder", folder, have.Contacts, have.Seed, have.Format)
	case !errors.Is(err, bench.ErrNoFacts):
		return nil, err
	}
	path := filepath.Join(folder, app.DatabaseFile)
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is a database in %s that is no fill, or one that was not filled to its end: name another folder", folder)
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	d, err := db.Open(ctx, db.Options{Path: path, Migrations: store.Migrations(), CacheKB: cacheKB, Readers: 1, Unsynced: true})
	if err != nil {
		return nil, err
	}
	facts, err := Into(ctx, d, o)
	if err = errors.Join(err, d.Close()); err != nil {
		return nil, err
	}
	return facts, errors.Join(syncFile(path), facts.Write(folder))
}

func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

//go:embed base.yaml
var base []byte

// Into fills a new workspace of an open database.
func Into(ctx context.Context, d *db.DB, o Options) (*bench.Facts, error) {
	if o.Contacts < MinContacts || o.Contacts > MaxContacts {
		return nil, fmt.Errorf("a fill has from %d to %d contacts, not %d", MinContacts, MaxContacts, o.Contacts)
	}
	f := &filler{crowd: crowd{o.Contacts, o.Seed}, store: store.New(d, o.Clock, store.Options{Encode: wire.ItemEncoder("")})}
	ctx = workspace.Backdate(ctx, time.Unix(begins, 0))
	token, err := f.found(ctx, d, o)
	if err != nil {
		return nil, err
	}
	counts := newCounts(f.tags[tagFrequent], f.tags[tagRare], f.segment)
	if err := f.companies(ctx); err != nil {
		return nil, err
	}
	for first := 0; first < o.Contacts; first += batch {
		people := make([]*person, min(batch, o.Contacts-first))
		for i := range people {
			people[i] = f.crowd.person(first + i)
			counts.add(people[i])
		}
		if err := f.people(ctx, first, people); err != nil {
			return nil, err
		}
		if o.Progress != nil {
			o.Progress(first + len(people))
		}
	}
	return counts.facts(o, token), index(ctx, d)
}

// index has the index of parts of texts be as a server at rest has it.
func index(ctx context.Context, d *db.DB) error {
	if !d.Dialect().Keeps() {
		return nil
	}
	of := parts.New(d, slog.New(slog.DiscardHandler))
	for more := true; more; {
		var err error
		if more, err = of.Step(ctx, 1); err != nil {
			return err
		}
	}
	return nil
}

// A filler is a fill under way.
type filler struct {
	crowd      crowd
	store      *store.Store
	ws         model.WorkspaceID
	tags       map[string]model.TagID
	segment    model.SegmentID
	companyIDs []model.CompanyID
}

// found makes the workspace and what it has few of, by the rules, and returns a token of its owner.
func (f *filler) found(ctx context.Context, d *db.DB, o Options) (token string, err error) {
	file, err := seed.Parse("base.yaml", base)
	if err != nil {
		return "", err
	}
	file.Workspace.ID = o.Workspace
	for i := range admins {
		file.Admins = append(file.Admins, seed.Admin{Name: given[i*4] + " " + title(made(uint64(i), 2)), Email: fmt.Sprintf("admin%d@harbour.example", i+1)})
	}
	for i := range teams {
		file.Teams = append(file.Teams, seed.Team{Name: []string{"Support", "Billing", "Success"}[i]})
	}
	file.Tags = []string{tagFrequent, tagRare}
	for i := range cohorts {
		file.Tags = append(file.Tags, fmt.Sprintf("cohort %d", i+1))
	}
	a, err := app.New(d, app.Options{Clock: o.Clock, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return "", err
	}
	report, err := a.Seeds.Apply(ctx, file, "")
	if err != nil {
		return "", err
	}
	f.ws = report.Workspace.ID
	token, err = a.Workspace.CreateToken(ctx, &model.Actor{Workspace: report.Workspace, Admin: report.Owner}, report.Owner, "measurements", "")
	if err != nil {
		return "", err
	}
	return token, f.store.View(ctx, f.ws, func(tx *store.Tx) error {
		tags, err := tx.Tags.List()
		if err != nil {
			return err
		}
		f.tags = map[string]model.TagID{}
		for _, t := range tags {
			f.tags[t.Name] = t.ID
		}
		segments, err := tx.Segments.List()
		if err == nil {
			f.segment = segments[0].ID
		}
		return err
	})
}

func (f *filler) companies(ctx context.Context) error {
	n := f.crowd.companies()
	f.companyIDs = make([]model.CompanyID, n)
	return f.store.Update(ctx, f.ws, func(tx *store.Tx) error {
		for i := range n {
			c := f.crowd.company(i)
			f.companyIDs[i] = c.ID
			if err := tx.Companies.Insert(c); err != nil {
				return err
			}
		}
		return nil
	})
}

// people writes contacts and all that belongs to them in one transaction. The first has that number.
func (f *filler) people(ctx context.Context, first int, people []*person) error {
	return f.store.Update(ctx, f.ws, func(tx *store.Tx) error {
		tagged := map[string][]model.ContactID{}
		for _, p := range people {
			if err := tx.Contacts.Insert(&p.Contact); err != nil {
				return err
			}
			if p.company >= 0 {
				if _, err := tx.Companies.Attach(f.companyIDs[p.company], p.ID); err != nil {
					return err
				}
			}
			for _, name := range p.tags {
				tagged[name] = append(tagged[name], p.ID)
			}
		}
		for name, ids := range tagged {
			if _, err := tx.Tags.AttachToContacts(f.tags[name], 1, ids...); err != nil {
				return err
			}
		}
		for i, p := range people {
			if p.story != nil {
				if err := f.converse(tx, first+i, p); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// converse writes the conversation of a contact.
func (f *filler) converse(tx *store.Tx, n int, p *person) error {
	r := f.crowd.chance(ofWords, n)
	id, err := tx.Conversations.NewID()
	if err != nil {
		return err
	}
	message, err := tx.Conversations.NewMessageID()
	if err != nil {
		return err
	}
	c := p.story.begin(id, message, p, r)
	if err := tx.Conversations.Insert(c); err != nil {
		return err
	}
	for _, next := range p.story.steps {
		part, err := play(c, p, next, r)
		if err != nil {
			return err
		}
		if err := tx.Conversations.AddPart(c, part); err != nil {
			return err
		}
	}
	c.Read = c.State == model.Closed
	if err := tx.Conversations.Update(c); err != nil {
		return err
	}
	if r.IntN(10) == 0 {
		if _, err := tx.Tags.AttachToConversation(f.tags[tagFrequent], 1, id); err != nil {
			return err
		}
	}
	if c.State != model.Snoozed {
		return nil
	}
	return tx.Jobs.Enqueue(model.Job{Kind: model.Unsnooze, Key: id.String(), At: c.SnoozedUntil, Payload: model.UnsnoozePayload{Conversation: id}})
}
