package e2e

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"
)

// A thread is a conversation of a contact, who begins, and an admin, who take turns.
type thread struct {
	Name     string    `json:"name"`
	Word     string    `json:"word"` // one of the first message
	Messages []message `json:"messages"`
}

// A message is what somebody writes. How it is shown is given where it is HTML,
// and follows from the body where that is plain text.
type message struct {
	Body  string `json:"body"`
	Times int    `json:"times"` // how often the body is repeated; 0 for once
	HTML  string `json:"html"`
	Text  string `json:"text"`
}

// TestThreads has people write in many languages, and in ways that texts are
// easily lost or changed by, and reads what they wrote.
func TestThreads(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/threads.json")
	if err != nil {
		t.Fatal(err)
	}
	var threads []thread
	if err := json.Unmarshal(text, &threads); err != nil {
		t.Fatal(err)
	}
	onEach(t, func(t *testing.T, url string) {
		w := &world{url: url}
		w.admin = w.text(t, w.get(t, "/admins"), "admins", 0, "id")
		for _, thread := range threads {
			t.Run(thread.Name, func(t *testing.T) { w.hold(t, thread) })
		}
	})
}

// hold writes a thread, and compares what is read of it.
func (w *world) hold(t *testing.T, thread thread) {
	contact := w.user(t)
	var id string
	for i, m := range thread.Messages {
		m = m.whole()
		switch {
		case i == 0:
			made := w.must(t, "POST", "/conversations", map[string]any{"from": map[string]any{"type": "user", "id": contact}, "body": m.Body})
			if made["body"] != m.Body {
				t.Errorf("the first message is answered as %.500q, want %.500q", made["body"], m.Body)
			}
			id = made["conversation_id"].(string)
		case i%2 == 1:
			w.must(t, "POST", "/conversations/"+id+"/reply",
				map[string]any{"message_type": "comment", "type": "admin", "admin_id": w.admin, "body": m.Body})
		default:
			w.must(t, "POST", "/conversations/"+id+"/reply",
				map[string]any{"message_type": "comment", "type": "user", "intercom_user_id": contact, "body": m.Body})
		}
	}
	html, text := written(w.get(t, "/conversations/"+id)), written(w.get(t, "/conversations/"+id+"?display_as=plaintext"))
	if len(html) != len(thread.Messages) || len(text) != len(thread.Messages) {
		t.Fatalf("%d and %d messages, want %d", len(html), len(text), len(thread.Messages))
	}
	for i, m := range thread.Messages {
		m = m.whole()
		if got := links.ReplaceAllString(html[i], ""); got != m.HTML {
			t.Errorf("message %d is %s", i, difference(got, m.HTML))
		}
		if text[i] != m.Text {
			t.Errorf("message %d as plain text is %s", i, difference(text[i], m.Text))
		}
	}

	first := map[string]any{"field": "contact_ids", "operator": "=", "value": contact}
	for operator, want := range map[string]float64{"=": 1, "!=": 0} {
		second := map[string]any{"field": "source.body", "operator": operator, "value": thread.Word}
		found := w.must(t, "POST", "/conversations/search", map[string]any{"query": map[string]any{"operator": "AND", "value": []any{first, second}}})
		if found["total_count"] != want {
			t.Errorf("source.body %s %q finds %v, want %v", operator, thread.Word, found["total_count"], want)
		}
	}
}

// whole is the message with its body repeated, and with how it is to be shown.
func (m message) whole() message {
	m.Body = strings.Repeat(m.Body, max(m.Times, 1))
	if m.HTML == "" {
		paragraphs := readText(m.Body)
		escape := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "\n", "<br>")
		for i, p := range paragraphs {
			paragraphs[i] = "<p>" + escape.Replace(p) + "</p>"
		}
		m.HTML, m.Text = strings.Join(paragraphs, "\n"), strings.Join(readText(m.Body), "\n\n")
	}
	return m
}

// readText is what is kept of plain text: its paragraphs, their lines without the
// space around them.
func readText(body string) []string {
	lines := strings.Split(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(body), "\n")
	for i, line := range lines {
		lines[i] = strings.Trim(line, " \t")
	}
	var paragraphs []string
	for p := range strings.SplitSeq(strings.Join(lines, "\n"), "\n\n") {
		if p = strings.Trim(p, "\n"); p != "" {
			paragraphs = append(paragraphs, p)
		}
	}
	return paragraphs
}

// links are what is put around addresses.
var links = regexp.MustCompile(`<a href="[^"]*" rel="[^"]*">|</a>`)

// written is what was written in a conversation, oldest first.
func written(conversation map[string]any) []string {
	texts := []string{conversation["source"].(map[string]any)["body"].(string)}
	for _, part := range conversation["conversation_parts"].(map[string]any)["conversation_parts"].([]any) {
		body, _ := part.(map[string]any)["body"].(string)
		texts = append(texts, body)
	}
	return texts
}

// difference shows two texts from shortly before where they part.
func difference(got, want string) string {
	at := 0
	for at < min(len(got), len(want)) && got[at] == want[at] {
		at++
	}
	from := max(0, at-20)
	return "…" + quote(got[from:]) + ", want …" + quote(want[from:])
}

func quote(s string) string {
	if len(s) > 120 {
		s = s[:120]
	}
	quoted, err := json.Marshal(s)
	if err != nil {
		return err.Error()
	}
	return string(quoted)
}
