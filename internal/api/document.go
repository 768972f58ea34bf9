package api

import (
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync"

	"parley/internal/model/identity"
	"parley/internal/openapi"
	"parley/internal/wire"
)

// A document is the contract, each form of it made once when it is first asked for.
type document struct{ json, yaml form }

type form struct {
	once sync.Once
	text []byte
	err  error
}

func (f *form) of(doc func() (*openapi.Doc, error), write func(*openapi.Doc) ([]byte, error)) ([]byte, error) {
	f.once.Do(func() {
		var d *openapi.Doc
		if d, f.err = doc(); f.err == nil {
			f.text, f.err = write(d)
		}
	})
	return f.text, f.err
}

// documented is what the contract says of the operation: besides the failures of
// its own, those that the door itself may answer to any request.
func (op *operation) documented() openapi.Operation {
	meta := op.meta
	meta.Errors = append(slices.Clone(meta.Errors), http.StatusBadRequest, http.StatusNotAcceptable,
		http.StatusRequestEntityTooLarge, http.StatusServiceUnavailable)
	if !op.dev {
		meta.Errors = append(meta.Errors, http.StatusTooManyRequests)
	}
	if op.dev || scopes[meta.ID] != identity.NoScope {
		meta.Errors = append(meta.Errors, http.StatusForbidden)
	}
	if meta.Request != nil && !op.dev {
		meta.Errors = append(meta.Errors, http.StatusUnsupportedMediaType)
	}
	slices.Sort(meta.Errors)
	meta.Errors = slices.Compact(meta.Errors)
	return meta
}

// Document is the contract of the server as JSON: every operation, with the shapes
// that it really takes and gives.
func (a *API) Document() ([]byte, error) { return a.document.json.of(a.describe, (*openapi.Doc).JSON) }

// ExtensionDocument is the contract of Parley's own operations, as JSON.
func (a *API) ExtensionDocument() ([]byte, error) {
	return a.extended.json.of(a.describeExtensions, (*openapi.Doc).JSON)
}

// Document is the contract, as JSON, of a server that clients reach at a URL, or
// nobody knows where. It needs no database.
func Document(publicURL string) ([]byte, error) {
	a := new(API)
	a.PublicURL = publicURL
	return a.Document()
}

func (a *API) describe() (*openapi.Doc, error) {
	return describe(a.operations(), openapi.Info{
		Title:   "Parley",
		Version: Version,
		Description: "A customer-messaging server that answers as version 2.9 of Intercom's REST API does. " +
			"Independent of Intercom and not endorsed by it.",
		ServerURL: a.PublicURL,
	})
}

func (a *API) describeExtensions() (*openapi.Doc, error) {
	return describe(a.extensions(), openapi.Info{
		Title:   "Parley's own operations",
		Version: Version,
		Description: "What Parley has beyond the REST API. Tokens, rates and failures are those of the REST API, whose contract is " +
			"at /openapi.yaml. An app needs the scope manage_apps, for who is there those of conversations; a token that was made by hand needs none. " +
			"What begins with /_parley/workspaces is for developers: it is there where the setting dev is on, and opened by the dev_token of the server.",
		ServerURL: a.PublicURL,
	})
}

// describe makes the contract of operations.
func describe(operations []*operation, info openapi.Info) (*openapi.Doc, error) {
	described, err := readDescriptions()
	if err != nil {
		return nil, err
	}
	shown, err := readExamples()
	if err != nil {
		return nil, err
	}
	var ops []openapi.Operation
	for _, op := range operations {
		meta := op.documented()
		meta.Description = described[meta.ID]
		if example, ok := shown[meta.ID]; ok {
			meta.Examples = []openapi.Example{example}
		}
		ops = append(ops, meta)
	}
	return openapi.Document(info, reflect.TypeFor[wire.ErrorList](), ops), nil
}

func (a *API) serveDocument(w http.ResponseWriter, r *http.Request) {
	contract, doc := &a.document, a.describe
	if strings.HasPrefix(r.URL.Path, extensionPrefix) {
		contract, doc = &a.extended, a.describeExtensions
	}
	form, write, media := &contract.json, (*openapi.Doc).JSON, jsonType
	if strings.HasSuffix(r.URL.Path, ".yaml") {
		form, write, media = &contract.yaml, (*openapi.Doc).YAML, "application/yaml; charset=utf-8"
	}
	text, err := form.of(doc, write)
	if err != nil {
		a.Logger.Error("the contract cannot be written", "error", err)
		http.Error(w, "The contract cannot be written", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", media)
	w.Write(text)
}
