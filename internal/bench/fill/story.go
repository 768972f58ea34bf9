package fill

import (
	"math/rand/v2"

	"parley/internal/model"
	"parley/internal/richtext"
)

// A story is how a conversation went.
type story struct {
	at        int64 // when it began
	steps     []step
	replied   int64 // when the contact last wrote
	contacted int64 // when an admin last wrote; 0 for never
}

// A step is what one part says.
type step struct {
	kind model.PartType
	by   model.AdminID // 0: the contact
	at   int64
}

// snoozedUntil is long after any measurement.
const snoozedUntil = 4102444800 // 1 January 2100

// tell decides how the conversation of a contact goes: one to five parts, most of them closed in the end.
func (c crowd) tell(p *person, n int) *story {
	r := c.chance(ofStory, n)
	s := &story{at: p.CreatedAt + int64(r.IntN(120))}
	s.replied = s.at
	admin := model.AdminID(1 + r.IntN(admins))
	last, at := 1+r.IntN(5), s.at
	end := model.PartComment
	switch x := r.IntN(100); {
	case x < 80:
		end = model.PartClose
	case x < 85:
		end = model.PartSnoozed
	}
	for i := range last {
		at += int64(60 + skewed(r, 86_400))
		next := step{kind: model.PartComment, by: admin, at: at}
		switch {
		case i == last-1:
			next.kind = end
		case i == 0 && r.IntN(2) == 0:
			next.kind = model.PartAssignment
		case r.IntN(6) == 0:
			next.kind = model.PartNote
		case i%2 == 1:
			next.by = 0
		}
		if next.kind == model.PartComment || next.kind == model.PartClose {
			if next.by == 0 {
				s.replied = at
			} else {
				s.contacted = at
			}
		}
		s.steps = append(s.steps, next)
	}
	return s
}

// begin is the conversation before its first part. The words of it are made when they are needed: they take longer than the rest.
func (s *story) begin(id model.ConversationID, message model.MessageID, p *person, r *rand.Rand) *model.Conversation {
	source := model.Source{ID: message, Type: model.FromMessenger, DeliveredAs: model.CustomerInitiated, Author: model.ByContact(&p.Contact),
		Body: richtext.FromText(text(r, 10+r.IntN(51)))}
	if r.IntN(3) == 0 {
		source.URL = "https://app.example/" + one(r, "billing", "settings", "orders", "help")
	}
	c := model.NewConversation(id, source, s.at, model.Participant{ID: p.ID, Role: p.Role})
	c.Priority = r.IntN(30) == 0
	return c
}

// play does a step and returns the part that it adds.
func play(c *model.Conversation, p *person, next step, r *rand.Rand) (*model.Part, error) {
	act := model.Act{By: model.ByContact(&p.Contact), At: next.at}
	if next.by != 0 {
		act.By = model.Author{Type: model.AuthorAdmin, Admin: next.by}
	}
	draft := model.Draft{Body: richtext.FromText(text(r, 5+r.IntN(30)))}
	switch next.kind {
	case model.PartClose:
		return c.Close(act, draft), nil
	case model.PartSnoozed:
		return c.Snooze(act, snoozedUntil, next.at)
	case model.PartAssignment:
		return c.Assign(act, model.ToAdmin(next.by), model.Draft{}), nil
	case model.PartNote:
		return c.Note(act, draft), nil
	default:
		return c.Comment(act, draft), nil
	}
}
