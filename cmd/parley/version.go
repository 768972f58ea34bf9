package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"parley/internal/api"
)

// version is set by releases: go build -ldflags "-X main.version=v1.2.3".
var version string

// A build says what this program was made of.
type build struct {
	Version string
	commit  string
	date    string
}

func buildVersion() build {
	b := build{Version: version}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = &debug.BuildInfo{}
	}
	if b.Version == "" {
		b.Version = info.Main.Version
	}
	if b.Version == "" {
		b.Version = "(devel)"
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.commit = s.Value
		case "vcs.time":
			b.date = s.Value
		}
	}
	return b
}

func (b build) String() string { return "parley " + b.words() }

// words are what is to say of a build beside the program's name.
func (b build) words() string {
	s := fmt.Sprintf("%s (API %s, %s %s/%s", b.Version, api.Version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	if b.commit != "" {
		s += ", commit " + b.commit + " of " + b.date
	}
	return s + ")"
}
