package main

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // what Intercom signs with
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
)

// maxNotification is the length of what a webhook may be told, in bytes.
const maxNotification = 1 << 20

// becomes is what a question becomes by what a webhook is told.
var becomes = map[string]string{
	"conversation.admin.replied":   answered,
	"conversation.admin.closed":    closed,
	"conversation.admin.opened":    asked,
	"conversation.admin.unsnoozed": asked, // it was put off, and waits again
}

// webhook is told by Intercom what happens. It must not be told by anybody else, and a notification that comes twice counts
// once.
func (a *App) webhook(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxNotification))
	if err != nil {
		http.Error(w, "too long", http.StatusRequestEntityTooLarge)
		return
	}
	mac := hmac.New(sha1.New, []byte(a.Secret))
	mac.Write(body)
	if !hmac.Equal([]byte(r.Header.Get("X-Hub-Signature")), []byte("sha1="+hex.EncodeToString(mac.Sum(nil)))) {
		http.Error(w, "wrong signature", http.StatusUnauthorized)
		return
	}
	var n struct {
		ID    string
		Topic string
		Data  struct{ Item struct{ ID string } }
	}
	if err := json.Unmarshal(body, &n); err != nil {
		http.Error(w, "not JSON", http.StatusBadRequest)
		return
	}
	if state, ok := becomes[n.Topic]; ok && a.first(n.ID) {
		a.settle(n.Data.Item.ID, state)
	}
}

// first reports whether a notification comes for the first time.
func (a *App) first(id string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.told[id] {
		return false
	}
	a.told[id] = true
	return true
}
