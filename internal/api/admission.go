package api

import (
	"cmp"
	"mime"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"parley/internal/model"
)

// authenticate finds who sent a request, by its bearer token or, as older SDKs
// send it, by HTTP Basic with the token as user name and no password.
func (a *API) authenticate(hr *http.Request) (*model.Actor, error) {
	scheme, token, _ := strings.Cut(hr.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		user, password, basic := hr.BasicAuth()
		if !basic || password != "" {
			user = ""
		}
		token = user
	}
	actor, err := a.Workspace.Authenticate(hr.Context(), strings.TrimSpace(token))
	if err != nil {
		return nil, err
	}
	if actor.IP, _, err = net.SplitHostPort(hr.RemoteAddr); err != nil {
		actor.IP = hr.RemoteAddr
	}
	return actor, nil
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

// window is the length of a rate window in seconds.
const window = 10

// A limiter counts requests per workspace in windows that begin at each
// multiple of ten seconds.
type limiter struct {
	mu     sync.Mutex
	start  int64
	counts map[model.WorkspaceID]int
}

func (l *limiter) count(ws model.WorkspaceID, now int64) (used int, reset int64) {
	start := now - now%window
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.start != start {
		l.start, l.counts = start, map[model.WorkspaceID]int{}
	}
	l.counts[ws]++
	return l.counts[ws], start + window
}

// limit counts a request and tells the caller, in headers, where it stands.
func (a *API) limit(h http.Header, ws model.WorkspaceID) error {
	used, reset := a.limiter.count(ws, a.Clock().Unix())
	h["X-RateLimit-Limit"] = []string{strconv.Itoa(a.RateLimit)}
	h["X-RateLimit-Remaining"] = []string{strconv.Itoa(max(0, a.RateLimit-used))}
	h["X-RateLimit-Reset"] = []string{strconv.FormatInt(reset, 10)}
	if used > a.RateLimit {
		return &model.Error{Kind: model.RateLimited, Code: "rate_limit_exceeded",
			Message: "Exceeded rate limit of " + strconv.Itoa(a.RateLimit) + " in 10_seconds"}
	}
	return nil
}
