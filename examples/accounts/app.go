package main

import (
	"context"
	"encoding/json"
	"errors"
	"log"
	"net/http"
	"net/mail"
	"sync"
)

// An Account is somebody who has signed up.
type Account struct {
	Email   string `json:"email"`
	Name    string `json:"name"`
	Plan    string `json:"plan"`
	Support string `json:"support"` // of the last question: none, asked, answered or closed

	contact      string // its id at Intercom
	conversation string // of the last question; empty: there is none
}

// The states of support.
const (
	none     = "none"
	asked    = "asked"
	answered = "answered"
	closed   = "closed"
)

// An App is a web application with accounts. It keeps them in memory, since it is an example.
type App struct {
	Intercom *Intercom
	Secret   string // the client secret of the Intercom app, which signs webhooks
	Log      func(format string, args ...any)

	mu       sync.Mutex
	accounts map[string]*Account // by e-mail address
	told     map[string]bool     // ids of the notifications that were heeded
	mux      *http.ServeMux
}

// NewApp makes an application without accounts.
func NewApp(i *Intercom, secret string) *App {
	a := &App{Intercom: i, Secret: secret, Log: log.Printf, accounts: map[string]*Account{}, told: map[string]bool{}, mux: http.NewServeMux()}
	a.mux.HandleFunc("POST /signup", a.form(a.signUp))
	a.mux.HandleFunc("POST /plan", a.form(a.changePlan))
	a.mux.HandleFunc("POST /support", a.form(a.ask))
	a.mux.HandleFunc("GET /account", a.showAccount)
	a.mux.HandleFunc("POST /intercom", a.webhook)
	return a
}

// ServeHTTP answers the pages of the application, and Intercom's webhooks at /intercom.
func (a *App) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.mux.ServeHTTP(w, r) }

// An input is what a form was filled with.
type input struct{ Email, Name, Plan, Message string }

// A mistake is an error of whoever filled the form.
type mistake struct {
	status int
	error
}

// form answers a form with the account, as it is then.
func (a *App) form(do func(ctx context.Context, in input) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		in := input{r.FormValue("email"), r.FormValue("name"), r.FormValue("plan"), r.FormValue("message")}
		err := do(r.Context(), in)
		if m, ok := errors.AsType[*mistake](err); ok {
			http.Error(w, m.Error(), m.status)
			return
		}
		if err != nil {
			a.Log("%s: %v", r.URL.Path, err)
			http.Error(w, "this did not work: please try again", http.StatusBadGateway)
			return
		}
		a.show(w, in.Email)
	}
}

func (a *App) showAccount(w http.ResponseWriter, r *http.Request) { a.show(w, r.FormValue("email")) }

func (a *App) show(w http.ResponseWriter, email string) {
	account, ok := a.find(email)
	if !ok {
		http.Error(w, "there is no such account", http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(account) // whoever asked may have gone
}

// find returns a copy of an account.
func (a *App) find(email string) (Account, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	account, ok := a.accounts[email]
	if !ok {
		return Account{}, false
	}
	return *account, true
}

// existing is find for a form, which says so if there is none.
func (a *App) existing(email string) (Account, error) {
	account, ok := a.find(email)
	if !ok {
		return account, &mistake{http.StatusNotFound, errors.New("there is no such account")}
	}
	return account, nil
}

// change changes an account.
func (a *App) change(email string, change func(*Account)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if account, ok := a.accounts[email]; ok {
		change(account)
	}
}

// signUp makes an account, or changes the name of the one there is.
func (a *App) signUp(ctx context.Context, in input) error {
	if address, err := mail.ParseAddress(in.Email); err != nil || address.Address != in.Email {
		return &mistake{http.StatusUnprocessableEntity, errors.New("this is no e-mail address")}
	}
	id, err := a.Intercom.SaveContact(ctx, Contact{Role: "user", Email: in.Email, Name: in.Name, Attributes: map[string]any{"plan": "free"}})
	if err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if account, ok := a.accounts[in.Email]; ok {
		account.Name = in.Name
		return nil
	}
	a.accounts[in.Email] = &Account{Email: in.Email, Name: in.Name, Plan: "free", Support: none, contact: id}
	return nil
}

// changePlan has an account have another plan. Whoever pays is tagged.
func (a *App) changePlan(ctx context.Context, in input) error {
	account, err := a.existing(in.Email)
	if err != nil {
		return err
	}
	if in.Plan != "free" && in.Plan != "pro" {
		return &mistake{http.StatusUnprocessableEntity, errors.New("the plans are free and pro")}
	}
	if err := a.Intercom.UpdateContact(ctx, account.contact, Contact{Attributes: map[string]any{"plan": in.Plan}}); err != nil {
		return err
	}
	if in.Plan == "pro" {
		if err := a.Intercom.TagContact(ctx, account.contact, "Paying"); err != nil {
			return err
		}
	}
	// The plan is what counts: that it is not told of does not take it back.
	_ = a.Intercom.Track(ctx, account.contact, "changed-plan", map[string]any{"from": account.Plan, "to": in.Plan})
	a.change(in.Email, func(account *Account) { account.Plan = in.Plan })
	return nil
}

// ask sends a question to those who support the application.
func (a *App) ask(ctx context.Context, in input) error {
	account, err := a.existing(in.Email)
	if err != nil {
		return err
	}
	if in.Message == "" {
		return &mistake{http.StatusUnprocessableEntity, errors.New("there is no message")}
	}
	id, err := a.Intercom.Ask(ctx, account.contact, in.Message)
	if err != nil {
		return err
	}
	a.change(in.Email, func(account *Account) { account.conversation, account.Support = id, asked })
	return nil
}

// CatchUp reads again what nobody has told of: webhooks are lost now and then.
func (a *App) CatchUp(ctx context.Context) error {
	a.mu.Lock()
	var waiting []Account
	for _, account := range a.accounts {
		if account.conversation != "" && account.Support != closed {
			waiting = append(waiting, *account)
		}
	}
	a.mu.Unlock()
	for _, account := range waiting {
		c, err := a.Intercom.Conversation(ctx, account.conversation)
		if err != nil {
			return err
		}
		switch {
		case c.State == "closed":
			a.settle(c.ID, closed)
		case c.Answered():
			a.settle(c.ID, answered)
		}
	}
	return nil
}

// settle has the account that asked in a conversation see what became of it.
func (a *App) settle(conversation, support string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, account := range a.accounts {
		if account.conversation == conversation {
			account.Support = support
		}
	}
}
