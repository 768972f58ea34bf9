package oauth

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
)

//go:embed page
var files embed.FS

// parse reads the templates, one for each page, all within the same frame.
func parse() map[string]*template.Template {
	all := map[string]*template.Template{}
	for _, name := range []string{"sign_in", "code", "consent", "account", "two_factor", "recovery", "failure"} {
		all[name] = template.Must(template.ParseFS(files, "page/layout.html", "page/"+name+".html")) // they are embedded above
	}
	return all
}

// show writes a page.
func (d *Door) show(w http.ResponseWriter, status int, name string, data any) error {
	var b bytes.Buffer
	if err := d.pages()[name].ExecuteTemplate(&b, "layout", data); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	w.Write(b.Bytes()) // a browser that has gone is no failure of ours
	return nil
}

// failPage shows why there is nothing else to show.
func (d *Door) failPage(w http.ResponseWriter, r *http.Request, err error) {
	status, e := d.told(r, err)
	if err := d.show(w, status, "failure", e.Message); err != nil {
		http.Error(w, e.Message, status)
	}
}

func (d *Door) style(w http.ResponseWriter, _ *http.Request) error {
	text, err := files.ReadFile("page/style.css")
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	w.Header().Set("Cache-Control", "public, max-age=3600")
	w.Write(text)
	return nil
}

// see sends a browser on to a page of ours.
func see(w http.ResponseWriter, r *http.Request, path string) error {
	http.Redirect(w, r, path, http.StatusSeeOther)
	return nil
}
