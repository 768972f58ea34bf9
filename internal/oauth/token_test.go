package oauth

import (
	"net/url"
	"testing"
	"unicode/utf8"

	"parley/internal/model"
)

func TestReadTokenRequest(t *testing.T) {
	t.Parallel()
	full := tokenRequest{ClientID: "a", ClientSecret: "b", Code: "c d"}
	for _, c := range []struct {
		name, contentType, body string
		want                    tokenRequest
		fails                   bool
	}{
		{"form", "application/x-www-form-urlencoded", "client_id=a&client_secret=b&code=c+d", full, false},
		{"form with a charset", "application/x-www-form-urlencoded; charset=UTF-8", "client_id=a&client_secret=b&code=c%20d", full, false},
		{"unsaid", "", "client_id=a&client_secret=b&code=c+d&more=x", full, false},
		{"JSON", "application/json; charset=utf-8", `{"client_id":"a","client_secret":"b","code":"c d","more":1}`, full, false},
		{"empty", "", "", tokenRequest{}, false},
		{"empty JSON", "application/json", "", tokenRequest{}, false},
		{"twice", "", "code=a&code=b", tokenRequest{}, true},
		{"semicolon", "", "code=a;client_id=b", tokenRequest{}, true},
		{"bad escape", "", "code=%zz", tokenRequest{}, true},
		{"JSON of a list", "application/json", `[]`, tokenRequest{}, true},
		{"JSON of an object", "application/json", `{"code":{}}`, tokenRequest{}, true},
		{"no JSON", "application/json", "code=a", tokenRequest{}, true},
		{"XML", "text/xml", "<a/>", tokenRequest{}, true},
		{"no media type", "/", "", tokenRequest{}, true},
	} {
		got, err := readTokenRequest(c.contentType, []byte(c.body))
		if (err != nil) != c.fails || !c.fails && got != c.want {
			t.Errorf("%s: %+v, %v", c.name, got, err)
		}
	}
}

// FuzzReadTokenRequest holds that any body is read or refused in words, and that a
// form means the same when it is written anew.
func FuzzReadTokenRequest(f *testing.F) {
	for _, body := range []string{"", "client_id=a&client_secret=b&code=c", `{"client_id":"a","code":1}`, "code=%00&code", `{"code":"\u0000"}`, "%", "[[[[", "code=\xff"} {
		f.Add("application/x-www-form-urlencoded", []byte(body))
		f.Add("application/json", []byte(body))
	}
	f.Fuzz(func(t *testing.T, contentType string, body []byte) {
		in, err := readTokenRequest(contentType, body)
		if err != nil {
			e, ok := model.AsError(err)
			if !ok || statuses[e.Kind] == 0 || !utf8.ValidString(e.Message) {
				t.Fatalf("%q is refused with %v", body, err)
			}
			return
		}
		again, err := readTokenRequest("", []byte(url.Values{"client_id": {string(in.ClientID)}, "client_secret": {string(in.ClientSecret)},
			"code": {string(in.Code)}, "redirect_uri": {string(in.RedirectURI)}, "grant_type": {string(in.GrantType)}}.Encode()))
		if err != nil || again != in {
			t.Fatalf("%q is %+v, and written anew %+v, %v", body, in, again, err)
		}
	})
}
