package conformance

import (
	"crypto/rand"
	"errors"
	"fmt"
	"hash/fnv"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"parley/internal/contract"
)

// newRunner checks the options and lays out what is to be called.
func newRunner(o Options) (*runner, error) {
	base, err := checkBase(o.Base)
	switch {
	case err != nil:
		return nil, err
	case o.Token == "":
		return nil, errors.New("the access token is missing")
	case len(o.Visitors) > 2:
		return nil, errors.New("two visitors are enough")
	}
	if o.Timeout == 0 {
		o.Timeout = usualTimeout
	}
	if o.Patience == 0 {
		o.Patience = usualPatience
	}
	if o.Wait == nil {
		o.Wait = waitByTimer
	}
	if o.Mark == "" {
		o.Mark = strings.ToLower(rand.Text()[:6])
	}
	r := &runner{
		Options: o, client: newClient(base, o), script: script(), documented: map[string]contract.Op{},
		byID: map[string]*operation{}, providers: map[string]provider{}, values: beginning(o), done: map[*call]verdict{},
		results: map[*operation]*Operation{}, lateBudget: o.Patience,
		report: &Report{Server: base.String(), StartedAt: o.Clock().Unix(), Operations: []*Operation{}},
	}
	if !o.ReadOnly && !o.Plain {
		r.report.Mark = "Parley conformance " + o.Mark
	}
	for _, op := range o.Description.Operations() {
		r.documented[shape(op.Method, op.Path)] = op
	}
	for _, g := range r.script {
		for _, op := range g.operations {
			r.lay(op)
		}
	}
	return r, r.choose()
}

// checkBase reads the URL of a server. A path in it stays in front of those of
// the operations.
func checkBase(text string) (*url.URL, error) {
	base, err := url.Parse(text)
	if err != nil || base.Scheme != "http" && base.Scheme != "https" || base.Host == "" || base.User != nil || base.RawQuery != "" || base.Fragment != "" {
		return nil, fmt.Errorf("%q is not the URL of a server: want something like http://127.0.0.1:8080", text)
	}
	base.Path = strings.TrimRight(base.Path, "/")
	return base, nil
}

// beginning is the names that have a value before the first call.
func beginning(o Options) map[string]string {
	now := o.Clock()
	at := func(d time.Duration) string { return strconv.FormatInt(now.Add(d).Unix(), 10) }
	values := map[string]string{
		"now": at(0), "hour_ago": at(-time.Hour), "month_ago": at(-30 * 24 * time.Hour), "tomorrow": at(24 * time.Hour),
		"mark": "", "word": "", "label": "", "phone": phone(0),
	}
	if !o.Plain {
		values["mark"] = " (Parley conformance " + o.Mark + ")"
		values["word"] = "-parley-conformance-" + o.Mark
		values["label"] = "-parley-conformance"
		mark := fnv.New32a()
		mark.Write([]byte(o.Mark))
		values["phone"] = phone(mark.Sum32())
	}
	for i, id := range o.Visitors {
		values[[]string{"visitor_user_id", "second_visitor_user_id"}[i]] = id
	}
	return values
}

// phone is one of the 95 numbers of mobile phones that Sweden keeps free for books and films. A server may send so many texts to a phone
// and no more, which those who come after a run that was broken off would meet if there were but one.
func phone(n uint32) string { return fmt.Sprintf("+467017406%02d", 5+n%95) }

// A provider is the call that gives a name its value.
type provider struct {
	op   *operation
	call *call
}

// lay takes an operation into the run, unless the server need not have it.
func (r *runner) lay(op *operation) {
	if _, documented := r.documented[shape(op.method, op.path)]; op.beyond && !documented {
		return
	}
	r.byID[op.id] = op
	r.served = append(r.served, op)
	if r.ReadOnly && !op.readsOnly() {
		return
	}
	for i := range op.calls {
		c := &op.calls[i]
		names := []map[string]string{c.keep, c.pick}
		if r.ReadOnly {
			names = append(names, c.found)
		}
		for _, given := range names {
			for name := range given {
				r.providers[name] = provider{op, c}
			}
		}
	}
}

// choose takes the operations that Only names, with the spelling of the script or
// of the description.
func (r *runner) choose() error {
	for _, name := range r.Only {
		found := false
		for _, op := range r.served {
			theirs := r.documented[shape(op.method, op.path)].ID
			if key := bare(name); key != bare(op.group) && key != bare(op.id) && (theirs == "" || key != bare(theirs)) {
				continue
			}
			found = true
			if !slices.Contains(r.chosen, op) {
				r.chosen = append(r.chosen, op)
			}
		}
		if !found {
			var groups []string
			for _, g := range r.script {
				groups = append(groups, g.name)
			}
			return fmt.Errorf("there is no group and no operation %q; the groups are %s", name, strings.Join(groups, ", "))
		}
	}
	if len(r.Only) == 0 {
		r.chosen = r.served
	}
	// In the order of the script, whatever order they were named in.
	for _, op := range r.served {
		if slices.Contains(r.chosen, op) {
			result := &Operation{ID: op.id, Group: op.group, Method: op.method, Path: op.path, Exchanges: []Exchange{}}
			r.results[op] = result
			r.report.Operations = append(r.report.Operations, result)
		}
	}
	return nil
}

// bare is a name without letter case and punctuation.
func bare(name string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsLetter(c) || unicode.IsDigit(c) {
			return unicode.ToLower(c)
		}
		return -1
	}, name)
}
