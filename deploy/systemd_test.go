package deploy

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"parley/internal/means"
)

const unit = "systemd/parley.service"

// TestUnit has systemd judge the unit. An exposure of 20 stands for 2.0 of 10.
func TestUnit(t *testing.T) {
	t.Parallel()
	analyze := means.SystemdAnalyze(t)
	program, err := os.Executable() // as systemd wants to see one
	if err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(t.TempDir(), "parley.service")
	text := strings.Replace(read(t, unit), "ExecStart=/usr/local/bin/parley", "ExecStart="+program, 1)
	if err := os.WriteFile(copied, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"verify", "--man=no", copied}, {"security", "--offline=true", "--threshold=20", "--no-pager", copied}} {
		if out, err := exec.Command(analyze, args...).CombinedOutput(); err != nil {
			t.Errorf("systemd-analyze %s: %v\n%s", args[0], err, out)
		}
	}
}

func TestUnitKnowsTheProgram(t *testing.T) {
	t.Parallel()
	values := map[string][]string{}
	for _, m := range regexp.MustCompile(`(?m)^([A-Za-z]+)=(.*)$`).FindAllStringSubmatch(read(t, unit), -1) {
		values[m[1]] = append(values[m[1]], m[2])
	}
	settings, _ := load(t, assignments(values["Environment"]))
	if want := "/var/lib/" + values["StateDirectory"][0]; settings.Data != want {
		t.Errorf("data is kept in %s, and %s may be written to", settings.Data, want)
	}
	if got := values["ExecStart"][0]; got != "/usr/local/bin/parley serve" {
		t.Errorf("it starts %s", got)
	}
	if stop, err := time.ParseDuration(values["TimeoutStopSec"][0] + "s"); err != nil || stop < settings.DrainDelay+stopTime {
		t.Errorf("it is killed after %s; to stop takes %s (%v)", stop, settings.DrainDelay+stopTime, err)
	}
}
