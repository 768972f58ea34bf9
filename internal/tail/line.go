package tail

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/go-json-experiment/json"

	"parley/internal/requestlog"
)

// A style is how a terminal shows a text, as parameters of the escape sequence.
type style string

const (
	dim    style = "2"
	red    style = "31"
	green  style = "32"
	yellow style = "33"
	cyan   style = "36"
)

// The bounds of what is shown of texts that others wrote, in characters.
const (
	maxTarget = 160
	maxWrong  = 240
)

// A line is one that is being written.
type line struct {
	*Tail
	text []byte
}

func (t *Tail) line(at time.Time) *line {
	l := &line{Tail: t}
	l.add(dim, at.In(t.options.Location).Format(time.TimeOnly))
	return l
}

// add puts a text behind what is there.
func (l *line) add(s style, text string) {
	if text == "" {
		return
	}
	if len(l.text) > 0 {
		l.text = append(l.text, "  "...)
	}
	if s == "" || !l.options.Color {
		l.text = append(l.text, text...)
		return
	}
	l.text = fmt.Appendf(l.text, "\x1b[%sm%s\x1b[0m", s, text)
}

// of says which workspace a line is of, unless that is clear.
func (l *line) of(workspace string) {
	if workspace != "" && workspace != l.workspace {
		l.add(dim, "["+plain(workspace, maxTarget)+"]")
	}
}

func (l *line) end() []byte { return append(l.text, '\n') }

// callLine is a call: when, its status, method, time and target, the operation, and what
// was wrong.
func (t *Tail) callLine(e *requestlog.Entry) []byte {
	l := t.line(e.At)
	l.add(statusStyle(e.Status), statusText(e.Status))
	l.add("", fmt.Sprintf("%-7s", plain(e.Method, 7)))
	l.add(dim, fmt.Sprintf("%8s", took(e.Took)))
	l.of(e.Workspace)
	target := e.Path
	if e.Query != "" {
		target += "?" + e.Query
	}
	l.add("", plain(target, maxTarget))
	l.add(dim, e.Operation)
	l.add(wrongStyle(e.Status), strings.Join(wrong(e), "; "))
	return l.end()
}

// wrong tells what was wrong with a call.
func wrong(e *requestlog.Entry) (all []string) {
	switch {
	case e.Status == 0:
		all = append(all, "the connection was closed")
	case e.Status >= http.StatusBadRequest:
		body, _ := e.Response.Read()
		if told := errorIn(body); told != "" {
			all = append(all, told)
		}
	}
	if e.Operation == "" {
		all = append(all, "no such operation")
	} else if unread := e.Unread(); len(unread) > 0 {
		all = append(all, "not read: "+plain(strings.Join(unread, ", "), maxWrong))
	}
	if e.Fault != "" {
		all = append(all, "fault "+plain(e.Fault, maxTarget))
	}
	return all
}

// errorIn is the code and the message of the first error that an answer has.
func errorIn(body []byte) string {
	var answer struct {
		Errors []struct {
			Code    string `json:"code"`
			Message string `json:"message"`
		} `json:"errors"`
	}
	if err := json.Unmarshal(body, &answer); err != nil || len(answer.Errors) == 0 {
		return "" // an operation may have a form of its own
	}
	first := answer.Errors[0]
	text := plain(first.Code+": "+first.Message, maxWrong)
	if more := len(answer.Errors) - 1; more > 0 {
		text += fmt.Sprintf(" (and %d more)", more)
	}
	return text
}

// deliveryLine is an attempt to tell a webhook something.
func (t *Tail) deliveryLine(d *Delivery) []byte {
	l := t.line(d.At)
	l.add(statusStyle(d.Status), statusText(d.Status))
	l.add(cyan, "webhook")
	l.add(dim, fmt.Sprintf("%8s", took(d.Took)))
	l.of(d.Workspace)
	l.add("", plain(d.Topic, maxTarget)+" to "+plain(d.URL, maxTarget))
	became := d.State
	if d.Error != "" {
		became += ": " + d.Error
	}
	if d.Attempt > 1 {
		became += fmt.Sprintf(" (attempt %d)", d.Attempt)
	}
	s := dim
	if d.Status < 200 || d.Status > 299 {
		s = red
	}
	l.add(s, plain(became, maxWrong))
	return l.end()
}

func (t *Tail) leftOutLine(n int64) []byte {
	l := &line{Tail: t}
	what := fmt.Sprintf("%d lines were left out", n)
	if n == 1 {
		what = "1 line was left out"
	}
	l.add(yellow, "          "+what+": more came than could be written in time")
	return l.end()
}

func statusText(status int) string {
	if status == 0 {
		return "---"
	}
	return strconv.Itoa(status)
}

func statusStyle(status int) style {
	switch status / 100 {
	case 2:
		return green
	case 3:
		return cyan
	case 4:
		return yellow
	}
	return red
}

// wrongStyle is that of what was wrong with a call that succeeded all the same, too.
func wrongStyle(status int) style {
	if status/100 == 2 {
		return yellow
	}
	return statusStyle(status)
}

// took is a duration in three figures.
func took(d time.Duration) string {
	switch {
	case d < time.Millisecond:
		return strconv.FormatInt(d.Microseconds(), 10) + " µs"
	case d < 100*time.Millisecond:
		return strconv.FormatFloat(float64(d.Microseconds())/1e3, 'f', 1, 64) + " ms"
	case d < 10*time.Second:
		return strconv.FormatInt(d.Milliseconds(), 10) + " ms"
	}
	return strconv.FormatInt(int64(d.Seconds()), 10) + " s"
}

// plain is a text that others wrote, on one line and with nothing in it that a terminal
// acts on or that turns the direction of what follows. Of a longer one it is the beginning.
func plain(s string, most int) string {
	var b strings.Builder
	for n := 0; len(s) > 0; n++ {
		r, size := utf8.DecodeRuneInString(s)
		switch {
		case n == most:
			b.WriteString("…")
			return b.String()
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, s[0])
		case unicode.IsPrint(r): // neither controls nor marks of format, nor spaces but the usual one
			b.WriteRune(r)
		case r < 0x100:
			fmt.Fprintf(&b, `\x%02x`, r)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
		s = s[size:]
	}
	return b.String()
}
