package phone

import (
	"bufio"
	"bytes"
	"compress/flate"
	_ "embed"
	"encoding/binary"
	"fmt"
	"io"
	"regexp"
	"sync"
)

// The numbers of all countries, compressed: what TestPlans writes of the plans that libphonenumber knows.
//
//	uvarint: how many outcomes there are, and for each: byte of flags, text
//	uvarint: how many nodes, and for each: uvarint of its outcome, and until there are ten digits: byte of how many
//	digits in a row lead to the same, uvarint of how far before this one that is, 0 for nowhere
//	uvarint: how many countries, and for each: text of its code, uvarint of its first node, text of what may precede
//	a number there, text of what that becomes, uvarint with a bit for each length of what may remain
//
// A text is the uvarint of how many bytes it has, and these.
//
//go:embed plans.bin
var compressed []byte

// An outcome is what a number is when it ends. Flags add up.
type outcome struct {
	flags  byte
	groups string // how its digits are grouped: "3 3-4"; all in one, if empty
}

const (
	viable = 1 << iota // the general pattern of the country holds, if it has prefixes
	valid              // it can be somebody's
	texts              // it may be reached by text messages
)

// A node is where the digits of a number have led: what the number is if it ends here, and where the next digit leads. The node 0
// is of no number.
type node struct {
	outcome uint16
	next    [10]uint16
}

// A country is what shares a calling code.
type country struct {
	first   uint16
	prefix  *regexp.Regexp // nil for none; what is dialled before a number within the country
	becomes string         // what the prefix becomes if its last group is there, in the form of regexp.Expand
	lengths uint64         // bit n is set if a number of n digits may remain after it
}

type plans struct {
	outcomes  []outcome
	nodes     []node
	countries map[string]*country // by calling code
}

// known reads the plans when they are first asked for.
var known = sync.OnceValue(func() *plans {
	r := reader{bufio.NewReader(flate.NewReader(bytes.NewReader(compressed)))}
	p := &plans{countries: map[string]*country{}}
	for range r.number() {
		p.outcomes = append(p.outcomes, outcome{r.byte(), r.text()})
	}
	p.nodes = make([]node, r.number())
	for i := range p.nodes {
		n := &p.nodes[i]
		n.outcome = uint16(r.number())
		for d := 0; d < len(n.next); {
			count, back := int(r.byte()), r.number()
			for ; count > 0; count-- {
				if back > 0 {
					n.next[d] = uint16(i - back)
				}
				d++
			}
		}
	}
	for range r.number() {
		code := r.text()
		c := &country{first: uint16(r.number())}
		if prefix := r.text(); prefix != "" {
			c.prefix = regexp.MustCompile("^(?:" + prefix + ")")
		}
		c.becomes, c.lengths = r.text(), uint64(r.number())
		p.countries[code] = c
	}
	return p
})

// A reader reads what is part of the program: nothing in it can be wrong.
type reader struct{ *bufio.Reader }

func (r reader) byte() byte {
	b, err := r.ReadByte()
	if err != nil {
		panic(fmt.Errorf("plans of phone numbers: %w", err))
	}
	return b
}

func (r reader) number() int {
	n, err := binary.ReadUvarint(r)
	if err != nil {
		panic(fmt.Errorf("plans of phone numbers: %w", err))
	}
	return int(n)
}

func (r reader) text() string {
	b := make([]byte, r.number())
	if _, err := io.ReadFull(r, b); err != nil {
		panic(fmt.Errorf("plans of phone numbers: %w", err))
	}
	return string(b)
}

// find is the country that the digits of an international number begin with, and how long its code is.
func (p *plans) find(digits string) (*country, int) {
	for n := 1; n <= 3 && n <= len(digits); n++ {
		if c := p.countries[digits[:n]]; c != nil {
			return c, n
		}
	}
	return nil, 0
}

// outcome is what a number within a country is.
func (p *plans) outcome(c *country, national string) outcome {
	at := c.first
	for i := range len(national) {
		at = p.nodes[at].next[national[i]-'0']
	}
	return p.outcomes[p.nodes[at].outcome]
}

// strip takes away what is dialled before a number within its country, as the 0 in +44 (0)20: unless the number would not be one
// any more, or is too short to be one then.
func (p *plans) strip(c *country, national string) string {
	if c.prefix == nil {
		return national
	}
	m := c.prefix.FindStringSubmatchIndex(national)
	if m == nil {
		return national
	}
	rest := national[m[1]:]
	if last := len(m) - 2; c.becomes != "" && m[last] >= 0 {
		rest = string(c.prefix.ExpandString(nil, c.becomes, national, m)) + rest
	}
	if c.lengths>>len(rest)&1 == 0 || p.outcome(c, national).flags&viable != 0 && p.outcome(c, rest).flags&viable == 0 {
		return national
	}
	return rest
}
