package store

import (
	"context"
	"strconv"

	"parley/internal/db"
	"parley/internal/model"
	"parley/internal/store/record"
)

// FindActor reads who acts with the token of that hash: one statement, since
// every request begins with it. The limits of its rate come along, so that a change
// of them counts from the next request on. An unknown or revoked token is Unauthorized.
func (s *Store) FindActor(ctx context.Context, hash string) (*model.Actor, error) {
	var w model.Workspace
	var app int64
	var scopes string
	actor := &model.Actor{Workspace: &w}
	err := s.view(ctx, func(t *db.Tx) error {
		return t.QueryRow(`SELECT w.id, w.name, w.timezone, w.region, w.office_hours, w.secret, w.created_at,
				w.app_rate_limit, w.rate_limit, w.sandbox, t.admin_id, t.app_id, a.scopes
			FROM access_tokens t JOIN workspaces w ON w.id = t.workspace_id
				LEFT JOIN apps a ON a.workspace_id = t.workspace_id AND a.id = t.app_id
			WHERE t.token_hash = $1 AND t.revoked_at IS NULL AND (t.app_id IS NULL OR a.id IS NOT NULL)`, hash).
			Scan(&w.ID, &w.Name, &w.Timezone, &w.Region, officeHoursColumn{&w.OfficeHours}, &w.Secret, &w.CreatedAt,
				record.OrZero(&w.RateLimits.App), record.OrZero(&w.RateLimits.Workspace), record.JSONOrZero(&w.Sandbox), &actor.Admin, record.OrZero(&app), record.OrEmpty(&scopes))
	})
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
