package bench

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// A Report is what was measured. Times are seconds, sizes are bytes; what is null or 0 among CPU and memory is not known.
type Report struct {
	Made     string   `json:"made"` // when, RFC 3339
	System   string   `json:"system"`
	CPUs     int      `json:"cpus"`
	Version  string   `json:"version"`
	Database string   `json:"database"`
	Contacts int      `json:"contacts"`
	Seed     uint64   `json:"seed"`
	Format   int      `json:"format"` // of the fill
	Targets  []Target `json:"targets"`
	Rows     []Row    `json:"rows"`
}

// A Target is a server that was measured.
type Target struct {
	Name    string    `json:"name"`
	Program string    `json:"program,omitempty"`
	Binary  int64     `json:"binary,omitempty"` // size of the program
	Starts  []float64 `json:"starts,omitempty"` // from the start of the program to the first answer of 200, sorted
	Peak    int64     `json:"peak,omitempty"`   // the most memory that it had
}

// A Row is an operation with so many connections: a Figures for each target, in their order.
type Row struct {
	Operation   string    `json:"operation"`
	Connections int       `json:"connections"`
	Figures     []Figures `json:"figures"`
	Ratio       *Ratio    `json:"ratio,omitempty"`
}

// Figures are what one target did.
type Figures struct {
	Count     int      `json:"count"`    // operations
	Requests  int64    `json:"requests"` // an operation may be several
	Checked   int64    `json:"checked"`  // answers that were read and held against what was filled
	PerSecond float64  `json:"per_second"`
	P50       float64  `json:"p50"`
	P95       float64  `json:"p95"`
	P99       float64  `json:"p99"`
	ServerCPU *float64 `json:"server_cpu"` // for each request
	ClientCPU *float64 `json:"client_cpu"` // for each request
	Memory    int64    `json:"memory"`     // of the server, right after
}

// A Ratio is how many times as many operations a second the first target did as the second, turn by turn: half of the pairs of turns lie
// from Low to High.
type Ratio struct {
	Pairs  int      `json:"pairs"`
	Median float64  `json:"median"`
	Low    float64  `json:"low"`
	High   float64  `json:"high"`
	CPU    *float64 `json:"server_cpu"` // how many times as long the first worked for a request, in all
}

// JSON writes the report for programs.
func (r *Report) JSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

// Table writes the report for people.
func (r *Report) Table(out io.Writer) error {
	fmt.Fprintf(out, "Parley %s, %s, %d CPUs, %s, %d contacts, seed %d, fill %d\n", r.Version, r.System, r.CPUs, r.Database, r.Contacts, r.Seed, r.Format)
	for _, t := range r.Targets {
		fmt.Fprintf(out, "%s:", t.Name)
		if t.Binary > 0 {
			fmt.Fprintf(out, " program of %s;", megabytes(t.Binary))
		}
		if n := len(t.Starts); n > 0 {
			fmt.Fprintf(out, " start to first 200 in %s ms (%s to %s, of %d);", milliseconds(t.Starts[n/2]), milliseconds(t.Starts[0]), milliseconds(t.Starts[n-1]), n)
		}
		if t.Peak > 0 {
			fmt.Fprintf(out, " most memory %s", megabytes(t.Peak))
		}
		fmt.Fprintln(out)
	}
	fmt.Fprintln(out)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	head := []string{"OPERATION", "AT ONCE"}
	if len(r.Targets) > 1 {
		head = append(head, "TARGET")
	}
	head = append(head, "PER SECOND", "P50 ms", "P95 ms", "P99 ms", "SERVER µs", "CLIENT µs", "MEMORY")
	if len(r.Targets) > 1 {
		head = append(head, "RATIO", "OF SERVER µs")
	}
	line(w, head)
	for _, row := range r.Rows {
		for i, f := range row.Figures {
			cells := []string{row.Operation, fmt.Sprint(row.Connections)}
			if i > 0 {
				cells = []string{"", ""}
			}
			if len(r.Targets) > 1 {
				cells = append(cells, r.Targets[i].Name)
			}
			cells = append(cells, fmt.Sprintf("%.1f", f.PerSecond), milliseconds(f.P50), milliseconds(f.P95), milliseconds(f.P99),
				microseconds(f.ServerCPU), microseconds(f.ClientCPU), megabytes(f.Memory))
			if i == 0 && row.Ratio != nil {
				cells = append(cells, fmt.Sprintf("%.2f (%.2f to %.2f, of %d)", row.Ratio.Median, row.Ratio.Low, row.Ratio.High, row.Ratio.Pairs))
				if row.Ratio.CPU == nil {
					cells = append(cells, "?")
				} else {
					cells = append(cells, fmt.Sprintf("%.2f", *row.Ratio.CPU))
				}
			}
			line(w, cells)
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "\nTime of the processor is for each request; every answer's status was looked at, and one in %d was read and held against what was filled.\n", each)
	return err
}

func line(w io.Writer, cells []string) { fmt.Fprintln(w, strings.Join(cells, "\t")+"\t") }

func milliseconds(s float64) string {
	switch ms := s * 1000; {
	case ms < 10:
		return fmt.Sprintf("%.2f", ms)
	case ms < 100:
		return fmt.Sprintf("%.1f", ms)
	default:
		return fmt.Sprintf("%.0f", ms)
	}
}

func microseconds(s *float64) string {
	if s == nil {
		return "?"
	}
	return fmt.Sprintf("%.0f", *s*1e6)
}

func megabytes(n int64) string {
	if n == 0 {
		return "?"
	}
	return fmt.Sprintf("%.1f MB", float64(n)/1e6)
}
