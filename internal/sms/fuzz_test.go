package sms_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"unicode/utf8"

	"parley/internal/sms"
)

// Whatever a gateway answers, a message was taken and has a name, was not taken for a reason in
// bounds, or may have been.
func FuzzAnswer(f *testing.F) {
	for _, body := range []string{`{"sid":"SM1","status":"queued"}`, `{"sid":"SM1","status":"failed","error_code":30003}`, `{"code":21211,"message":"The 'To' number is not valid"}`, `{"sid":null}`, `[]`, ``, `{"code":1e99}`, "\xff",
		`{"messages":[{"sid":"SM1","to":"+12025550123","body":"Here"}]}`, `{"messages":[],"next_page_uri":"//evil.test/"}`, `{"messages":[],"next_page_uri":"/again"}`, `{"messages":null}`} {
		for _, status := range []uint16{200, 400, 429, 503} {
			f.Add(status, "30", []byte(body))
		}
	}
	var status int
	var after string
	var body []byte
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", after)
		w.WriteHeader(status)
		_, _ = w.Write(body)
	}))
	f.Cleanup(server.Close)
	gateway := sms.New(sms.Options{URL: server.URL, Account: "AC1", Token: "s3cret", From: "+12025550100"})
	f.Fuzz(func(t *testing.T, code uint16, retry string, answer []byte) {
		status, after, body = 200+int(code)%400, strconv.QuoteToASCII(retry), answer
		if n, err := strconv.Atoi(retry); err == nil {
			after = strconv.Itoa(n)
		}
		if status == http.StatusNoContent || status == http.StatusNotModified {
			body = nil
		}
		receipt, err := gateway.Send(t.Context(), to, "Here")
		if (err == nil) != (receipt != nil) || err == nil && receipt.ID == "" {
			t.Fatalf("%d %q is %+v, %v", status, answer, receipt, err)
		}
		var refused *sms.Refusal
		if errors.As(err, &refused) && (utf8.RuneCountInString(refused.Reason) > 300 || !utf8.ValidString(refused.Reason) || refused.After < 0) {
			t.Errorf("%d %q is refused with %+v", status, answer, refused)
		}
		if status >= 500 && refused != nil {
			t.Errorf("%d says for certain that the message was not taken", status)
		}
		if receipt, err := gateway.Find(t.Context(), to, "Here"); (err == nil) != (receipt != nil) || err == nil && receipt.ID == "" {
			t.Errorf("%q has %+v, %v", answer, receipt, err)
		}
	})
}
