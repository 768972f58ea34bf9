package metric

import (
	"bytes"
	"math"
	"strconv"
	"strings"
)

// ContentType is what Text is.
const ContentType = "text/plain; version=0.0.4; charset=utf-8"

var (
	helpEscaper  = strings.NewReplacer(`\`, `\\`, "\n", `\n`)
	labelEscaper = strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`)
)

func writeFamily(b *bytes.Buffer, d *Desc, of []series) {
	b.WriteString("# HELP " + d.Name + " ")
	helpEscaper.WriteString(b, d.Help) // a buffer takes everything
	b.WriteString("\n# TYPE " + d.Name + " " + string(d.Kind) + "\n")
	for _, s := range of {
		if s.histogram != nil {
			writeHistogram(b, d, s)
		} else {
			writeSample(b, d, "", s.labels, "", s.value)
		}
	}
}

// writeHistogram counts what the buckets had when each was read, so that they agree with the count whatever
// is observed meanwhile.
func writeHistogram(b *bytes.Buffer, d *Desc, s series) {
	h, count := s.histogram, uint64(0)
	for i := range h.counts {
		count += h.counts[i].Load()
		bound := math.Inf(1)
		if i < len(h.bounds) {
			bound = h.bounds[i]
		}
		writeSample(b, d, "_bucket", s.labels, strconv.FormatFloat(bound, 'g', -1, 64), float64(count))
	}
	writeSample(b, d, "_sum", s.labels, "", math.Float64frombits(h.sum.Load()))
	writeSample(b, d, "_count", s.labels, "", float64(count))
}

// writeSample writes a line; le is the bound of a bucket, or nothing.
func writeSample(b *bytes.Buffer, d *Desc, suffix string, labels []string, le string, value float64) {
	b.WriteString(d.Name + suffix)
	open := byte('{')
	label := func(name, value string) {
		b.WriteByte(open)
		b.WriteString(name + `="`)
		labelEscaper.WriteString(b, value)
		b.WriteByte('"')
		open = ','
	}
	for i, l := range labels {
		label(d.Labels[i], l)
	}
	if le != "" {
		label("le", le)
	}
	if open == ',' {
		b.WriteByte('}')
	}
	b.WriteByte(' ')
	b.Write(strconv.AppendFloat(b.AvailableBuffer(), value, 'g', -1, 64))
	b.WriteByte('\n')
}
