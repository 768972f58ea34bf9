package api_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/internal/app"
	"parley/internal/apptest"
	"parley/internal/db"
	"parley/internal/model"
	"parley/internal/sms"
	"parley/internal/twiliotest"
)

// A sending is a rig with a gateway and one text message to hand to it.
type sending struct {
	*apptest.Rig
	t       testing.TB
	gateway *twiliotest.Gateway
	options *sms.Options
	began   time.Time
	link    string
}

// newSending switches a phone. The gateway does as planned.
func newSending(t *testing.T, r *apptest.Rig, timeout time.Duration, plan ...twiliotest.Conduct) *sending {
	t.Helper()
	g := twiliotest.New(t)
	g.Then(plan...)
	s := &sending{t: t, gateway: g, options: g.Options(), began: r.Clock.Now()}
	s.options.Timeout = timeout
	s.Rig = r.Elsewhere(t).Restarted(t, app.Options{SMS: s.options})
	s.link = switchTo(t, s.Rig, irish)
	return s
}

// message is the text message as it is in the outbox now.
func (s *sending) message(t *testing.T) *model.OutgoingSMS {
	t.Helper()
	all := textMessages(t, s.Rig, "")
	if len(all) != 1 {
		t.Fatalf("there are %d text messages", len(all))
	}
	return all[0]
}

// run runs jobs for a time, every ten seconds, but for those at which none is due.
func (s *sending) run(d time.Duration) {
	const step = 10 * time.Second
	for end := s.Clock.Now().Add(d); ; {
		s.RunJobs()
		next := s.nextJob()
		for due := false; !due; due = !s.Clock.Now().Before(next) {
			if !s.Clock.Now().Before(end) {
				return
			}
			s.Clock.Pass(step)
		}
	}
}

// nextJob is when the next job of the workspace is due; far off where there is none.
func (s *sending) nextJob() time.Time {
	s.t.Helper()
	at := int64(1 << 40)
	noError(s.t, s.Database.View(s.t.Context(), func(tx *db.Tx) error {
		return tx.QueryRow(`SELECT COALESCE(min(COALESCE(leased_until, run_at)), $2) FROM jobs WHERE workspace_id = $1 AND failed_at IS NULL`,
			s.Workspace.ID, at).Scan(&at)
	}))
	return time.Unix(at, 0)
}

// ended checks what has become of the message, and how often the gateway has it.
func (s *sending) ended(t *testing.T, want model.OutgoingSMS, taken int) {
	t.Helper()
	m := s.message(t)
	got := model.OutgoingSMS{State: m.State, Attempts: m.Attempts, GatewayID: m.GatewayID, Failure: m.Failure}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the outbox (-want +got):\n%s", diff)
	}
	if (m.SentAt != 0) != (m.State == model.SMSSent) {
		t.Errorf("%s at %d", m.State, m.SentAt)
	}
	all := s.gateway.Taken()
	if len(all) != taken {
		t.Errorf("the gateway has taken %d messages, want %d", len(all), taken)
	}
	for _, m := range all {
		if m.To != irish || m.From != twiliotest.From || m.Body != "Continue your conversation with Acme here: "+s.link {
			t.Errorf("the gateway has %+v", m)
		}
	}
	// Nothing follows.
	s.Clock.Pass(24 * time.Hour)
	if n := s.RunJobs(); n != 0 || len(s.gateway.Taken()) != taken {
		t.Errorf("a day later %d jobs were run, and %d messages taken", n, len(s.gateway.Taken()))
	}
}

// Whatever the gateway does, it has the message once, or the outbox says why not.
func TestTextMessageIsSentOnce(t *testing.T) {
	const sid = "SM00000000000000000000000000000001"
	sent := func(attempts int64) model.OutgoingSMS {
		return model.OutgoingSMS{State: model.SMSSent, Attempts: attempts, GatewayID: sid}
	}
	failed := func(attempts int64, why string) model.OutgoingSMS {
		return model.OutgoingSMS{State: model.SMSFailed, Attempts: attempts, Failure: why}
	}
	many := func(n int, c twiliotest.Conduct) []twiliotest.Conduct {
		return slices.Repeat([]twiliotest.Conduct{c}, n)
	}
	elsewhere := twiliotest.New(t)
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		for _, c := range []struct {
			name   string
			plan   []twiliotest.Conduct
			silent bool // the gateway, at some time
			want   model.OutgoingSMS
			taken  int
			asked  int // for the message
		}{
			{name: "taken", want: sent(1), taken: 1},
			{name: "two failures of the gateway", plan: many(2, twiliotest.Say(500, `{"code":20500}`)), want: sent(3), taken: 1, asked: 2},
			{name: "a bad gateway that took it", plan: []twiliotest.Conduct{func(w http.ResponseWriter, _ *http.Request, take func() string) {
				take()
				w.WriteHeader(502)
			}}, want: sent(1), taken: 1, asked: 1},
			{name: "no answer", plan: many(1, twiliotest.Hang), silent: true, want: sent(2), taken: 1, asked: 1},
			{name: "taken, and no answer", plan: many(1, twiliotest.TakeAndHang), silent: true, want: sent(1), taken: 1, asked: 1},
			{name: "cut off", plan: many(1, twiliotest.Drop), want: sent(2), taken: 1, asked: 1},
			{name: "taken, and cut off", plan: many(1, twiliotest.TakeAndDrop), want: sent(1), taken: 1, asked: 1},
			{name: "taken, and said at length", plan: many(1, twiliotest.TakeAtLength), want: sent(1), taken: 1, asked: 1},
			{name: "taken, and said in other words", plan: []twiliotest.Conduct{func(w http.ResponseWriter, _ *http.Request, take func() string) {
				take()
				w.WriteHeader(201)
			}}, want: sent(1), taken: 1, asked: 1},
			{name: "another place", plan: many(1, twiliotest.Say(307, ``, "Location", elsewhere.URL+"/2010-04-01/Accounts/"+twiliotest.Account+"/Messages.json")),
				want: sent(2), taken: 1},
			{name: "an invalid number", plan: many(1, twiliotest.Say(400, `{"code":21211,"message":"Invalid 'To' Phone Number","status":400}`)),
				want: failed(1, "The gateway answered with status 400, code 21211: Invalid 'To' Phone Number")},
			{name: "not delivered", plan: many(1, twiliotest.TakeAndFail), taken: 1,
				want: model.OutgoingSMS{State: model.SMSFailed, Attempts: 1, GatewayID: sid, Failure: "The gateway could not deliver it: code 30006"}},
			{name: "too many for now", plan: many(3, twiliotest.Say(429, `{"code":20429}`)), want: sent(4), taken: 1},
		} {
			t.Run(c.name, func(t *testing.T) {
				timeout := time.Duration(0)
				if c.silent {
					timeout = 300 * time.Millisecond
				}
				s := newSending(t, r, timeout, c.plan...)
				s.run(20 * time.Minute)
				s.ended(t, c.want, c.taken)
				if n := s.gateway.Asked(); n != c.asked {
					t.Errorf("the gateway was asked %d times, want %d", n, c.asked)
				}
			})
		}
	})
	t.Cleanup(func() {
		if n := len(elsewhere.Taken()); n > 0 {
			t.Errorf("%d messages went where a redirect led", n)
		}
	})
}

// A gateway that wants to be left alone is, for an hour at most.
func TestTextMessageWaits(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		for _, c := range []struct {
			name, after string
			alone       time.Duration
		}{
			{"ten minutes", "600", 10 * time.Minute},
			{"a day", "86400", time.Hour},
		} {
			t.Run(c.name, func(t *testing.T) {
				s := newSending(t, r, 0, twiliotest.Say(429, `{"code":20429}`, "Retry-After", c.after))
				s.run(c.alone - 10*time.Second)
				if m := s.message(t); m.State != model.SMSQueued || m.Attempts != 1 || m.Failure != "The gateway answered with status 429, code 20429" {
					t.Errorf("meanwhile it is %s after %d attempts: %s", m.State, m.Attempts, m.Failure)
				}
				s.run(20 * time.Second)
				s.ended(t, model.OutgoingSMS{State: model.SMSSent, Attempts: 2, GatewayID: "SM00000000000000000000000000000001"}, 1)
			})
		}
	})
}

// After two hours nobody waits for the link any more.
func TestTextMessageIsGivenUp(t *testing.T) {
	const late = "It could not be sent within two hours"
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		for _, c := range []struct {
			name    string
			conduct twiliotest.Conduct // of every attempt
			change  func(o *sms.Options)
			want    string
		}{
			{name: "failures without end", conduct: twiliotest.Say(503, ``), want: late + ": No clear answer: sms: the gateway answered with status 503"},
			{name: "a wrong secret", change: func(o *sms.Options) { o.Token = "wrong" },
				want: late + ": The gateway answered with status 401, code 20003: Authenticate"},
			{name: "nobody there", change: func(o *sms.Options) {
				closed := httptest.NewServer(http.NotFoundHandler())
				closed.Close()
				o.URL = closed.URL
			}, want: late + ": The gateway cannot be reached"},
		} {
			t.Run(c.name, func(t *testing.T) {
				var plan []twiliotest.Conduct
				if c.conduct != nil {
					plan = slices.Repeat([]twiliotest.Conduct{c.conduct}, 100)
				}
				s := newSending(t, r, 0, plan...)
				if c.change != nil {
					c.change(s.options)
					s.Rig = s.Restarted(t, app.Options{SMS: s.options})
				}
				s.run(time.Hour)
				tried := s.message(t)
				if tried.State == model.SMSFailed || tried.Attempts < 5 {
					t.Errorf("after an hour it is %s after %d attempts", tried.State, tried.Attempts)
				}
				s.run(2 * time.Hour)
				m := s.message(t)
				if m.Attempts > 15 {
					t.Errorf("there were %d attempts", m.Attempts)
				}
				s.ended(t, model.OutgoingSMS{State: model.SMSFailed, Attempts: m.Attempts, Failure: c.want}, 0)
			})
		}
		t.Run("no server ran", func(t *testing.T) {
			s := newSending(t, r, 0)
			s.Clock.Pass(2 * time.Hour)
			s.RunJobs()
			s.ended(t, model.OutgoingSMS{State: model.SMSFailed, Failure: late}, 0)
		})
		// A gateway that does not tell what it has is not handed it again.
		t.Run("nobody says", func(t *testing.T) {
			s := newSending(t, r, 0, twiliotest.TakeAndDrop)
			s.RunJobs()
			wrong := *s.options
			wrong.Token = "wrong"
			s.Rig = s.Restarted(t, app.Options{SMS: &wrong})
			s.run(3 * time.Hour)
			s.ended(t, model.OutgoingSMS{State: model.SMSFailed, Attempts: 1,
				Failure: "It is not known whether the gateway has taken it: it did not say so in two hours"}, 1)
		})
	})
}

// A server that stops amid an attempt leaves it to the next one to find out.
func TestTextMessageOfAServerThatStops(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		for _, c := range []struct {
			name     string
			taken    bool // by the gateway, before the server stops
			attempts int64
		}{{"before the gateway took it", false, 2}, {"after the gateway took it", true, 1}} {
			t.Run(c.name, func(t *testing.T) {
				ctx, stop := context.WithCancel(t.Context())
				s := newSending(t, r, 0, func(_ http.ResponseWriter, hr *http.Request, take func() string) {
					if c.taken {
						take()
					}
					stop()
					<-hr.Context().Done()
				})
				if _, err := s.App.RunJobs(ctx, s.Workspace.ID); err == nil {
					t.Error("the jobs were not cut off")
				}
				if m := s.message(t); m.State != model.SMSSending || m.Attempts != 1 {
					t.Errorf("it is %s after %d attempts", m.State, m.Attempts)
				}
				s.Rig = s.Restarted(t, app.Options{SMS: s.options})
				s.run(5 * time.Minute)
				s.ended(t, model.OutgoingSMS{State: model.SMSSent, Attempts: c.attempts, GatewayID: "SM00000000000000000000000000000001"}, 1)
			})
		}
	})
}

// While one server hands a message over, no other does, whatever became of its
// lease; and one that comes back late changes nothing.
func TestTextMessageOfTwoServers(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		var s *sending
		hand := func() error {
			return s.Inbox.SendSMS(t.Context(), s.Workspace.ID, s.message(t).ID, sms.New(*s.options))
		}
		// The second comes while the first is being answered.
		s = newSending(t, r, 0, func(w http.ResponseWriter, hr *http.Request, take func() string) {
			if err := hand(); err == nil {
				t.Error("the second server thinks that it is done")
			}
			twiliotest.Take(w, hr, take)
		})
		noError(t, hand())
		noError(t, hand())
		s.RunJobs()
		s.ended(t, model.OutgoingSMS{State: model.SMSSent, Attempts: 1, GatewayID: "SM00000000000000000000000000000001"}, 1)

		// The first is refused after the second, long after, has sent it.
		s = newSending(t, r, 0, func(w http.ResponseWriter, _ *http.Request, _ func() string) {
			s.Clock.Pass(2 * time.Minute)
			if err := hand(); err != nil {
				t.Error(err)
			}
			w.WriteHeader(400)
		})
		if err := hand(); err == nil {
			t.Error("the first server does not see that it was overtaken")
		}
		s.RunJobs()
		s.ended(t, model.OutgoingSMS{State: model.SMSSent, Attempts: 2, GatewayID: "SM00000000000000000000000000000001"}, 1)
	})
}

// The contact goes while its message is on the way.
func TestTextMessageOfADeletedContact(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		var s *sending
		for _, conduct := range []twiliotest.Conduct{twiliotest.Take, twiliotest.Drop, twiliotest.Say(400, ``), twiliotest.Say(429, ``)} {
			s = newSending(t, r, 0, func(w http.ResponseWriter, hr *http.Request, take func() string) {
				s.Delete(t, "/contacts/"+string(s.message(t).Contact), nil).OK()
				conduct(w, hr, take)
			})
			s.run(3 * time.Hour)
			if left := textMessages(t, s.Rig, ""); len(left) > 0 || s.RunJobs() > 0 {
				t.Errorf("there are left %v", left)
			}
		}
	})
}

// Who turns a gateway on or off does not send what was kept, nor keep what may
// have been sent.
func TestTextMessageOfAnotherGateway(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		without := func(s *sending) { s.Rig = s.Restarted(t, app.Options{}) }
		with := func(s *sending) { s.Rig = s.Restarted(t, app.Options{SMS: s.options}) }

		kept := newSending(t, r, 0)
		without(kept)
		kept.RunJobs()
		with(kept)
		kept.run(time.Minute)
		kept.ended(t, model.OutgoingSMS{State: model.SMSKept}, 0)

		unheard := newSending(t, r, 0, twiliotest.TakeAndDrop)
		unheard.RunJobs()
		without(unheard)
		unheard.run(5 * time.Minute)
		unheard.ended(t, model.OutgoingSMS{State: model.SMSFailed, Attempts: 1,
			Failure: "It is not known whether the gateway has taken it, and there is no gateway now to ask"}, 1)
	})
}

// The log tells what goes wrong, but not whom a message is to, nor how the gateway
// knows us.
func TestTextMessageInTheLog(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		s := newSending(t, r, 0, twiliotest.Say(429, `{"code":20429,"message":"Too many to `+irish+`"}`), twiliotest.Drop,
			twiliotest.Say(401, `{"code":20003,"message":"`+irish+`"}`))
		var log bytes.Buffer
		s.Rig = s.Restarted(t, app.Options{SMS: s.options, Logger: slog.New(slog.NewTextHandler(&log, nil))})
		s.run(20 * time.Minute)
		s.ended(t, model.OutgoingSMS{State: model.SMSSent, Attempts: 4, GatewayID: "SM00000000000000000000000000000001"}, 1)
		text := log.String()
		if n := strings.Count(text, "a job failed and will be tried again"); n != 3 || !strings.Contains(text, "status 429, code 20429") {
			t.Errorf("the log tells of %d failures:\n%s", n, text)
		}
		for _, private := range []string{irish[1:], twiliotest.Token, twiliotest.Account, s.link} {
			if strings.Contains(text, private) {
				t.Errorf("the log tells %q:\n%s", private, text)
			}
		}
	})
}
