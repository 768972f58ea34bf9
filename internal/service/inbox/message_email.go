package inbox

import (
	"html/template"
	"strings"

	"parley/internal/model"
	"parley/internal/richtext"
)

// newEmail renders a message as an e-mail to a contact, without an id. One that
// must not go there says why.
func newEmail(from *model.Workspace, m *model.Message, to *model.Contact) (*model.OutgoingEmail, error) {
	e := &model.OutgoingEmail{Message: m.ID, Contact: to.ID, From: m.From.ID, To: to.Email, Subject: m.Subject,
		State: model.EmailQueued, Suppressed: to.SuppressedBy(), CreatedAt: m.CreatedAt}
	if e.Suppressed != "" {
		e.State = model.EmailSuppressed
	}
	note := "You do not want e-mails from " + from.Name + "? Answer this one and say so."
	var html strings.Builder
	err := emails.ExecuteTemplate(&html, string(m.Template), map[string]any{
		"Subject": m.Subject, "Body": template.HTML(m.Body), "Workspace": from.Name, "Note": note}) // the body is safe
	e.HTML = html.String()
	e.Text = richtext.Text(m.Body) + "\n\n-- \n" + note + "\n"
	return e, err
}

// emails are the looks of e-mails by the names of templates. A personal one looks
// as if typed by hand; a plain one says whose it is. What styles there are stand
// in the elements, for mail programs drop others.
var emails = template.Must(template.New("").Parse(`
{{- define "head"}}<!DOCTYPE html>
<html>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{{.Subject}}</title>
</head>
{{end}}

{{- define "personal"}}{{template "head" .}}<body>
{{.Body}}
<p style="color:#6b6b6b;font-size:12px">{{.Note}}</p>
</body>
</html>
{{end}}

{{- define "plain"}}{{template "head" .}}<body style="margin:0;padding:24px;font-family:sans-serif;font-size:15px;line-height:1.5">
<div style="max-width:600px;margin:0 auto">
<p style="color:#6b6b6b;border-bottom:1px solid #d9d9d9;padding-bottom:12px">{{.Workspace}}</p>
{{.Body}}
<p style="color:#6b6b6b;border-top:1px solid #d9d9d9;padding-top:12px;font-size:12px">{{.Note}}</p>
</div>
</body>
</html>
{{end}}`))
