package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// TestSize holds how large the program is, and what makes it so: where a method is called by a name that is known only when
// the program runs, as text/template and html/template do, the linker keeps those that nobody calls (ADR 0067).
func TestSize(t *testing.T) {
	t.Parallel()
	program := filepath.Join(t.TempDir(), "parley")
	link := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w -dumpdep", "-o", program, ".")
	link.Env = append(os.Environ(), "CGO_ENABLED=0")
	told, err := link.CombinedOutput()
	if err != nil {
		t.Fatalf("go build: %v\n%s", err, told[max(0, len(told)-1000):])
	}
	edges := 0
	for edge := range strings.Lines(string(told)) {
		from, to, _ := strings.Cut(strings.TrimSuffix(edge, "\n"), " -> ")
		if edges++; strings.HasSuffix(to, " <ReflectMethod>") {
			t.Errorf("%s needs %s", from, to)
		}
	}
	if edges < 10_000 {
		t.Errorf("the linker told of %d things that need others", edges)
	}
	info, err := os.Stat(program)
	if err != nil {
		t.Fatal(err)
	}
	const most = 30_000_000 // bytes, what it is to be less than; 41,193,634 with all methods
	if runtime.GOOS == "linux" && runtime.GOARCH == "amd64" && info.Size() >= most {
		t.Errorf("the program has %d bytes, not less than %d", info.Size(), most)
	}
	t.Logf("%d bytes", info.Size())
}
