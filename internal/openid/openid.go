// Package openid has somebody sign in at a provider that speaks OpenID Connect, and
// learns from it who that is.
// It must not know whom that lets in, nor keep anything between a beginning and its
// end.
package openid

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// The bounds of one answer of the provider. Its documents and keys are of a few kilobytes.
const (
	requestTimeout = 10 * time.Second
	maxAnswer      = 1 << 20 // bytes
)

// Options say which provider it is, and who Parley is to it.
type Options struct {
	Issuer       string // URL, as the provider spells it
	ClientID     string
	ClientSecret string
	Clock        func() time.Time
}

// A Provider is one that speaks OpenID Connect. It is safe for concurrent use.
type Provider struct {
	Options
	web   *http.Client
	found atomic.Pointer[oidc.Provider] // once it has answered
}

// New makes a client of a provider, which is not asked yet.
func New(o Options) *Provider {
	return &Provider{Options: o, web: &http.Client{Timeout: requestTimeout, Transport: bounded{http.DefaultTransport}}}
}

// bounded has answers that are larger than maxAnswer fail when they are read, which the library does to the end.
type bounded struct{ http.RoundTripper }

func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := b.RoundTripper.RoundTrip(r)
	if err == nil {
		answer.Body = http.MaxBytesReader(nil, answer.Body, maxAnswer)
	}
	return answer, err
}

// A Trip is what has to come back from the provider, or be shown to it then. The
// browser that is sent there keeps it, and no other can end what it began.
type Trip struct {
	State    string
	Nonce    string
	Verifier string // of PKCE
}

// ErrUnverified is the end of a trip on which the provider names no e-mail address
// that it has verified.
var ErrUnverified = errors.New("the provider has verified no e-mail address of that account")

// Begin is where a browser is to be sent, to come back to a URL.
func (p *Provider) Begin(ctx context.Context, back string) (string, Trip, error) {
	config, _, err := p.config(ctx, back)
	if err != nil {
		return "", Trip{}, err
	}
	trip := Trip{State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier()}
	return config.AuthCodeURL(trip.State, oidc.Nonce(trip.Nonce), oauth2.S256ChallengeOption(trip.Verifier)), trip, nil
}

// End learns the verified e-mail address of somebody who has come back.
func (p *Provider) End(ctx context.Context, back string, trip Trip, state, code string) (email string, err error) {
	if trip.State == "" || subtle.ConstantTimeCompare([]byte(state), []byte(trip.State)) != 1 {
		return "", errors.New("what came back is not what was sent")
	}
	config, provider, err := p.config(ctx, back)
	if err != nil {
		return "", err
	}
	ctx = oidc.ClientContext(ctx, p.web)
	token, err := config.Exchange(ctx, code, oauth2.VerifierOption(trip.Verifier))
	if err != nil {
		return "", fmt.Errorf("the provider gives no token: %w", err)
	}
	raw, ok := token.Extra("id_token").(string)
	if !ok {
		return "", errors.New("the provider gives no id_token")
	}
	proof, err := provider.Verifier(&oidc.Config{ClientID: p.ClientID, Now: p.Clock}).Verify(ctx, raw)
	if err != nil {
		return "", err
	}
	if subtle.ConstantTimeCompare([]byte(proof.Nonce), []byte(trip.Nonce)) != 1 {
		return "", errors.New("the id_token is of another sign-in")
	}
	var claims struct {
		Email    string `json:"email"`
		Verified any    `json:"email_verified"` // some providers spell it as a string
	}
	if err := proof.Claims(&claims); err != nil {
		return "", err
	}
	if claims.Email == "" || claims.Verified != true && claims.Verified != "true" {
		return "", ErrUnverified
	}
	return claims.Email, nil
}

// check refuses a provider that would have a browser, or the server with its secret, sent elsewhere than to a place of the web, or to one without TLS where its own has it.
func (p *Provider) check(at oauth2.Endpoint) error {
	issuer, err := url.Parse(p.Issuer)
	if err != nil {
		return fmt.Errorf("the issuer is no URL: %w", err)
	}
	for _, text := range []string{at.AuthURL, at.TokenURL} {
		if u, err := url.Parse(text); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != issuer.Scheme ||
			strings.Contains(text, "#") || u.Query().Has("state") { // what is added to it would be behind a fragment, or said twice
			return fmt.Errorf("the provider %s is at %q, which is no place that it can be at", p.Issuer, text)
		}
	}
	return nil
}

// config is how to speak with the provider. It is asked once; while it does not
// answer, again each time.
func (p *Provider) config(ctx context.Context, back string) (*oauth2.Config, *oidc.Provider, error) {
	found := p.found.Load()
	if found == nil {
		var err error
		if found, err = oidc.NewProvider(oidc.ClientContext(ctx, p.web), p.Issuer); err != nil {
			return nil, nil, fmt.Errorf("the provider %s cannot be asked: %w", p.Issuer, err)
		}
		if err := p.check(found.Endpoint()); err != nil {
			return nil, nil, err
		}
		p.found.Store(found) // several at once find the same
	}
	return &oauth2.Config{ClientID: p.ClientID, ClientSecret: p.ClientSecret, Endpoint: found.Endpoint(), RedirectURL: back,
		Scopes: []string{oidc.ScopeOpenID, "email"}}, found, nil
}
