package api

import (
	"cmp"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"parley/internal/model"
	"parley/internal/turn"
)

// authenticate finds who sent a request, by its bearer token or, as older SDKs
// send it, by HTTP Basic with the token as user name and no password. Some leave
// out the colon between the two.
//
// Of what only reads, who it is may be a guess, which is confirmed by what is read,
// and by confirm if nothing is. Who has no requests left reads nothing, and is not guessed;
// nor is whose calls go wrong on purpose, with what was counted of them.
func (a *API) authenticate(r *request) (err error) {
	token := bearer(r.http)
	if r.op.reads() && !r.guessed {
		r.guessed = true
		if ctx, actor := a.Workspace.Guess(r.Context(), token); actor != nil && len(actor.Workspace.Sandbox.Faults) == 0 && !a.Rates.Spent(actor) {
			r.unsure, r.actor, r.http = true, actor, r.http.WithContext(ctx)
		}
	}
	if !r.unsure {
		r.actor, err = a.Workspace.Authenticate(r.Context(), token)
	}
	if err == nil {
		r.actor.IP = address(r.http)
	}
	return err
}

// confirm lets an answer go to whom it is for, and counts the request. Where who asked was
// guessed wrong, it is served once more, for whom it is of.
func (a *API) confirm(w http.ResponseWriter, r *request, answer any, err error) (any, error) {
	if !r.unsure {
		return answer, err
	}
	switch wrong, failed := a.Workspace.Confirm(r.Context()); {
	case wrong:
		r.unsure, r.http = false, r.asked
		return a.serve(w, r)
	case failed != nil:
		return nil, failed
	}
	r.unsure = false
	if err := a.limit(w, r); err != nil {
		return nil, err
	}
	return answer, err
}

// bearer is the token that a request came with.
func bearer(hr *http.Request) string {
	scheme, token, _ := strings.Cut(hr.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		pair, err := base64.StdEncoding.DecodeString(token)
		user, password, _ := strings.Cut(string(pair), ":")
		if err != nil || !strings.EqualFold(scheme, "Basic") || password != "" {
			user = ""
		}
		token = user
	}
	return strings.TrimSpace(token)
}

// address is where a request came from.
func address(hr *http.Request) string {
	host, _, err := net.SplitHostPort(hr.RemoteAddr)
	if err != nil {
		return hr.RemoteAddr
	}
	return host
}

// admitDeveloper lets in who has the token of the server. Where the path names a
// workspace, whoever asks acts as its owner.
func (a *API) admitDeveloper(r *request) (err error) {
	given, wanted := sha256.Sum256([]byte(bearer(r.http))), sha256.Sum256([]byte(a.DevToken))
	if a.DevToken == "" || subtle.ConstantTimeCompare(given[:], wanted[:]) != 1 {
		return model.AccessTokenInvalid()
	}
	if err := a.checkOrigin(r.http); err != nil {
		return err
	}
	r.actor = &model.Actor{Workspace: &model.Workspace{}}
	if id := r.path("workspace_id"); id != "" {
		if r.actor, err = a.Sandbox.Operator(r.Context(), model.WorkspaceID(id)); err != nil {
			return err
		}
	}
	r.actor.IP = address(r.http)
	return nil
}

// checkOrigin refuses what a browser asks for in the name of a page of another site.
// Such a page may know a token that everybody knows. It cannot read answers, unless its
// own name points to this machine, which a server that only its machine reaches finds
// out by the Host.
func (a *API) checkOrigin(hr *http.Request) error {
	refused := &model.Error{Kind: model.Forbidden, Code: "origin_forbidden"}
	if a.origins.Check(hr) != nil {
		refused.Message = "A page of another site cannot ask for this"
		return refused
	}
	if a.DevLocal && !namesThisMachine(hr.Host) && !strings.EqualFold(hr.Host, a.publicHost) {
		refused.Message = fmt.Sprintf("%.80q is no name of this machine: ask localhost, set public_url to what this server is called, or set a dev_token of your own", hr.Host)
		return refused
	}
	return nil
}

// trustOrigin has requests of browsers come from pages of this server, wherever that is
// for who asks, or of its public URL, and from no others.
func (a *API) trustOrigin() {
	a.origins = http.NewCrossOriginProtection()
	if u, err := url.Parse(a.PublicURL); err == nil && u.Host != "" {
		a.publicHost = u.Host
		_ = a.origins.AddTrustedOrigin(u.Scheme + "://" + u.Host) // which has the form of one
	}
}

// namesThisMachine reports whether a Host is, in every browser, the machine itself.
func namesThisMachine(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.ToLower(host)
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && ip.IsLoopback()
}

// versions are what published clients ask for. All are answered as 2.9.
var versions = regexp.MustCompile(`^([12]\.\d{1,2}|Unstable|Preview)$`)

func checkVersion(v string) error {
	if v == "" || versions.MatchString(v) {
		return nil
	}
	return &model.Error{Kind: model.Invalid, Code: "intercom_version_invalid", Message: "The requested version could not be found"}
}

// checkAccept refuses callers that do not take what an operation produces; empty
// is JSON. SDKs send application/json, */* and application/vnd.intercom.3+json;
// older Java clients send a bare *.
func checkAccept(values []string, produces string) error {
	all := strings.Join(values, ",")
	if strings.TrimSpace(all) == "" {
		return nil
	}
	for _, part := range strings.Split(all, ",") {
		name, params, err := mime.ParseMediaType(part)
		if err != nil {
			continue
		}
		if quality, err := strconv.ParseFloat(params["q"], 64); err == nil && quality == 0 {
			continue
		}
		if name == "*" || name == "*/*" || name == "application/*" || name == produces || produces == "" && isJSON(name) {
			return nil
		}
	}
	return &model.Error{Kind: model.NotAcceptable, Code: "media_type_not_acceptable",
		Message: "The Accept header should send a media type of " + cmp.Or(produces, "application/json")}
}

// checkContentType refuses bodies that say they are something else than JSON.
func checkContentType(value string) error {
	if value == "" {
		return nil
	}
	if name, _, err := mime.ParseMediaType(value); err == nil && isJSON(name) {
		return nil
	}
	return &model.Error{Kind: model.Unsupported, Code: "unsupported",
		Message: "The Content-Type header should send a media type of application/json"}
}

func isJSON(mediaType string) bool {
	return mediaType == "application/json" || strings.HasPrefix(mediaType, "application/") && strings.HasSuffix(mediaType, "+json")
}

// ours is where the paths begin that the live API does not have.
const ours = "/_parley/"

// takeTurn waits until fewer requests of the workspace are being answered than may be.
// It comes after the body, which a client may take its time with.
func (a *API) takeTurn(r *request) (done func(), err error) {
	done, err = a.Turns.Take(r.http.Context(), r.actor.Workspace.ID)
	if errors.Is(err, turn.ErrFull) {
		return nil, &model.Error{Kind: model.RateLimited, Code: "rate_limit_exceeded",
			Message: "Too many requests of this workspace wait to be answered"}
	}
	return done, err
}

// limit counts a request, once it is sure whose it is. What the live API does not have is not counted.
func (a *API) limit(w http.ResponseWriter, r *request) error {
	if r.unsure || ownPath(r.http) {
		return nil
	}
	return a.Count(r.http.Context(), w.Header(), r.actor)
}

// Count counts a request and tells the caller, in headers, where it stands. Its error
// refuses one too many.
func (a *API) Count(ctx context.Context, h http.Header, by *model.Actor) error {
	s, err := a.Rates.CountRequest(ctx, by)
	h["X-RateLimit-Limit"] = []string{strconv.FormatInt(s.Limit, 10)}
	h["X-RateLimit-Remaining"] = []string{strconv.FormatInt(s.Remaining, 10)}
	h["X-RateLimit-Reset"] = []string{strconv.FormatInt(s.Reset, 10)}
	return err
}
