package identity

import (
	"context"
	"strings"
	"unicode/utf8"

	"parley/internal/model"
	"parley/internal/model/event"
	"parley/internal/model/identity"
	"parley/internal/service/workspace"
	"parley/internal/store"
)

// byPassword is how the activity log calls the way in by a password.
const byPassword = "email_password"

// An Attempt is somebody who says who they are.
type Attempt struct {
	Workspace model.WorkspaceID
	Email     string
	Password  string
	IP        string
}

// An Entry is an admin who was let in, or has yet to show a second factor.
type Entry struct {
	Token    string // what the browser keeps; seen this once
	Complete bool
}

// SignIn lets an admin in by a password. Whoever is refused cannot tell whether
// there is such an admin: not by the answer, and not by how long it takes.
func (s *Service) SignIn(ctx context.Context, a Attempt) (*Entry, error) {
	a.Email = strings.TrimSpace(a.Email)
	if !utf8.ValidString(a.Email) || strings.ContainsRune(a.Email, 0) || len(a.Email) > 4*model.MaxText || len(a.Password) > identity.MaxPassword {
		return nil, identity.SignInRefused()
	}
	bounds := identity.SignInBounds(a.Email, a.IP)
	if err := s.refuseSpent(ctx, a.Workspace, bounds); err != nil {
		return nil, err
	}
	admin, known, err := s.beginAttempt(ctx, a, bounds)
	if err != nil {
		return nil, err
	}
	matches, err := s.hasher.matches(ctx, a.Password, known.PasswordHash)
	if err != nil {
		return nil, err
	}
	var entry *Entry
	err = s.store.Update(ctx, a.Workspace, func(tx *store.Tx) error {
		entry = nil
		if !matches {
			if err := tx.Attempts.Note(bounds); err != nil || admin == nil {
				return err
			}
			return tx.ActivityLogs.Append(identity.SignInFailed(&model.Actor{Admin: admin.ID, IP: a.IP}, byPassword))
		}
		// It may have been changed while it was compared.
		c, err := tx.Credentials.FindForUpdate(admin.ID)
		if err != nil || c.PasswordHash != known.PasswordHash {
			return err
		}
		if err := tx.Attempts.Pardon(bounds); err != nil {
			return err
		}
		entry, err = enter(tx, &model.Actor{Admin: admin.ID, IP: a.IP}, !c.OTPConfirmed, byPassword)
		return err
	})
	if err == nil && entry == nil {
		err = identity.SignInRefused()
	}
	return entry, err
}

// refuseSpent refuses those who have tried too often without writing anything, so
// that it costs little to refuse them again and again.
func (s *Service) refuseSpent(ctx context.Context, ws model.WorkspaceID, bounds []identity.Bound) error {
	return s.store.View(ctx, ws, func(tx *store.Tx) error {
		spent, err := tx.Attempts.Spent(bounds)
		if err == nil && spent {
			err = identity.TooManyAttempts()
		}
		return err
	})
}

// beginAttempt counts an attempt before anything is compared, so that many at once
// are bounded too, and finds whose it is: nil and nothing where there is nobody.
func (s *Service) beginAttempt(ctx context.Context, a Attempt, bounds []identity.Bound) (admin *model.Admin, known *identity.Credentials, err error) {
	var within bool
	err = s.store.Update(ctx, a.Workspace, func(tx *store.Tx) (err error) {
		admin, known = nil, &identity.Credentials{}
		if _, err = tx.Workspaces.Find(); isNotFound(err) {
			return identity.SignInRefused()
		} else if err != nil {
			return err
		}
		if within, err = tx.Attempts.Count(bounds); err != nil || !within {
			return err
		}
		if admin, err = tx.Admins.FindByEmail(a.Email); isNotFound(err) {
			admin = nil
			return nil
		} else if err != nil {
			return err
		}
		known, err = tx.Credentials.Find(admin.ID)
		return err
	})
	if err == nil && !within {
		err = identity.TooManyAttempts()
	}
	return admin, known, err
}

// enter makes the session of an admin who was let in.
func enter(tx *store.Tx, by *model.Actor, complete bool, way string) (*Entry, error) {
	e := &Entry{Token: identity.NewSecret(32), Complete: complete}
	if err := tx.Sessions.Sweep(); err != nil {
		return nil, err
	}
	if err := tx.Sessions.Insert(identity.NewSession(workspace.Hash(e.Token), by.Admin, complete, tx.Now())); err != nil || !complete {
		return e, err
	}
	if err := tellAdmin(tx, event.AdminLoggedIn, by.Admin); err != nil {
		return nil, err
	}
	return e, tx.ActivityLogs.Append(identity.SignedIn(by, way))
}

// tellAdmin tells what an admin did.
func tellAdmin(tx *store.Tx, topic event.Topic, id model.AdminID) error {
	a, err := tx.Admins.Find(id)
	if err == nil {
		tx.Notify(topic, event.Admin{Admin: a})
	}
	return err
}

// ShowCode lets an admin in who has shown a password, by a code of the
// authenticator or one that stands in for it.
func (s *Service) ShowCode(ctx context.Context, ws model.WorkspaceID, token, code, ip string) (*Entry, error) {
	var entry *Entry
	var refused error
	err := s.store.Update(ctx, ws, func(tx *store.Tx) error {
		entry, refused = nil, nil
		pending, err := tx.Sessions.Find(workspace.Hash(token))
		if err != nil {
			return err
		}
		if pending.Complete || !pending.Lasts(tx.Now()) {
			return identity.NotSignedIn()
		}
		by := &model.Actor{Admin: pending.Admin, IP: ip}
		c, err := tx.Credentials.FindForUpdate(pending.Admin)
		if err != nil {
			return err
		}
		refused, err = countCode(tx, pending.Admin, func() (bool, error) {
			if c.OTPConfirmed && spend(c, code, tx.Now()) {
				return true, nil
			}
			return false, tx.ActivityLogs.Append(identity.SignInFailed(by, "two_factor"))
		})
		if err != nil || refused != nil {
			return err
		}
		if err := tx.Credentials.Save(c); err != nil {
			return err
		}
		if _, err := tx.Sessions.Delete(pending.Hash); err != nil {
			return err
		}
		entry, err = enter(tx, by, true, "two_factor")
		return err
	})
	if err == nil {
		err = refused
	}
	if err != nil {
		return nil, err
	}
	return entry, nil
}

// FindSession reads who is signed in by what a browser keeps, and whether nothing
// is left to show.
func (s *Service) FindSession(ctx context.Context, ws model.WorkspaceID, token string) (by *model.Actor, admin *model.Admin, complete bool, err error) {
	var stale bool
	hash := workspace.Hash(token)
	err = s.store.View(ctx, ws, func(tx *store.Tx) error {
		v, err := tx.Sessions.Find(hash)
		if err != nil {
			return err
		}
		if !v.Lasts(tx.Now()) {
			return identity.NotSignedIn()
		}
		by, complete, stale = &model.Actor{Admin: v.Admin}, v.Complete, v.Stale(tx.Now())
		if by.Workspace, err = tx.Workspaces.Find(); err != nil {
			return err
		}
		admin, err = tx.Admins.Find(v.Admin)
		return err
	})
	if err == nil && stale {
		err = s.store.Update(ctx, ws, func(tx *store.Tx) error { return tx.Sessions.See(hash) })
	}
	return by, admin, complete, err
}

// SignOut ends a session. Ending it twice changes nothing.
func (s *Service) SignOut(ctx context.Context, ws model.WorkspaceID, token, ip string) error {
	return s.store.Update(ctx, ws, func(tx *store.Tx) error {
		v, err := tx.Sessions.Find(workspace.Hash(token))
		if e, ok := model.AsError(err); ok && e.Kind == model.Unauthorized {
			return nil
		} else if err != nil {
			return err
		}
		if was, err := tx.Sessions.Delete(v.Hash); err != nil || !was || !v.Complete || !v.Lasts(tx.Now()) {
			return err
		}
		if err := tellAdmin(tx, event.AdminLoggedOut, v.Admin); err != nil {
			return err
		}
		return tx.ActivityLogs.Append(identity.SignedOut(&model.Actor{Admin: v.Admin, IP: ip}))
	})
}

// SetPassword gives an admin a password, and ends all of the admin's sessions.
func (s *Service) SetPassword(ctx context.Context, by *model.Actor, admin model.AdminID, password string) error {
	if err := identity.ValidatePassword(password); err != nil {
		return err
	}
	hash, err := s.hasher.hash(ctx, password)
	if err != nil {
		return err
	}
	return s.store.Update(ctx, by.Workspace.ID, func(tx *store.Tx) error {
		a, err := tx.Admins.Find(admin)
		if err != nil {
			return err
		}
		c, err := tx.Credentials.FindForUpdate(admin)
		if err != nil {
			return err
		}
		c.PasswordHash = hash
		if err := tx.Credentials.Save(c); err != nil {
			return err
		}
		if err := tx.Sessions.DeleteAll(admin); err != nil {
			return err
		}
		return tx.ActivityLogs.Append(identity.PasswordSet(by, a))
	})
}

func isNotFound(err error) bool {
	e, ok := model.AsError(err)
	return ok && e.Kind == model.NotFound
}
