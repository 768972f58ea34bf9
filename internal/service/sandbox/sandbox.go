// Package sandbox holds the rules by which whoever writes an integration has workspaces
// to test it with.
// It must not know HTTP, JSON or SQL, nor what a workspace is filled with.
package sandbox

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"parley/internal/model"
	"parley/internal/model/sandbox"
	"parley/internal/service/webhook"
	"parley/internal/service/workspace"
	"parley/internal/store"
)

// Options are what the rules need beside a store.
type Options struct {
	Workspace *workspace.Service
	Webhooks  *webhook.Service
	// Read reads the text of a seed. Its error is a *model.Error where the text is wrong.
	Read func(text string) (*Seed, error)
	// Version is that of the program: what a seed becomes may differ with it.
	Version string
	Clock   func() time.Time
	// Token is that of the server, which whoever makes workspaces has.
	Token string
	// Run runs jobs of a workspace that are due, some of them at most, to their end, and
	// returns how many attempts that took. Its error is not one of a job.
	Run func(ctx context.Context, ws model.WorkspaceID) (int, error)
	// Spares is how many workspaces are made of a copy before they are asked for; 0: none.
	Spares int
	// Changes counts what is written to the database, by whomever. Where it cannot be told it stays the same.
	Changes func() int64
	Shared  bool // other servers may use the database
	// Tended is called whenever a service that was started has looked after its spares. It must be there.
	Tended func()
	Logger *slog.Logger
}

// A Seed is what a workspace can be filled with.
type Seed struct {
	Workspace model.Workspace // its name, time zone, region and office hours; empty for none
	HasAdmins bool            // the first of whom will own the workspace
	// Fill brings a workspace that is empty to what the seed says. Its error is a
	// *model.Error where the seed is wrong.
	Fill func(ctx context.Context, id model.WorkspaceID) error
}

// A Service is the rules, over those of workspaces and of webhooks.
type Service struct {
	store     *store.Store
	workspace *workspace.Service
	webhooks  *webhook.Service
	options   Options

	mu    sync.Mutex
	bells map[model.WorkspaceID][]bell
	seeds map[string]Seed // those read last, without Fill, by the id of what became of them
	// seeding holds who makes a workspace by a seed that was not used before. Whoever waits for
	// that does so without a connection to the database.
	seeding chan struct{}
	spares  *spares
}

// New makes the rules over a store.
func New(s *store.Store, o Options) *Service {
	return &Service{store: s, workspace: o.Workspace, webhooks: o.Webhooks, options: o, bells: map[model.WorkspaceID][]bell{}, seeds: map[string]Seed{},
		seeding: make(chan struct{}, 1), spares: newSpares()}
}

// A Request asks for a workspace. What it is filled with is at most one of Seed and From.
type Request struct {
	Workspace model.Workspace // what is unset is that of the seed or the snapshot, or usual
	Token     string          // of the caller's own choice; random if empty
	Seed      string          // the text of a seed, or the name of one that is built in
	From      *Source         // a snapshot
	Clock     ClockPatch      // of the workspace from the beginning; it may show any time that one can

	chosen bool // the id is the caller's choice
}

// A Source names a snapshot of a workspace.
type Source struct {
	Workspace model.WorkspaceID
	Name      string
}

// Create makes a workspace with an admin who owns it, and returns it with a token of
// that admin.
func (s *Service) Create(ctx context.Context, r Request) (*model.Workspace, string, error) {
	if r.Seed != "" && r.From != nil {
		return nil, "", model.ParameterInvalid("A workspace is made of a seed or of a snapshot, not of both")
	}
	defer s.spares.ask()()
	w := &r.Workspace
	r.chosen = w.ID != ""
	w.ID = cmp.Or(w.ID, model.NewWorkspaceID())
	if err := s.begin(&r); err != nil {
		return nil, "", err
	}
	ctx = sandbox.With(ctx, w.Sandbox)
	if r.From != nil {
		copied, err := s.source(ctx, *r.From, w)
		if err != nil {
			return nil, "", err
		}
		w.Name = cmp.Or(w.Name, usualName)
		return s.fromCopy(ctx, copied, r)
	}
	template := sandbox.TemplateID(s.options.Version, r.Seed+r.own(), s.options.Clock().Unix())
	seed, err := s.seed(r.Seed, template)
	if err != nil {
		return nil, "", err
	}
	w.Timezone, w.Region = cmp.Or(w.Timezone, seed.Workspace.Timezone, "UTC"), cmp.Or(w.Region, seed.Workspace.Region)
	w.Name, w.OfficeHours = cmp.Or(w.Name, seed.Workspace.Name, usualName), seed.Workspace.OfficeHours
	// What became of the seed before is copied. The first time it is made by the rules.
	if w.Sandbox.Clock.Ahead != 0 { // which another would have at another time
		return s.alone(ctx, seed, r)
	}
	there, err := s.exists(ctx, w.ID, template)
	if err == nil && there {
		created, token, err := s.fromCopy(ctx, template, r)
		if !errors.Is(err, errGone) {
			return created, token, err
		}
	}
	if err != nil {
		return nil, "", err
	}
	select {
	case s.seeding <- struct{}{}:
		defer func() { <-s.seeding }()
	case <-ctx.Done():
		return nil, "", ctx.Err()
	}
	var created *model.Workspace
	var token string
	err = s.workspace.Together(ctx, "create "+template, func(ctx context.Context) error {
		there, err := s.exists(ctx, w.ID, template)
		switch {
		case err != nil:
		case there: // others were first
			created, token, err = s.newCopy(ctx, template, r)
		default:
			created, token, err = s.fromSeed(ctx, template, true, seed, r)
		}
		return err
	})
	return created, token, err
}

// seed reads a seed. Of one that it has read before it remembers what it needs where there is a copy to make a workspace of: reading the
// example company takes as long as copying it.
func (s *Service) seed(text, template string) (*Seed, error) {
	s.mu.Lock()
	known, ok := s.seeds[template]
	s.mu.Unlock()
	if ok {
		known.Fill = func(ctx context.Context, id model.WorkspaceID) error {
			seed, err := s.options.Read(text)
			if err != nil {
				return err
			}
			return seed.Fill(ctx, id)
		}
		return &known, nil
	}
	seed, err := s.options.Read(text)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.seeds) >= 4*sandbox.MaxTemplates {
		clear(s.seeds)
	}
	s.seeds[template] = Seed{Workspace: seed.Workspace, HasAdmins: seed.HasAdmins}
	return seed, nil
}

// alone makes a workspace of a seed which no other is like.
func (s *Service) alone(ctx context.Context, seed *Seed, r Request) (created *model.Workspace, token string, err error) {
	base := sandbox.NewCopyID(string(r.Workspace.ID))
	err = s.workspace.Together(ctx, "create "+base, func(ctx context.Context) error {
		created, token, err = s.fromSeed(ctx, base, false, seed, r)
		return err
	})
	return created, token, err
}

// begin works out the state that the workspace is to have from the beginning.
func (s *Service) begin(r *Request) error {
	machine := s.options.Clock()
	at := machine.Unix()
	if r.Clock.Now.Has() {
		at = r.Clock.Now.Value
	}
	if err := validTime(at); err != nil {
		return err
	}
	state := &r.Workspace.Sandbox
	if err := validSeed(state.IDs); err != nil {
		return err
	}
	state.Clock = state.Clock.Set(at, r.Clock.Frozen.Value, machine)
	r.Workspace.Secret = s.secret(state.IDs)
	return nil
}

// own spells what is asked for of the workspace's clock and ids; empty: nothing is.
func (r *Request) own() string {
	if r.Workspace.Sandbox.IDs == "" && !r.Clock.Now.Has() && !r.Clock.Frozen.Has() {
		return ""
	}
	return fmt.Sprintf("\x00%q %d", r.Workspace.Sandbox.IDs, r.Workspace.Sandbox.Clock.Stands)
}

// settle has a workspace that was filled with a copy go by the clock of that, or what is
// asked for beside a snapshot, and its jobs with it.
func (s *Service) settle(tx *store.Tx, r *Request) error {
	w, err := tx.Workspaces.Find()
	if err != nil {
		return err
	}
	state := w.Sandbox
	if r != nil && r.From != nil {
		state.IDs = cmp.Or(r.Workspace.Sandbox.IDs, state.IDs)
		state.Clock = r.Clock.of(state.Clock, s.options.Clock())
	}
	state.Clock.Advancing = 0 // whoever moved it then is not at it any more
	if !state.HasOwnTime() {
		return nil
	}
	if err := tx.Workspaces.SetSandbox(state); err != nil {
		return err
	}
	return tx.Jobs.Retime(state.Clock)
}

// maxSeed is the length of what ids are made of, in characters.
const maxSeed = 255

func validSeed(seed string) error { return model.ValidateText("ids", seed, maxSeed) }

// secret is what signs cursors in a workspace whose ids are to be the same each time, so
// that cursors are too. Nobody can tell it who has not the token that opens the workspace anyway.
// For any other it is left to be random.
func (s *Service) secret(seed string) string {
	if seed == "" {
		return ""
	}
	mac := hmac.New(sha256.New, []byte(s.options.Token))
	mac.Write([]byte("secret of a workspace\n" + seed))
	return hex.EncodeToString(mac.Sum(nil))
}

// usualName is the name of a workspace that was given none.
const usualName = "Sandbox"

// errGone says that a copy is not there any more.
var errGone = &model.Error{Kind: model.NotFound, Code: "snapshot_not_found", Message: "Snapshot not found"}

// source finds the copy that a snapshot is, and has a workspace be like it where it does
// not say otherwise.
func (s *Service) source(ctx context.Context, from Source, w *model.Workspace) (copied string, err error) {
	if !from.Workspace.Valid() {
		return "", errGone
	}
	err = s.store.View(ctx, from.Workspace, func(tx *store.Tx) error {
		snapshot, err := tx.Copies.Named(from.Name)
		if err != nil {
			return err
		}
		copied = snapshot.Copy
		like, err := tx.Copies.Settings(copied)
		w.Timezone, w.Region = cmp.Or(w.Timezone, like.Timezone), cmp.Or(w.Region, like.Region)
		return err
	})
	return copied, err
}

func (s *Service) exists(ctx context.Context, id model.WorkspaceID, copied string) (there bool, err error) {
	err = s.store.View(ctx, id, func(tx *store.Tx) (err error) {
		there, err = tx.Copies.Exists(copied)
		return err
	})
	return there, err
}

// fromCopy makes a workspace of a copy: of one of its spares where there is one, for whoever takes any id. Where the copy is gone, the error is
// errGone.
func (s *Service) fromCopy(ctx context.Context, copied string, r Request) (created *model.Workspace, token string, err error) {
	made := false
	if !r.chosen {
		created, token, made, err = s.fromSpare(ctx, copied, r)
	}
	if !made && err == nil {
		created, token, err = s.newCopy(ctx, copied, r)
	}
	if err == nil && s.options.Spares > 0 {
		s.spares.want(copied)
	}
	return created, token, err
}

// newCopy makes a workspace of a copy, all of whose rows it writes.
func (s *Service) newCopy(ctx context.Context, copied string, r Request) (*model.Workspace, string, error) {
	return s.copyInto(ctx, copied, r, func(ctx context.Context) (*model.Workspace, error) {
		created, err := s.workspace.Create(ctx, r.Workspace)
		if err != nil {
			return nil, err
		}
		return created, s.store.Update(ctx, created.ID, func(tx *store.Tx) error {
			if there, err := tx.Copies.Hold(copied); err != nil || !there {
				return cmp.Or(err, error(errGone))
			}
			return tx.Copies.Fill(copied)
		})
	})
}

// copyInto makes a workspace that fill brings to what a copy is.
func (s *Service) copyInto(ctx context.Context, copied string, r Request, fill func(context.Context) (*model.Workspace, error)) (created *model.Workspace, token string, err error) {
	err = s.workspace.Together(ctx, "create "+string(r.Workspace.ID), func(ctx context.Context) error {
		if created, err = fill(ctx); err != nil {
			return err
		}
		if err := s.store.Update(ctx, created.ID, func(tx *store.Tx) error { return s.setBase(tx, copied, &r) }); err != nil {
			return err
		}
		token, err = s.openTo(ctx, created, r.Token)
		return err
	})
	return created, token, err
}

// setBase says what a workspace that was filled with a copy goes back to.
func (s *Service) setBase(tx *store.Tx, copied string, r *Request) error {
	if err := s.settle(tx, r); err != nil {
		return err
	}
	if r.From == nil || r.own() == "" {
		return tx.Copies.SetBase(copied)
	}
	// The snapshot has another time, or other ids, than the workspace is to go back to.
	base := sandbox.NewCopyID(string(tx.Workspace))
	if err := tx.Copies.Keep(base); err != nil {
		return err
	}
	return tx.Copies.SetBase(base)
}

// fromSeed makes a workspace by the rules, and keeps a copy of what it became, which others
// may be made of where it is shared.
func (s *Service) fromSeed(ctx context.Context, template string, shared bool, seed *Seed, r Request) (created *model.Workspace, token string, err error) {
	if created, err = s.workspace.Create(ctx, r.Workspace); err != nil {
		return nil, "", err
	}
	if !seed.HasAdmins {
		_, err := s.workspace.CreateAdmin(ctx, &model.Actor{Workspace: created}, model.Admin{Name: "Owner", Email: "owner@parley.example", HasInboxSeat: true})
		if err != nil {
			return nil, "", err
		}
	}
	if err := seed.Fill(ctx, created.ID); err != nil {
		return nil, "", err
	}
	err = s.store.Update(ctx, created.ID, func(tx *store.Tx) error {
		if err := tx.Copies.Keep(template); err != nil {
			return err
		}
		if shared {
			if err := tx.Copies.SetTemplate(template, sandbox.MaxTemplates); err != nil {
				return err
			}
		}
		return tx.Copies.SetBase(template)
	})
	if err != nil {
		return nil, "", err
	}
	token, err = s.openTo(ctx, created, r.Token)
	return created, token, err
}

// openTo makes a token of the admin who owns a new workspace.
func (s *Service) openTo(ctx context.Context, w *model.Workspace, token string) (string, error) {
	by, err := s.workspace.Operator(ctx, w.ID)
	if err != nil {
		return "", err
	}
	return s.workspace.CreateToken(ctx, by, by.Admin, "sandbox", token)
}

// List reads so many workspaces of the server behind an id, in the order of their ids.
// Where a name is given, others are left out.
func (s *Service) List(ctx context.Context, after model.WorkspaceID, name string, most int) ([]*model.Workspace, error) {
	if after != "" && !after.Valid() {
		return nil, model.ParameterInvalid("starting_after must be the id of a workspace")
	}
	if err := model.ValidateText("Name", name, model.MaxText); err != nil {
		return nil, err
	}
	return s.store.PageWorkspaces(ctx, after, name, most)
}

// Operator is who acts for a developer in a workspace: the admin who owns it. An id that
// no workspace has is not found.
func (s *Service) Operator(ctx context.Context, id model.WorkspaceID) (*model.Actor, error) {
	unknown := &model.Error{Kind: model.NotFound, Code: "workspace_not_found", Message: "Workspace not found"}
	if !id.Valid() { // as that of a copy: nobody acts in what others go back to
		return nil, unknown
	}
	by, err := s.workspace.Operator(ctx, id)
	if e, told := model.AsError(err); told && e.Kind == model.NotFound {
		return nil, unknown
	}
	return by, err
}

// Delete removes a workspace and all that is in it, its snapshots included.
func (s *Service) Delete(ctx context.Context, id model.WorkspaceID) error {
	defer s.spares.look()
	return s.store.Alone(ctx, id, func(tx *store.Tx) error {
		if _, err := tx.Workspaces.Find(); err != nil {
			return err
		}
		if err := tx.Copies.DeleteAll(); err != nil {
			return err
		}
		return tx.Workspaces.Delete()
	})
}
