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

// Actors keeps who acts with a token for as long as nobody has written to what that is read of, in whatever process. Where that
// cannot be told it keeps nobody, but on a database that servers share, where it is for guesses alone. The zero value is ready.
type Actors struct {
	mu       sync.Mutex
	asked    bool // for the revision
	revision *db.Revision
	moment   db.Moment // of which all are
	byHash   map[string]*model.Actor
}

// Find finds the actor of a hash, and has it read where none is kept. Its caller may change it.
func (a *Actors) Find(ctx context.Context, d *db.DB, hash string, read func() (*model.Actor, error)) (*model.Actor, error) {
	revision, err := a.follow(ctx, d)
	if err != nil {
		return nil, err
	}
	// What is read is of this moment or later: if it changes meanwhile, what was read is not found under the next.
	moment, known := revision.Now()
	if !known {
		found, err := read()
		if err == nil && d.Dialect().Shared() { // where moments are never told, so that nobody takes this one for a moment
			a.put(untold, hash, found)
		}
		return found, err
	}
	if kept := a.get(moment, hash); kept != nil {
		return kept, nil
	}
	found, err := read()
	if err != nil {
		return nil, err
	}
	a.put(moment, hash, found)
	return found, nil
}

// untold is the moment of those who are kept where nobody can tell of moments.
var untold db.Moment

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

func (a *Actors) get(moment db.Moment, hash string) *model.Actor {
	a.mu.Lock()
	defer a.mu.Unlock()
	if kept := a.byHash[hash]; kept != nil && a.moment == moment {
		return clone(kept)
	}
	return nil
}

func (a *Actors) put(moment db.Moment, hash string, actor *model.Actor) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if moment.Before(a.moment) { // who was slow has read what is past
		return
	}
	if a.moment.Before(moment) || a.byHash == nil || len(a.byHash) >= mostActors {
		a.moment, a.byHash = moment, map[string]*model.Actor{}
	}
	a.byHash[hash] = clone(actor)
}

// clone is an actor of one's own. Rules change no element of its lists.
func clone(actor *model.Actor) *model.Actor {
	mine, w := *actor, *actor.Workspace
	mine.Workspace = &w
	return &mine
}
