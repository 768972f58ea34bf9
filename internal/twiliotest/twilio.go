// Package twiliotest is a gateway that takes text messages as Twilio does, in hand
// of a test.
// It must not be imported by anything but tests.
package twiliotest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"parley/internal/sms"
)

// A Gateway takes text messages over HTTP. It has as much of Twilio's API as is
// asked for, and does as it is told with the messages that come.
type Gateway struct {
	URL string

	mu    sync.Mutex
	plan  []Conduct
	taken []Message
	asked int // how often for its messages
}

// A Message is what a gateway has taken.
type Message struct{ SID, To, From, Service, Body, Status string }

// A Conduct is how a gateway treats a message that it is handed. take keeps the
// message and returns what the gateway says of one that it has taken.
type Conduct func(w http.ResponseWriter, r *http.Request, take func() string)

// The account that a gateway is for, and who sends.
const (
	Account = "AC00000000000000000000000000000001"
	Token   = "hush"
	From    = "+15005550006"
)

// New starts a gateway that takes every message.
func New(t testing.TB) *Gateway {
	g := &Gateway{}
	server := httptest.NewServer(g)
	t.Cleanup(server.Close)
	g.URL = server.URL
	return g
}

// Options are what a client of the gateway is made with.
func (g *Gateway) Options() *sms.Options {
	return &sms.Options{URL: g.URL, Account: Account, Token: Token, From: From}
}

// Settings are the same for the program's environment.
func (g *Gateway) Settings() []string {
	return []string{"PARLEY_SMS_GATEWAY=twilio", "PARLEY_TWILIO_URL=" + g.URL, "PARLEY_TWILIO_ACCOUNT_SID=" + Account,
		"PARLEY_TWILIO_AUTH_TOKEN=" + Token, "PARLEY_TWILIO_FROM=" + From}
}

// Then says how the next messages are treated, one after another. Those after
// them are taken.
func (g *Gateway) Then(plan ...Conduct) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.plan = append(g.plan, plan...)
}

// Taken are the messages that the gateway has taken, oldest first.
func (g *Gateway) Taken() []Message {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.taken)
}

// Asked is how often the gateway was asked for its messages.
func (g *Gateway) Asked() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.asked
}

// Forget takes the newest message back, as if it were lost.
func (g *Gateway) Forget() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.taken = g.taken[:len(g.taken)-1]
}

// Take answers that the message is taken.
func Take(w http.ResponseWriter, _ *http.Request, take func() string) {
	said := take()
	w.WriteHeader(http.StatusCreated)
	fmt.Fprint(w, said)
}

// TakeAndDrop takes the message and says nothing.
func TakeAndDrop(_ http.ResponseWriter, _ *http.Request, take func() string) {
	take()
	panic(http.ErrAbortHandler)
}

// Drop neither takes the message nor says anything.
func Drop(http.ResponseWriter, *http.Request, func() string) { panic(http.ErrAbortHandler) }

// Hang does nothing until whoever asks has gone.
func Hang(_ http.ResponseWriter, r *http.Request, _ func() string) { <-r.Context().Done() }

// TakeAndHang takes the message and leaves whoever asks waiting.
func TakeAndHang(_ http.ResponseWriter, r *http.Request, take func() string) {
	take()
	<-r.Context().Done()
}

// TakeAtLength takes the message and says so in two megabytes.
func TakeAtLength(w http.ResponseWriter, _ *http.Request, take func() string) {
	said := take()
	w.WriteHeader(http.StatusCreated)
	fmt.Fprint(w, strings.TrimSuffix(said, "}")+`,"x":"`+strings.Repeat("x", 2<<20)+`"}`)
}

// TakeAndFail takes the message and tells that it could not be passed on.
func TakeAndFail(w http.ResponseWriter, _ *http.Request, take func() string) {
	said := take()
	w.WriteHeader(http.StatusCreated)
	fmt.Fprint(w, strings.NewReplacer(`"status":"queued"`, `"status":"failed"`, `"error_code":null`, `"error_code":30006`).Replace(said))
}

// Say answers with a status, a body and headers, in pairs, and takes nothing.
func Say(status int, body string, headers ...string) Conduct {
	return func(w http.ResponseWriter, _ *http.Request, _ func() string) {
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}
}

func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	account, token, _ := r.BasicAuth()
	switch {
	case account != Account || token != Token:
		Say(http.StatusUnauthorized, `{"code":20003,"message":"Authenticate","status":401}`)(w, r, nil)
	case r.URL.Path != "/2010-04-01/Accounts/"+account+"/Messages.json":
		Say(http.StatusNotFound, `{"code":20404,"message":"Not found","status":404}`)(w, r, nil)
	case r.Method == http.MethodGet:
		g.list(w, r)
	case r.Method == http.MethodPost && r.ParseForm() == nil:
		g.conduct()(w, r, func() string { return g.take(r) })
	default:
		Say(http.StatusMethodNotAllowed, `{"code":20004,"message":"Method not allowed","status":405}`)(w, r, nil)
	}
}

func (g *Gateway) conduct() Conduct {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.plan) == 0 {
		return Take
	}
	next := g.plan[0]
	g.plan = g.plan[1:]
	return next
}

func (g *Gateway) take(r *http.Request) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	m := Message{SID: fmt.Sprintf("SM%032d", len(g.taken)+1), To: r.PostForm.Get("To"), From: r.PostForm.Get("From"),
		Service: r.PostForm.Get("MessagingServiceSid"), Body: r.PostForm.Get("Body"), Status: "queued"}
	g.taken = append(g.taken, m)
	return m.tell()
}

// tell is a message as the gateway tells it, as far as anybody reads it. One that
// waits to be passed on has no date of that.
func (m Message) tell() string {
	body, _ := json.Marshal(m.Body)
	return fmt.Sprintf(`{"sid":%q,"to":%q,"from":%q,"body":%s,"status":%q,"direction":"outbound-api","date_sent":null,"error_code":null}`,
		m.SID, m.To, m.From, body, m.Status)
}

// list tells the messages to a number, newest first, in pages.
func (g *Gateway) list(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.asked++
	size, _ := strconv.Atoi(r.FormValue("PageSize"))
	page, _ := strconv.Atoi(r.FormValue("Page"))
	var found []string
	for _, m := range slices.Backward(g.taken) {
		if m.To == r.FormValue("To") {
			found = append(found, m.tell())
		}
	}
	next := "null"
	if len(found) > (page+1)*size {
		q := r.URL.Query()
		q.Set("Page", strconv.Itoa(page+1))
		next = strconv.Quote(r.URL.Path + "?" + q.Encode())
	}
	from := min(page*size, len(found))
	fmt.Fprintf(w, `{"messages":[%s],"next_page_uri":%s}`, strings.Join(found[from:min(from+size, len(found))], ","), next)
}
