package workspace

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"

	"parley/internal/model"
	"parley/internal/store"
	"parley/internal/store/identity"
)

// CreateToken makes an access token that acts as an admin and returns it: the
// only time that it is seen, since its hash alone is kept. A token of the
// caller's own choice may be given; else it is random.
func (s *Service) CreateToken(ctx context.Context, by *model.Actor, admin model.AdminID, name, token string) (string, error) {
	if token == "" {
		token = NewToken()
	}
	if err := model.ValidateToken(name, token); err != nil {
		return "", err
	}
	t := &model.AccessToken{Hash: Hash(token), Workspace: by.Workspace.ID, Admin: admin, Name: name}
	err := s.store.Update(ctx, by.Workspace.ID, func(tx *store.Tx) error {
		if _, err := tx.Admins.Find(admin); err != nil {
			return err
		}
		if err := tx.Lock("access token " + t.Hash); err != nil {
			return err
		}
		if taken, err := tx.AccessTokens.Taken(t.Hash); err != nil {
			return err
		} else if taken {
			return model.TokenTaken()
		}
		t.CreatedAt = tx.Now()
		if err := tx.AccessTokens.Insert(t); err != nil {
			return err
		}
		return tx.ActivityLogs.Append(model.TokenCreated(by, t))
	})
	if err != nil {
		return "", err
	}
	return token, nil
}

// ListTokens reads the workspace's tokens, revoked ones too, oldest first.
func (s *Service) ListTokens(ctx context.Context, by *model.Actor) ([]*model.AccessToken, error) {
	var tokens []*model.AccessToken
	err := s.store.View(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		tokens, err = tx.AccessTokens.List()
		return err
	})
	return tokens, err
}

// RevokeToken ends a token, named by its short id, for good and at once. Ending
// it twice changes nothing.
func (s *Service) RevokeToken(ctx context.Context, by *model.Actor, id string) error {
	return s.store.Update(ctx, by.Workspace.ID, func(tx *store.Tx) error {
		t, err := tx.AccessTokens.FindForUpdate(id)
		if err != nil || t.RevokedAt != 0 {
			return err
		}
		if err := tx.AccessTokens.Revoke(t.Hash); err != nil {
			return err
		}
		return tx.ActivityLogs.Append(model.TokenRevoked(by, t))
	})
}

// Authenticate finds who acts with a token. An unknown one is Unauthorized.
func (s *Service) Authenticate(ctx context.Context, token string) (*model.Actor, error) {
	return s.store.FindActor(ctx, Hash(token))
}

// Guess guesses who acts with a token, for what only reads. What is asked under the context that it returns must not be answered
// before Confirm has returned nil. Without an actor there is no guess, and Authenticate finds one.
func (s *Service) Guess(ctx context.Context, token string) (context.Context, *model.Actor) {
	return s.store.GuessActor(ctx, Hash(token))
}

// Confirm confirms a guess, if nothing that was read has. Whoever was wrong must be found by Authenticate, and asked for anew.
func (s *Service) Confirm(ctx context.Context) (wrong bool, err error) {
	err = s.store.ConfirmActor(ctx)
	return errors.Is(err, identity.ErrGuess), err
}

// NewToken makes a random token of the form that clients know.
func NewToken() string {
	return base64.StdEncoding.EncodeToString([]byte("tok:" + store.NewSecret()[:32]))
}

// Hash is the form tokens are kept in. They are long and random, so that one
// plain hash is enough.
func Hash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}
