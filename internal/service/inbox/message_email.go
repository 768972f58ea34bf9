package inbox

import (
	"parley/internal/model"
	"parley/internal/richtext"
)

// newEmail renders a message as an e-mail to a contact, without an id. One that
// must not go there says why.
func newEmail(from *model.Workspace, m *model.Message, to *model.Contact) *model.OutgoingEmail {
	e := &model.OutgoingEmail{Message: m.ID, Contact: to.ID, From: m.From.ID, To: to.Email, Subject: m.Subject,
		State: model.EmailQueued, Suppressed: to.SuppressedBy(), CreatedAt: m.CreatedAt}
	if e.Suppressed != "" {
		e.State = model.EmailSuppressed
	}
	note := "You do not want e-mails from " + from.Name + "? Answer this one and say so."
	e.HTML = string(emailHTML(from, m, richtext.Escape(note)))
	e.Text = richtext.Text(m.Body) + "\n\n-- \n" + note + "\n"
	return e
}

// emailHTML has the look of the message's template. A personal one looks as if
// typed by hand; a plain one says whose it is. What styles there are stand in the
// elements, for mail programs drop others. The body is in
// the form of messages already.
func emailHTML(from *model.Workspace, m *model.Message, note richtext.HTML) richtext.HTML {
	body := richtext.HTML(m.Body)
	head := `<!DOCTYPE html>
<html>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>` + richtext.Escape(m.Subject) + `</title>
</head>
`
	if m.Template == model.Personal {
		return head + `<body>
` + body + `
<p style="color:#6b6b6b;font-size:12px">` + note + `</p>
</body>
</html>
`
	}
	return head + `<body style="margin:0;padding:24px;font-family:sans-serif;font-size:15px;line-height:1.5">
<div style="max-width:600px;margin:0 auto">
<p style="color:#6b6b6b;border-bottom:1px solid #d9d9d9;padding-bottom:12px">` + richtext.Escape(from.Name) + `</p>
` + body + `
<p style="color:#6b6b6b;border-top:1px solid #d9d9d9;padding-top:12px;font-size:12px">` + note + `</p>
</div>
</body>
</html>
`
}
