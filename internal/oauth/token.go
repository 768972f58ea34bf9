package oauth

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"parley/internal/model"
	"parley/internal/wire"
)

// call is the way of every call that an app makes.
func (d *Door) call(serve func(http.ResponseWriter, *http.Request) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := model.NewUUID()
		h := w.Header()
		h.Set("X-Request-Id", id)
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		err := serve(w, r)
		if err == nil {
			return
		}
		status, e := d.told(r, err)
		if status == http.StatusUnauthorized {
			if _, _, basic := r.BasicAuth(); basic {
				h.Set("WWW-Authenticate", `Basic realm="Parley"`)
			}
		}
		answer(w, status, wire.NewError(id, e.Code, e.Message))
	})
}

func answer(w http.ResponseWriter, status int, v any) {
	body, err := wire.Marshal(v)
	if err != nil {
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	w.Write(body)
}

// A tokenRequest is what an app brings to fetch its token.
type tokenRequest struct {
	ClientID     wire.Text `json:"client_id,omitzero"`
	ClientSecret wire.Text `json:"client_secret,omitzero"`
	Code         wire.Text `json:"code,omitzero"`
	RedirectURI  wire.Text `json:"redirect_uri,omitzero"`
	GrantType    wire.Text `json:"grant_type,omitzero"`
}

// A tokenAnswer is the token, under both names that clients look for.
type tokenAnswer struct {
	Token       string `json:"token"`
	TokenType   string `json:"token_type"`
	AccessToken string `json:"access_token"`
}

// readTokenRequest reads a body: JSON where it says so, a form otherwise.
func readTokenRequest(contentType string, body []byte) (tokenRequest, error) {
	var in tokenRequest
	kind := "application/x-www-form-urlencoded"
	if contentType != "" {
		var err error
		if kind, _, err = mime.ParseMediaType(contentType); err != nil {
			return in, unsupported()
		}
	}
	switch {
	case kind == "application/json":
		return in, wire.Decode(body, &in)
	case kind != "application/x-www-form-urlencoded":
		return in, unsupported()
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return in, model.ParameterInvalid("The request body is not a valid form")
	}
	for name, field := range map[string]*wire.Text{"client_id": &in.ClientID, "client_secret": &in.ClientSecret, "code": &in.Code,
		"redirect_uri": &in.RedirectURI, "grant_type": &in.GrantType} {
		if len(form[name]) > 1 {
			return tokenRequest{}, model.ParameterInvalid("%s is given more than once", name)
		}
		*field = wire.Text(form.Get(name))
	}
	return in, nil
}

func unsupported() *model.Error {
	return &model.Error{Kind: model.Unsupported, Code: "unsupported",
		Message: "The Content-Type header should be application/x-www-form-urlencoded or application/json"}
}

// POST /auth/eagle/token
func (d *Door) token(w http.ResponseWriter, r *http.Request) error {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxForm))
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return &model.Error{Kind: model.TooLarge, Code: "parameter_invalid", Message: "The request body is larger than 64 kB"}
	} else if err != nil {
		return model.ParameterInvalid("The request body could not be read")
	}
	in, err := readTokenRequest(r.Header.Get("Content-Type"), body)
	if err != nil {
		return err
	}
	// Some libraries prove the client in a header; they encode both parts of it.
	if id, secret, basic := r.BasicAuth(); basic && in.ClientSecret == "" {
		in.ClientID, in.ClientSecret = wire.Text(unescaped(id)), wire.Text(unescaped(secret))
	}
	if in.GrantType != "" && in.GrantType != "authorization_code" {
		return model.ParameterInvalid("grant_type must be authorization_code")
	}
	token, err := d.Identity.Exchange(r.Context(), string(in.ClientID), string(in.ClientSecret), string(in.Code), string(in.RedirectURI), address(r))
	if err != nil {
		return err
	}
	answer(w, http.StatusOK, tokenAnswer{token, "Bearer", token})
	return nil
}

func unescaped(s string) string {
	if plain, err := url.QueryUnescape(s); err == nil {
		return plain
	}
	return s
}

// POST /auth/uninstall
func (d *Door) uninstall(w http.ResponseWriter, r *http.Request) error {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		token, _, _ = r.BasicAuth()
	}
	by, err := d.Workspace.Authenticate(r.Context(), strings.TrimSpace(token))
	if err != nil {
		return err
	}
	by.IP = address(r)
	if err := d.Identity.Uninstall(r.Context(), by); err != nil {
		return err
	}
	answer(w, http.StatusOK, struct{}{})
	return nil
}
