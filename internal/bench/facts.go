package bench

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Facts are what a driver knows of the workspace that it measures: how to come in, whom to ask for, and what the answers must be.
// They hold a token that opens the workspace.
type Facts struct {
	Format        int      `json:"format"` // of what was filled: FactsFormat
	Contacts      int      `json:"contacts"`
	Seed          uint64   `json:"seed"`
	Token         string   `json:"token"`
	Admin         string   `json:"admin"` // id of an admin who may write
	Conversations int      `json:"conversations"`
	People        []Person `json:"people"` // users, some from all over the workspace
	Searches      []Search `json:"searches"`
}

// FactsFormat changes with what a fill holds: figures of two formats are not to be compared.
const FactsFormat = 1

// A Person is a user whom a driver asks for.
type Person struct {
	ID    string `json:"id"`
	Email string `json:"email"`
}

// A Search is a search of contacts and what it finds.
type Search struct {
	Operation string          `json:"operation"` // the name that it is measured by
	Query     json.RawMessage `json:"query"`
	Sort      string          `json:"sort,omitempty"` // field, newest first; the server's own order where it is empty
	Total     int             `json:"total"`
}

// factsFile is where facts are kept, in the folder of the data that they are about.
const factsFile = "bench.json"

// ErrNoFacts says that a folder was not filled, or not to its end.
var ErrNoFacts = errors.New("the folder was not filled for measurements")

// ReadFacts reads what a folder was filled with.
func ReadFacts(folder string) (*Facts, error) {
	text, err := os.ReadFile(filepath.Join(folder, factsFile))
	if errors.Is(err, os.ErrNotExist) {
		return nil, ErrNoFacts
	}
	if err != nil {
		return nil, err
	}
	f := new(Facts)
	if err := json.Unmarshal(text, f); err != nil {
		return nil, fmt.Errorf("%s in %s cannot be read: %w", factsFile, folder, err)
	}
	return f, nil
}

// Write keeps facts in the folder of the data that they are about. Until then the folder counts as not filled.
func (f *Facts) Write(folder string) error {
	text, err := json.Marshal(f)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, factsFile), append(text, '\n'), 0o600)
}
