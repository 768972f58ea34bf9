package oauth

import (
	_ "embed"
	"io"
	"net/http"
)

//go:embed style.css
var css []byte

// show writes a page.
func (d *Door) show(w http.ResponseWriter, status int, page html) error {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	io.WriteString(w, string(page)) // a browser that has gone is no failure of ours
	return nil
}

// failPage shows why there is nothing else to show.
func (d *Door) failPage(w http.ResponseWriter, r *http.Request, err error) {
	status, e := d.told(r, err)
	_ = d.show(w, status, failureView(e.Message))
}

func (d *Door) style(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	w.Header().Set("Cache-Control", "public, max-age=3600")
	w.Write(css)
	return nil
}

// see sends a browser on to a page of ours.
func see(w http.ResponseWriter, r *http.Request, path string) error {
	http.Redirect(w, r, path, http.StatusSeeOther)
	return nil
}
