package api

import (
	"embed"
	"fmt"
	"io/fs"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"parley/internal/lazy"
	"parley/internal/openapi"
)

// What the contract says of each operation beside its shapes: a description in
// Markdown, below a heading with the operation's id, and an example. The tests of
// this package record the examples (examples_test.go), so that none is made up.
var (
	//go:embed operations/*.md
	descriptions embed.FS
	//go:embed examples.json.flate
	examples []byte // compressed, which TestCompressed sees to
)

const descriptionHeading = "## "

// readDescriptions are the descriptions by operation id.
func readDescriptions() (map[string]string, error) {
	found := map[string]string{}
	files, err := fs.Glob(descriptions, "operations/*.md")
	if err != nil {
		return nil, err
	}
	for _, name := range files {
		text, err := descriptions.ReadFile(name)
		if err != nil {
			return nil, err
		}
		before, rest, _ := strings.Cut("\n"+string(text), "\n"+descriptionHeading)
		if strings.TrimSpace(before) != "" {
			return nil, fmt.Errorf("%s: text that stands below no operation", name)
		}
		for section := range strings.SplitSeq(rest, "\n"+descriptionHeading) {
			id, description, _ := strings.Cut(section, "\n")
			id, description = strings.TrimSpace(id), strings.TrimSpace(description)
			if _, twice := found[id]; twice || id == "" || description == "" {
				return nil, fmt.Errorf("%s: %q is described twice or not at all", name, id)
			}
			found[id] = description
		}
	}
	return found, nil
}

// A recorded exchange is one with the example company.
type recorded struct {
	Path     map[string]string `json:"path,omitzero"`
	Query    map[string]string `json:"query,omitzero"`
	Request  jsontext.Value    `json:"request,omitzero"`
	Status   int               `json:"status"`
	Response jsontext.Value    `json:"response,omitzero"`
}

// readExamples are the examples by operation id.
func readExamples() (map[string]openapi.Example, error) {
	var all map[string]recorded
	if err := json.Unmarshal(lazy.Text(examples), &all); err != nil {
		return nil, fmt.Errorf("examples.json: %w", err)
	}
	found := map[string]openapi.Example{}
	for id, r := range all {
		found[id] = openapi.Example{Name: "larkpool", Summary: "On the example company of parley serve --demo",
			Path: r.Path, Query: r.Query, Request: r.Request, Status: r.Status, Response: r.Response}
	}
	return found, nil
}
