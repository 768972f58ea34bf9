package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Intercom makes the few calls of Intercom's API that the application needs.
type Intercom struct {
	URL    string // https://api.intercom.io
	Token  string
	Client *http.Client

	// Now and Wait are the clock by which it waits before it asks again. Wait returns early, with an error, when the context
	// ends.
	Now  func() time.Time
	Wait func(ctx context.Context, d time.Duration) error
}

// An APIError is an answer that says what went wrong.
type APIError struct {
	Status  int
	Code    string
	Message string
}

func (e *APIError) Error() string {
	return fmt.Sprintf("Intercom answers %d, %s: %s", e.Status, e.Code, e.Message)
}

// How often a call is made before it is given up, and how long it waits in between.
const (
	tries    = 4
	firstGap = time.Second // doubled each time
	maxGap   = 30 * time.Second
)

// A call is one of the API. What is safe can be made twice with no harm, and so is made again when nobody knows whether it was
// done.
type call struct {
	method, path string
	in, out      any
	safe         bool
}

// do makes a call, and again where there is reason to hope.
func (i *Intercom) do(ctx context.Context, c call) error {
	var body []byte
	if c.in != nil {
		var err error
		if body, err = json.Marshal(c.in); err != nil {
			return err
		}
	}
	for try := 1; ; try++ {
		gap, err := i.try(ctx, c, body, firstGap<<(try-1))
		if err == nil || gap == 0 || try == tries {
			return err
		}
		if err := i.Wait(ctx, min(gap, maxGap)); err != nil {
			return err
		}
	}
}

// try makes a call once. Where it failed and may be made again, it returns after how long.
func (i *Intercom) try(ctx context.Context, c call, body []byte, gap time.Duration) (time.Duration, error) {
	r, err := http.NewRequestWithContext(ctx, c.method, i.URL+c.path, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	r.Header.Set("Authorization", "Bearer "+i.Token)
	r.Header.Set("Intercom-Version", "2.9")
	r.Header.Set("Content-Type", "application/json")
	again := time.Duration(0)
	if c.safe {
		again = gap
	}
	answer, err := i.Client.Do(r)
	if err != nil {
		return again, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	switch {
	case err != nil: // the answer has broken off
		return again, err
	case answer.StatusCode == http.StatusTooManyRequests: // it was not done
		return i.untilReset(answer, gap), toldBy(answer, text)
	case answer.StatusCode >= http.StatusInternalServerError:
		return again, toldBy(answer, text)
	case answer.StatusCode >= http.StatusBadRequest:
		return 0, toldBy(answer, text)
	case c.out == nil:
		return 0, nil
	}
	return 0, json.Unmarshal(text, c.out)
}

// untilReset is how long it takes until requests are let in again, if the answer says so.
func (i *Intercom) untilReset(answer *http.Response, gap time.Duration) time.Duration {
	reset, err := strconv.ParseInt(answer.Header.Get("X-RateLimit-Reset"), 10, 64)
	if err != nil {
		return gap
	}
	return max(time.Unix(reset, 0).Sub(i.Now()), gap)
}

func toldBy(answer *http.Response, text []byte) error {
	var list struct {
		Errors []struct{ Code, Message string }
	}
	e := &APIError{Status: answer.StatusCode, Code: "unknown", Message: string(text)}
	if json.Unmarshal(text, &list) == nil && len(list.Errors) > 0 {
		e.Code, e.Message = list.Errors[0].Code, list.Errors[0].Message
	}
	return e
}

// A Contact is what the application says of a user.
type Contact struct {
	ID         string         `json:"id,omitempty"`
	Role       string         `json:"role,omitempty"`
	Email      string         `json:"email,omitempty"`
	Name       string         `json:"name,omitempty"`
	Attributes map[string]any `json:"custom_attributes,omitempty"`
}

// SaveContact has Intercom know a user by e-mail address, whether it knew it before or not, and returns the contact's id.
func (i *Intercom) SaveContact(ctx context.Context, c Contact) (string, error) {
	var made Contact
	err := i.do(ctx, call{method: http.MethodPost, path: "/contacts", in: c, out: &made, safe: true})
	if e, ok := errors.AsType[*APIError](err); !ok || e.Status != http.StatusConflict {
		return made.ID, err
	} else if made.ID, err = i.FindContact(ctx, c.Email); err != nil {
		return "", err
	} else if made.ID == "" { // the search does not know yet whom the conflict is with
		if made.ID = conflicting(e.Message); made.ID == "" {
			return "", e
		}
	}
	return made.ID, i.UpdateContact(ctx, made.ID, c)
}

// conflictingID is how the message of a conflict ends.
var conflictingID = regexp.MustCompile(`id=([0-9a-f]{24})$`)

func conflicting(message string) string {
	if found := conflictingID.FindStringSubmatch(message); found != nil {
		return found[1]
	}
	return ""
}

// FindContact returns the id of the user who has an e-mail address, or nothing if the search finds none.
func (i *Intercom) FindContact(ctx context.Context, email string) (string, error) {
	var found struct{ Data []Contact }
	where := func(field, value string) map[string]any {
		return map[string]any{"field": field, "operator": "=", "value": value}
	}
	in := map[string]any{"query": map[string]any{"operator": "AND", "value": []any{where("email", email), where("role", "user")}}}
	err := i.do(ctx, call{method: http.MethodPost, path: "/contacts/search", in: in, out: &found, safe: true})
	if err != nil || len(found.Data) == 0 {
		return "", err
	}
	return found.Data[0].ID, nil
}

// UpdateContact changes a contact. What is empty stays.
func (i *Intercom) UpdateContact(ctx context.Context, id string, c Contact) error {
	c.ID = ""
	return i.do(ctx, call{method: http.MethodPut, path: "/contacts/" + url.PathEscape(id), in: c, safe: true})
}

// TagContact gives a contact the tag of a name.
func (i *Intercom) TagContact(ctx context.Context, id, name string) error {
	var tag struct{ ID string }
	if err := i.do(ctx, call{method: http.MethodPost, path: "/tags", in: map[string]any{"name": name}, out: &tag, safe: true}); err != nil {
		return err
	}
	return i.do(ctx, call{method: http.MethodPost, path: "/contacts/" + url.PathEscape(id) + "/tags", in: tagID{tag.ID}, safe: true})
}

type tagID struct {
	ID string `json:"id"`
}

// Track tells that a contact did something. It is not made again when nobody knows whether it was done: it would count twice.
func (i *Intercom) Track(ctx context.Context, contact, event string, metadata map[string]any) error {
	in := map[string]any{"event_name": event, "created_at": i.Now().Unix(), "id": contact, "metadata": metadata}
	return i.do(ctx, call{method: http.MethodPost, path: "/events", in: in})
}

// Ask begins a conversation in the name of a contact, and returns its id.
func (i *Intercom) Ask(ctx context.Context, contact, text string) (string, error) {
	in := map[string]any{"from": map[string]string{"type": "user", "id": contact}, "body": text}
	var message struct {
		ConversationID string `json:"conversation_id"`
	}
	err := i.do(ctx, call{method: http.MethodPost, path: "/conversations", in: in, out: &message})
	return message.ConversationID, err
}

// A Conversation is what the application looks at of one.
type Conversation struct {
	ID    string `json:"id"`
	State string `json:"state"` // open, snoozed or closed
	Parts struct {
		Parts []struct {
			Type   string `json:"part_type"`
			Author struct{ Type string }
		} `json:"conversation_parts"`
	} `json:"conversation_parts"`
}

// Answered reports whether a teammate has replied.
func (c *Conversation) Answered() bool {
	for _, p := range c.Parts.Parts {
		if p.Author.Type == "admin" && strings.HasPrefix(p.Type, "comment") {
			return true
		}
	}
	return false
}

// Conversation reads a conversation.
func (i *Intercom) Conversation(ctx context.Context, id string) (*Conversation, error) {
	c := &Conversation{}
	return c, i.do(ctx, call{method: http.MethodGet, path: "/conversations/" + url.PathEscape(id), out: c, safe: true})
}
