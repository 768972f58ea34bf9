package identity

import (
	"context"
	"crypto/subtle"

	"parley/internal/model"
	"parley/internal/model/identity"
	"parley/internal/service/workspace"
	"parley/internal/store"
)

// remembered is how long a code is known after it has expired, so that a second use
// of it is noticed.
const remembered = 24 * 60 * 60

// FindClient reads the app of a client id, and whose it is. The app is without its
// secret.
func (s *Service) FindClient(ctx context.Context, clientID string) (*model.Workspace, *identity.App, error) {
	id, err := s.findOwner(ctx, clientID)
	if err != nil {
		return nil, nil, err
	}
	var w *model.Workspace
	var a *identity.App
	err = s.store.View(ctx, id, func(tx *store.Tx) (err error) {
		if a, err = tx.Apps.FindByClientID(clientID); err != nil {
			return err
		}
		a.ClientSecret = ""
		w, err = tx.Workspaces.Find()
		return err
	})
	return w, a, err
}

// findOwner reads whose the app of a client id is. What cannot be one is not looked
// for.
func (s *Service) findOwner(ctx context.Context, clientID string) (model.WorkspaceID, error) {
	if !identity.IsClientID(clientID) {
		return "", identity.AppNotFound()
	}
	return s.store.FindAppWorkspace(ctx, clientID)
}

// Authorize gives an app access in the name of the admin who asks, and returns the
// code by which the app fetches its token. It is seen this once: its hash alone is
// kept.
func (s *Service) Authorize(ctx context.Context, by *model.Actor, app identity.AppID, redirectURL string) (code string, err error) {
	code = identity.NewSecret(32)
	err = s.store.Update(ctx, by.Workspace.ID, func(tx *store.Tx) error {
		a, err := tx.Apps.FindForUpdate(app)
		if err != nil {
			return err
		}
		to, registered := a.Redirect(redirectURL)
		if !registered {
			return identity.RedirectRefused()
		}
		if err := tx.Codes.Sweep(tx.Now() - remembered); err != nil {
			return err
		}
		return tx.Codes.Insert(&identity.Code{Hash: workspace.Hash(code), App: a.ID, Admin: by.Admin, RedirectURL: to,
			ExpiresAt: tx.Now() + identity.CodeLifetime})
	})
	return code, err
}

// Exchange makes the token that a code stands for, once. Whoever brings the code
// again may have stolen it, or have been stolen from: the token of it ends.
func (s *Service) Exchange(ctx context.Context, clientID, secret, code, redirectURL, ip string) (string, error) {
	id, err := s.findOwner(ctx, clientID)
	if isNotFound(err) {
		return "", identity.ClientInvalid()
	} else if err != nil {
		return "", err
	}
	// A stranger is refused without a transaction that may write.
	err = s.store.View(ctx, id, func(tx *store.Tx) error {
		return proven(secret)(tx.Apps.FindByClientID(clientID))
	})
	if err != nil {
		return "", err
	}
	token := workspace.NewToken()
	var refused error
	err = s.store.Update(ctx, id, func(tx *store.Tx) error {
		refused = nil
		// The app is held, so that a token is not made while all others are ended.
		a, err := tx.Apps.FindByClientIDForUpdate(clientID)
		if err := proven(secret)(a, err); err != nil {
			return err
		}
		c, err := tx.Codes.FindForUpdate(workspace.Hash(code))
		if err != nil {
			return err
		}
		if refused = c.Redeem(a.ID, redirectURL, tx.Now()); refused != nil {
			if c.Token == "" || c.App != a.ID {
				return nil
			}
			return tx.AccessTokens.Revoke(c.Token)
		}
		return redeem(tx, a, c, token, ip)
	})
	if err == nil {
		err = refused
	}
	if err != nil {
		return "", err
	}
	return token, nil
}

// proven checks that whoever asks for what is of an app knows its secret.
func proven(secret string) func(*identity.App, error) error {
	return func(a *identity.App, err error) error {
		switch {
		case isNotFound(err):
			return identity.ClientInvalid()
		case err != nil:
			return err
		case subtle.ConstantTimeCompare([]byte(secret), []byte(a.ClientSecret)) != 1:
			return identity.ClientInvalid()
		}
		return nil
	}
}

// redeem makes a token of a code.
func redeem(tx *store.Tx, a *identity.App, c *identity.Code, token, ip string) error {
	t := &model.AccessToken{Hash: workspace.Hash(token), Admin: c.Admin, Name: a.Name, App: int64(a.ID), CreatedAt: tx.Now()}
	if err := tx.AccessTokens.Insert(t); err != nil {
		return err
	}
	if err := tx.AccessTokens.RevokeOldest(t.App, t.Admin, identity.MaxTokens); err != nil {
		return err
	}
	c.Token = t.Hash
	if err := tx.Codes.Spend(c); err != nil {
		return err
	}
	return tx.ActivityLogs.Append(identity.AppInstalled(&model.Actor{Admin: c.Admin, IP: ip}, a))
}

// Uninstall ends what the token that asks is of: an app's access to the workspace,
// whoever gave it, or the one token that was made by hand.
func (s *Service) Uninstall(ctx context.Context, by *model.Actor) error {
	if by.ByHand {
		return s.workspace.RevokeToken(ctx, by, by.App)
	}
	return s.EndAccess(ctx, by, model.Decimal[identity.AppID](by.App))
}

// EndAccess ends all tokens of an app, and what was about to become one. The app
// stays registered.
func (s *Service) EndAccess(ctx context.Context, by *model.Actor, app identity.AppID) error {
	return s.store.Update(ctx, by.Workspace.ID, func(tx *store.Tx) error {
		a, err := tx.Apps.FindForUpdate(app)
		if err != nil {
			return err
		}
		if err := tx.AccessTokens.RevokeAll(int64(app)); err != nil {
			return err
		}
		if err := tx.Codes.Forget(app); err != nil {
			return err
		}
		return tx.ActivityLogs.Append(identity.AppUninstalled(by, a))
	})
}
