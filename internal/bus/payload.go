package bus

import "strings"

// A payload is what one notification carries: a line that says which form it has,
// and a line for each message, its kind and its body with a space between. A server
// that does not know the form, or a kind, passes over it.
const (
	header = "parley 1\n"
	// maxPayload is what PostgreSQL takes, less what the form needs.
	maxPayload = 7_999
	maxMessage = 7_900
)

// parse reads a payload of any server, of whatever version. It reports false for one
// that has another form.
func parse(payload string) (messages []Message, ok bool) {
	lines, ok := strings.CutPrefix(payload, header)
	if !ok {
		return nil, false
	}
	for line := range strings.SplitSeq(lines, "\n") {
		if kind, body, _ := strings.Cut(line, " "); kind != "" {
			messages = append(messages, Message{kind, body})
		}
	}
	return messages, true
}

const (
	maxWaiting = 10_000 // messages
	maxAtOnce  = 32     // payloads of a send
)

// A queue has the messages that wait to be sent, in their order. The zero value is
// empty.
type queue struct {
	list  []Message
	names []string // of the messages
	at    map[string]int
	taken int // messages, and names, at the front of the list
}

// put adds a message, or puts it in the place of the one that has its kind and key.
// It reports whether it took it.
func (q *queue) put(kind, key, body string) bool {
	if !isWord(kind) || len(kind)+len(body) > maxMessage || strings.ContainsFunc(body, func(r rune) bool { return r < ' ' || r > '~' }) {
		return false
	}
	name := kind + " " + key
	if at, waits := q.at[name]; waits {
		q.list[at].Body = body
		return true
	}
	if len(q.list)-q.taken >= maxWaiting {
		return false
	}
	if q.at == nil {
		q.at = map[string]int{}
	}
	q.at[name] = len(q.list)
	q.list, q.names = append(q.list, Message{kind, body}), append(q.names, name)
	return true
}

func isWord(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return !('a' <= r && r <= 'z' || '0' <= r && r <= '9') })
}

func (q *queue) empty() bool { return len(q.list) == q.taken }

// take makes payloads of what has waited longest, as many as are sent at once, and
// tells of how many messages.
func (q *queue) take() (payloads []string, n int) {
	var b strings.Builder
	for ; !q.empty(); q.taken++ {
		m := q.list[q.taken]
		line := m.Kind + " " + m.Body
		if b.Len() > 0 && b.Len()+len("\n")+len(line) > maxPayload {
			payloads = append(payloads, b.String())
			b.Reset()
			if len(payloads) == maxAtOnce {
				break
			}
		}
		if b.Len() == 0 {
			b.WriteString(header)
		} else {
			b.WriteByte('\n')
		}
		b.WriteString(line)
		delete(q.at, q.names[q.taken])
		n++
	}
	if b.Len() > 0 {
		payloads = append(payloads, b.String())
	}
	if q.empty() {
		q.clear()
	}
	return payloads, n
}

// clear forgets what waits, and tells how many that were.
func (q *queue) clear() int {
	n := len(q.list) - q.taken
	*q = queue{}
	return n
}
