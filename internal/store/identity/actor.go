package identity

import (
	"context"
	"strconv"
	"sync"

	"parley/internal/db"
	"parley/internal/model"
	"parley/internal/store/record"
)

// FindActor reads who acts with the token of that hash: one statement, since every request begins with it. The limits of its rate come along, so
// that a change of them counts from the next request on. An unknown or revoked token is Unauthorized.
func FindActor(t *db.Tx, hash string) (*model.Actor, error) {
	var w model.Workspace
	var app int64
	var scopes string
	actor := &model.Actor{Workspace: &w}
	err := t.QueryRow(whoseToken, hash).
		Scan(&w.ID, &w.Name, &w.Timezone, &w.Region, record.OfficeHours(&w.OfficeHours), &w.Secret, &w.CreatedAt,
			record.OrZero(&w.RateLimits.App), record.OrZero(&w.RateLimits.Workspace), record.JSONOrZero(&w.Sandbox), &actor.Admin, record.OrZero(&app), record.OrEmpty(&scopes))
	if err != nil {
		return nil, record.OrNotFound(err, model.AccessTokenInvalid())
	}
	if app == 0 {
		actor.App, actor.ByHand = (&model.AccessToken{Hash: hash}).ID(), true
		return actor, nil
	}
	actor.App = strconv.FormatInt(app, 10)
	return actor, record.JSONColumn(&actor.Scopes).Scan(scopes)
}

const whoseToken = `SELECT w.id, w.name, w.timezone, w.region, w.office_hours, w.secret, w.created_at,
		w.app_rate_limit, w.rate_limit, w.sandbox, t.admin_id, t.app_id, a.scopes
	FROM access_tokens t JOIN workspaces w ON w.id = t.workspace_id
		LEFT JOIN apps a ON a.workspace_id = t.workspace_id AND a.id = t.app_id
	WHERE t.token_hash = $1 AND t.revoked_at IS NULL AND (t.app_id IS NULL OR a.id IS NOT NULL)`

// mostActors is how many are kept. Beyond it all are read anew.
const mostActors = 4096

// Actors keeps who acts with a token for as long as nobody has written to what that is read of, in whatever process. On a database that
// servers share, that is known once it is asked what has changed, so that whom it keeps is a guess: see Guess. The zero value is ready.
type Actors struct {
	mu       sync.Mutex
	asked    bool // for the revision
	revision *db.Revision
	byHash   map[string]keptActor
}

type keptActor struct {
	actor  *model.Actor
	moment db.Moment // when it was so; zero where that is not known
	lasts  bool      // it was so as long as from when it was read until it was read again
}

// Find finds the actor of a hash, and has it read in a View where none is kept. Its caller may change it.
func (a *Actors) Find(ctx context.Context, d *db.DB, hash string, view func(func(*db.Tx) error) error) (*model.Actor, error) {
	revision, err := a.follow(ctx, d)
	if err != nil {
		return nil, err
	}
	// What is read is of this moment or later: if it changes meanwhile, what was read is not found under the next.
	moment, known := revision.Now()
	if known {
		if kept := a.get(hash); kept.actor != nil && kept.moment == moment {
			return clone(kept.actor), nil
		}
	} else if kept := a.get(hash); kept.lasts && kept.moment == revision.Latest() {
		// Where others write between one request and the next, that would be in vain each time.
		moments, err := d.Moments(ctx)
		if err != nil {
			return nil, err
		}
		if now, known := moments.Of(revision); known && now == kept.moment {
			return clone(kept.actor), nil
		}
	}
	var found *model.Actor
	err = view(func(t *db.Tx) (err error) {
		t.Last()
		if found, err = FindActor(t, hash); err == nil && !known {
			moment, known = t.Moment(revision)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if known || d.Dialect().Shared() {
		a.put(moment, hash, found)
	}
	return found, nil
}

// follow asks for the revision, once.
func (a *Actors) follow(ctx context.Context, d *db.DB) (*db.Revision, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.asked {
		return a.revision, nil
	}
	var err error
	a.revision, err = d.Revision(ctx, whoseToken, nil)
	a.asked = err == nil
	return a.revision, err
}

// get has nobody where nobody is kept. Nobody may change whom it has.
func (a *Actors) get(hash string) keptActor {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.byHash[hash]
}

func (a *Actors) put(moment db.Moment, hash string, actor *model.Actor) {
	a.mu.Lock()
	defer a.mu.Unlock()
	before := a.byHash[hash].moment
	if moment.Before(before) { // who was slow has read what is past
		return
	}
	if a.byHash == nil || len(a.byHash) >= mostActors {
		a.byHash = map[string]keptActor{}
	}
	a.byHash[hash] = keptActor{clone(actor), moment, moment == before && moment != (db.Moment{})}
}

// clone is an actor of one's own. Rules change no element of its lists.
func clone(actor *model.Actor) *model.Actor {
	mine, w := *actor, *actor.Workspace
	mine.Workspace = &w
	return &mine
}
