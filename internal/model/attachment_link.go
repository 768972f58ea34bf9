package model

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"strconv"
)

// linkStep is how long, in seconds, a signed link stays the same, and the least
// that is left of it. It lives for two steps at most.
const linkStep = 30 * 60

// Link is where the attachment can be got, for somebody who may see it at now:
// below base, where clients reach the server, or at its URL while it is only a
// link.
func (a *Attachment) Link(base string, w *Workspace, now int64) string {
	if a.Key == "" {
		return a.URL
	}
	return base + a.Path(w.ID, w.Secret, now)
}

// Path is a link, good for 30 to 60 minutes, to an attachment that is kept here:
// /files/{workspace}/{id}/{expires}/{signature}/{name}. It is the same for half
// an hour, so that browsers need not load the file anew.
func (a *Attachment) Path(ws WorkspaceID, secret string, now int64) string {
	expires := now - now%linkStep + 2*linkStep
	return "/files/" + string(ws) + "/" + string(a.ID) + "/" + strconv.FormatInt(expires, 10) + "/" +
		signFile(secret, ws, a.ID, expires) + "/" + url.PathEscape(a.Name)
}

// A FileLink is what a signed link says.
type FileLink struct {
	Workspace  WorkspaceID
	Attachment AttachmentID
	Expires    int64 // Unix seconds; it leads nowhere from then on
	Signature  string
}

// Verify reports whether the link's signature is the workspace's own and the link
// has not expired.
func (l FileLink) Verify(secret string, now int64) bool {
	return hmac.Equal([]byte(l.Signature), []byte(signFile(secret, l.Workspace, l.Attachment, l.Expires))) && now < l.Expires
}

func signFile(secret string, ws WorkspaceID, id AttachmentID, expires int64) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte("file\n" + string(ws) + "\n" + string(id) + "\n" + strconv.FormatInt(expires, 10)))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}
