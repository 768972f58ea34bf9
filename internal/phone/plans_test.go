package phone_test

import (
	"bytes"
	"cmp"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"regexp"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/nyaruka/phonenumbers"
)

// A pattern is a regular expression of a plan, followed digit by digit.
type pattern struct {
	prog    *syntax.Prog
	lengths []int32 // those that are possible; any, if there are none
	prefix  bool    // it need not match to the end
}

// A state is where a pattern is after some digits: at the instructions that read the next one.
type state struct {
	at      []uint32
	matches bool
}

func newPattern(text string, lengths []int32, prefix bool) *pattern {
	if text == "" {
		return nil
	}
	parsed, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		panic(err)
	}
	prog, err := syntax.Compile(parsed.Simplify())
	if err != nil {
		panic(err)
	}
	return &pattern{prog, lengths, prefix}
}

func (p *pattern) start() (s state) {
	if p != nil {
		p.follow(&s, uint32(p.prog.Start))
	}
	return s
}

// follow adds to a state where an instruction leads without reading.
func (p *pattern) follow(s *state, at uint32) {
	switch i := &p.prog.Inst[at]; i.Op {
	case syntax.InstAlt, syntax.InstAltMatch:
		p.follow(s, i.Out)
		p.follow(s, i.Arg)
	case syntax.InstCapture, syntax.InstNop:
		p.follow(s, i.Out)
	case syntax.InstMatch:
		s.matches = true
	case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
		if !slices.Contains(s.at, at) {
			s.at = append(s.at, at)
		}
	case syntax.InstFail:
	default:
		panic("a pattern has " + i.String())
	}
}

func (p *pattern) step(s state, digit rune) (next state) {
	if p == nil || p.prefix && s.matches {
		return s
	}
	for _, at := range s.at {
		if i := &p.prog.Inst[at]; i.MatchRune(digit) {
			p.follow(&next, i.Out)
		}
	}
	slices.Sort(next.at)
	return next
}

// holds reports whether a pattern holds for the digits that led to a state.
func (p *pattern) holds(s state, digits int) bool {
	return p != nil && s.matches && (p.prefix || len(p.lengths) == 0 || slices.Contains(p.lengths, int32(digits)))
}

// The patterns of a region, in the order in which they are asked. What is not fixed or mobile costs whoever calls, or is a service.
const (
	general = iota
	premium
	free
	shared
	voip
	personal
	pager
	uan
	voicemail
	fixed
	mobile
	leading // the digits by which the region is told from others of the same code
	kinds
)

// A country is all that has one calling code.
type country struct {
	code     string
	regions  []*phonenumbers.PhoneMetadata // the first is the one whose groups and prefixes hold for all
	patterns []*pattern                    // kinds for each region, and then two for each way to group digits: how it begins, and all of it
	groups   []*phonenumbers.NumberFormat
}

func newCountry(code int, byRegion map[string]*phonenumbers.PhoneMetadata) *country {
	c := &country{code: strconv.Itoa(code)}
	for _, region := range phonenumbers.GetRegionCodesForCountryCode(code) {
		if region == "001" {
			region += c.code
		}
		c.regions = append(c.regions, byRegion[region])
	}
	for _, m := range c.regions {
		for _, d := range []*phonenumbers.PhoneNumberDesc{m.GetGeneralDesc(), m.GetPremiumRate(), m.GetTollFree(), m.GetSharedCost(), m.GetVoip(),
			m.GetPersonalNumber(), m.GetPager(), m.GetUan(), m.GetVoicemail(), m.GetFixedLine(), m.GetMobile()} {
			c.patterns = append(c.patterns, newPattern(d.GetNationalNumberPattern(), d.GetPossibleLength(), false))
		}
		c.patterns = append(c.patterns, newPattern(m.GetLeadingDigits(), nil, true))
	}
	if c.groups = c.regions[0].GetIntlNumberFormat(); len(c.groups) == 0 {
		c.groups = c.regions[0].GetNumberFormat()
	}
	for _, f := range c.groups {
		begins := "(?:)"
		if n := len(f.GetLeadingDigitsPattern()); n > 0 {
			begins = f.GetLeadingDigitsPattern()[n-1]
		}
		c.patterns = append(c.patterns, newPattern(begins, nil, true), newPattern(f.GetPattern(), nil, false))
	}
	return c
}

// kind is which of the patterns of a region a number is of, or general if none.
func (c *country) kind(region int, states []state, digits int) (kind int, both bool) {
	is := func(kind int) bool {
		at := region*kinds + kind
		return c.patterns[at].holds(states[at], digits)
	}
	if !is(general) {
		return general, false
	}
	for kind := premium; kind <= voicemail; kind++ {
		if is(kind) {
			return kind, false
		}
	}
	same := c.regions[region].GetSameMobileAndFixedLinePattern()
	switch {
	case is(fixed):
		return fixed, same || is(mobile)
	case !same && is(mobile):
		return mobile, false
	}
	return general, false
}

// region is whose a number is, or negative if nobody's.
func (c *country) region(states []state, digits int) int {
	if len(c.regions) == 1 {
		return 0
	}
	for i := range c.regions {
		at := i*kinds + leading
		if p := c.patterns[at]; p != nil {
			if p.holds(states[at], digits) {
				return i
			}
		} else if kind, _ := c.kind(i, states, digits); kind != general {
			return i
		}
	}
	return -1
}

// outcome is what the digits that led to states are: flags, and how they are grouped, as phone.plans has it.
func (c *country) outcome(states []state, digits int) outcome {
	var o outcome
	if c.regions[0].GetNationalPrefixForParsing() != "" {
		p := *c.patterns[general]
		p.lengths = nil
		if p.holds(states[general], digits) {
			o.flags |= 1
		}
	}
	region := c.region(states, digits)
	if region < 0 {
		return o
	}
	kind, both := c.kind(region, states, digits)
	if kind == general {
		return o
	}
	o.flags |= 2
	if both || kind == voip || kind == personal || kind == mobile {
		o.flags |= 4
	}
	for i, f := range c.groups {
		at := len(c.regions)*kinds + 2*i
		if c.patterns[at].holds(states[at], digits) && c.patterns[at+1].holds(states[at+1], digits) {
			o.groups = grouped(f, digits)
			break
		}
	}
	return o
}

// grouped is where the separators of digits are: for "12 345-6" of 6 digits "2 3-1".
func grouped(f *phonenumbers.NumberFormat, digits int) string {
	text := regexp.MustCompile("^(?:"+f.GetPattern()+")$").ReplaceAllString(strings.Repeat("0", digits), f.GetFormat())
	if strings.Count(text, "0") != digits {
		panic(f.GetFormat() + " does not keep the digits")
	}
	var b strings.Builder
	for text != "" {
		n := len(text) - len(strings.TrimLeft(text, "0"))
		b.WriteString(strconv.Itoa(n))
		if text = text[n:]; text != "" {
			b.WriteByte(text[0])
			text = text[1:]
		}
	}
	return b.String()
}

type outcome struct {
	flags  byte
	groups string
}

type node struct {
	outcome outcome
	next    [10]int // 0 is none
}

// A builder makes the smallest automaton.
type builder struct {
	nodes []node
	known map[node]int
}

func (b *builder) add(n node) int {
	if n == (node{}) {
		return 0
	}
	at, ok := b.known[n]
	if !ok {
		at = len(b.nodes)
		b.nodes = append(b.nodes, n)
		b.known[n] = at
	}
	return at
}

func (b *builder) country(c *country) int {
	states := make([]state, len(c.patterns))
	for i, p := range c.patterns {
		states[i] = p.start()
	}
	memo := map[string]int{}
	var visit func([]state, int) int
	visit = func(states []state, digits int) int {
		key := fmt.Sprint(digits, states)
		if at, ok := memo[key]; ok {
			return at
		}
		n := node{outcome: c.outcome(states, digits)}
		if digits < 15 {
			for d := range n.next {
				next, alive := make([]state, len(states)), false
				for i, s := range states {
					next[i] = c.patterns[i].step(s, rune('0'+d))
					alive = alive || i < len(c.regions)*kinds && i%kinds != leading && (next[i].matches || len(next[i].at) > 0)
				}
				if alive {
					n.next[d] = visit(next, digits+1)
				}
			}
		}
		at := b.add(n)
		memo[key] = at
		return at
	}
	return visit(states, 0)
}

// lengths has a bit for each length of what may remain after a prefix.
func (c *country) lengths() (bits uint64) {
	d := c.regions[0].GetGeneralDesc()
	for n := range int32(18) {
		if !slices.Contains(d.GetPossibleLengthLocalOnly(), n) && (slices.Contains(d.GetPossibleLength(), n) || n > slices.Max(d.GetPossibleLength())) {
			bits |= 1 << n
		}
	}
	return bits
}

// countries are all of them, in the order of their codes.
func countries(t *testing.T) (list []*country) {
	t.Helper()
	all, err := phonenumbers.MetadataCollection()
	if err != nil {
		t.Fatal(err)
	}
	byRegion := map[string]*phonenumbers.PhoneMetadata{}
	for _, m := range all.Metadata {
		id := m.GetId()
		if id == "001" { // of no region, but of satellites and the like
			id += strconv.Itoa(int(m.GetCountryCode()))
		}
		byRegion[id] = m
	}
	for code := range 1000 {
		if len(phonenumbers.GetRegionCodesForCountryCode(code)) > 0 {
			list = append(list, newCountry(code, byRegion))
		}
	}
	return list
}

// encode writes the plans as package phone reads them.
func encode(list []*country) []byte {
	b := &builder{nodes: make([]node, 1), known: map[node]int{}}
	var heads []byte
	for _, c := range list {
		m := c.regions[0]
		heads = appendText(heads, c.code)
		heads = binary.AppendUvarint(heads, uint64(b.country(c)))
		heads = appendText(heads, m.GetNationalPrefixForParsing())
		heads = appendText(heads, m.GetNationalPrefixTransformRule())
		heads = binary.AppendUvarint(heads, c.lengths())
	}
	if len(b.nodes) > math.MaxUint16 {
		panic("there are more nodes than a uint16 tells apart")
	}
	numbers := map[outcome]int{}
	for _, n := range b.nodes {
		numbers[n.outcome]++
	}
	outcomes := slices.SortedFunc(maps.Keys(numbers), func(x, y outcome) int {
		return cmp.Or(cmp.Compare(numbers[y], numbers[x]), cmp.Compare(x.flags, y.flags), cmp.Compare(x.groups, y.groups))
	})
	out := binary.AppendUvarint(nil, uint64(len(outcomes)))
	for i, o := range outcomes {
		numbers[o] = i
		out = appendText(append(out, o.flags), o.groups)
	}
	out = binary.AppendUvarint(out, uint64(len(b.nodes)))
	for i, n := range b.nodes {
		out = binary.AppendUvarint(out, uint64(numbers[n.outcome]))
		for d := 0; d < len(n.next); {
			to, count := n.next[d], 1
			for d+count < len(n.next) && n.next[d+count] == to {
				count++
			}
			out = append(out, byte(count))
			if to == 0 {
				to = i
			}
			out = binary.AppendUvarint(out, uint64(i-to))
			d += count
		}
	}
	return append(binary.AppendUvarint(out, uint64(len(list))), heads...)
}

func appendText(b []byte, text string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(text))), text...)
}

// TestPlans holds plans.bin against the plans that the library knows. With PARLEY_TEST_UPDATE=1 it writes the file.
func TestPlans(t *testing.T) {
	t.Parallel()
	const name = "plans.bin"
	want := encode(countries(t))
	if os.Getenv("PARLEY_TEST_UPDATE") != "" {
		var file bytes.Buffer
		w, err := flate.NewWriter(&file, flate.BestCompression)
		if err != nil {
			t.Fatal(err)
		}
		w.Write(want)
		w.Close()
		if err := os.WriteFile(name, file.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	file, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(flate.NewReader(bytes.NewReader(file)))
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s is not what the library's plans make (%d bytes, %d wanted; %v); PARLEY_TEST_UPDATE=1 go test ./internal/phone writes it", name, len(got), len(want), err)
	}
}
