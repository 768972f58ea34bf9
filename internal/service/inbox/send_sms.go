package inbox

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"time"

	"parley/internal/jobs"
	"parley/internal/model"
	"parley/internal/sms"
	"parley/internal/store"
)

// The times of a text message, in seconds.
const (
	// smsPatience is how long it is tried to send one. Who gets the link later than
	// that has long hung up.
	smsPatience = 2 * 60 * 60
	// smsSettle is how long after the beginning of an attempt that ended unheard the
	// gateway is asked what became of it: by then it has taken the message or lost it.
	smsSettle = 60
	// smsPause is the longest that the gateway may ask to be left alone.
	smsPause = 60 * 60
)

// Why a text message is looked at again.
var (
	errUnheard   = errors.New("it is not known whether the gateway has taken the text message")
	errOvertaken = errors.New("another attempt at the text message has begun meanwhile")
)

// SendSMS hands a text message of the outbox to the gateway, unless the gateway has
// it or there is no use in it any more. Without a gateway the message is kept, and
// nobody will send it. An error says that it is to be called again.
//
// That an attempt is made is on disk before it begins. One that ended without an
// answer may have reached the gateway, and the message is not sent again before the
// gateway was asked for it. Nothing waits for the gateway in a transaction.
func (s *Service) SendSMS(ctx context.Context, ws model.WorkspaceID, id string, gateway *sms.Gateway) error {
	var m *model.OutgoingSMS
	var now int64
	err := s.store.View(ctx, ws, func(tx *store.Tx) (err error) {
		now = tx.Now()
		m, err = tx.SMS.Find(id)
		return err
	})
	switch {
	case isNotFound(err): // deleted with its contact
		return nil
	case err != nil:
		return err
	case m.State != model.SMSQueued && m.State != model.SMSSending:
		return nil
	case gateway == nil && m.State == model.SMSQueued:
		return s.conclude(ctx, ws, m, func(m *model.OutgoingSMS, _ int64) { m.State = model.SMSKept })
	case gateway == nil:
		return s.giveUp(ctx, ws, m, "It is not known whether the gateway has taken it, and there is no gateway now to ask")
	}
	over := now >= m.CreatedAt+smsPatience
	if m.State == model.SMSSending {
		if settled := m.TriedAt + smsSettle; now < settled {
			return &jobs.Later{Err: errUnheard, At: time.Unix(settled, 0)}
		}
		receipt, err := gateway.Find(ctx, m.To, m.Switch)
		switch {
		case err == nil:
			return s.taken(ctx, ws, m, receipt)
		case errors.Is(err, sms.ErrNotFound): // it has to be sent after all
		case over:
			return s.giveUp(ctx, ws, m, "It is not known whether the gateway has taken it: it did not say so in two hours")
		default:
			return err
		}
	}
	if over {
		return s.giveUp(ctx, ws, m, strings.TrimSuffix("It could not be sent within two hours: "+m.Failure, ": "))
	}
	if m, err = s.beginAttempt(ctx, ws, m); isNotFound(err) {
		return nil
	} else if err != nil {
		return err
	}
	receipt, err := gateway.Send(ctx, m.To, m.Body)
	refusal, refused := errors.AsType[*sms.Refusal](err)
	switch {
	case err == nil:
		return s.taken(ctx, ws, m, receipt)
	case !refused: // it may have been taken: the state stays until the gateway was asked
		unheard := &jobs.Later{Err: err, At: time.Unix(m.TriedAt+smsSettle, 0)}
		err = s.conclude(ctx, ws, m, func(m *model.OutgoingSMS, _ int64) { m.Failure = "No clear answer: " + unheard.Error() })
		return cmp.Or[error](err, unheard)
	case refusal.Final:
		return s.giveUp(ctx, ws, m, refusal.Reason)
	}
	var again int64
	err = s.conclude(ctx, ws, m, func(m *model.OutgoingSMS, now int64) {
		m.State, m.Failure = model.SMSQueued, refusal.Reason
		again = now + min(int64(refusal.After/time.Second), smsPause)
	})
	if err != nil {
		return err
	}
	return &jobs.Later{Err: refusal, At: time.Unix(again, 0)}
}

// beginAttempt writes down that an attempt begins, unless another has begun
// meanwhile, and returns the message as it is then.
func (s *Service) beginAttempt(ctx context.Context, ws model.WorkspaceID, m *model.OutgoingSMS) (*model.OutgoingSMS, error) {
	var begun *model.OutgoingSMS
	err := s.store.Update(ctx, ws, func(tx *store.Tx) (err error) {
		if begun, err = findUnchanged(tx, m); err != nil {
			return err
		}
		begun.State, begun.Attempts, begun.TriedAt = model.SMSSending, begun.Attempts+1, tx.Now()
		return tx.SMS.Update(begun)
	})
	return begun, err
}

// findUnchanged reads and holds a message that is as it was when it was read
// before.
func findUnchanged(tx *store.Tx, m *model.OutgoingSMS) (*model.OutgoingSMS, error) {
	now, err := tx.SMS.FindForUpdate(m.ID)
	if err == nil && (now.Attempts != m.Attempts || now.State != m.State) {
		err = errOvertaken
	}
	return now, err
}

// taken notes that the gateway has a message, delivered or not.
func (s *Service) taken(ctx context.Context, ws model.WorkspaceID, m *model.OutgoingSMS, receipt *sms.Receipt) error {
	return s.conclude(ctx, ws, m, func(m *model.OutgoingSMS, now int64) {
		m.State, m.GatewayID, m.Failure, m.SentAt = model.SMSSent, receipt.ID, "", now
		if receipt.Failed != "" {
			m.State, m.Failure, m.SentAt = model.SMSFailed, receipt.Failed, 0
		}
	})
}

func (s *Service) giveUp(ctx context.Context, ws model.WorkspaceID, m *model.OutgoingSMS, why string) error {
	return s.conclude(ctx, ws, m, func(m *model.OutgoingSMS, _ int64) { m.State, m.Failure = model.SMSFailed, why })
}

// conclude writes down how an attempt ended, unless another has begun since. It
// does so even if the server is about to stop: what is known need not be asked.
func (s *Service) conclude(ctx context.Context, ws model.WorkspaceID, m *model.OutgoingSMS, change func(m *model.OutgoingSMS, now int64)) error {
	err := s.store.Update(context.WithoutCancel(ctx), ws, func(tx *store.Tx) error {
		found, err := findUnchanged(tx, m)
		if err != nil {
			return err
		}
		change(found, tx.Now())
		return tx.SMS.Update(found)
	})
	if isNotFound(err) {
		return nil
	}
	return err
}

// ListSMS reads the text messages of the outbox in a state, or in any where it is
// empty, oldest first: the first few after that with the given id, or of all.
func (s *Service) ListSMS(ctx context.Context, by *model.Actor, state model.SMSState, after string, most int) ([]*model.OutgoingSMS, error) {
	var found []*model.OutgoingSMS
	err := s.store.View(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		found, err = tx.SMS.List(state, after, most)
		return err
	})
	return found, err
}

// ListEmails does the same with the e-mails of the outbox.
func (s *Service) ListEmails(ctx context.Context, by *model.Actor, state model.EmailState, after string, most int) ([]*model.OutgoingEmail, error) {
	var found []*model.OutgoingEmail
	err := s.store.View(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		found, err = tx.Messages.ListEmails(state, after, most)
		return err
	})
	return found, err
}
