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

// A document is the contract, made once when it is first asked for.
type document struct {
	once       sync.Once
	yaml, json []byte
	err        error
}

// documented is what the contract says of the operation: besides the failures of
// its own, those that the door itself may answer to any request.
func (op operation) documented() openapi.Operation {
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

// Document is the contract of the server as YAML and as JSON: every operation,
// with the shapes that it really takes and gives.
func (a *API) Document() (yaml, json []byte, err error) {
	d := &a.document
	d.once.Do(func() { d.yaml, d.json, d.err = Document(a.PublicURL) })
	return d.yaml, d.json, d.err
}

// ExtensionDocument is the contract of Parley's own operations.
func (a *API) ExtensionDocument() (yaml, json []byte, err error) {
	d := &a.extended
	d.once.Do(func() {
		d.yaml, d.json, d.err = describe(a.extensions(), openapi.Info{
			Title:   "Parley's own operations",
			Version: Version,
			Description: "What Parley has beyond the REST API. Tokens, rates and failures are those of the REST API, whose contract is " +
				"at /openapi.yaml. An app needs the scope manage_apps, for who is there those of conversations; a token that was made by hand needs none. " +
				"What begins with /_parley/workspaces is for developers: it is there where the setting dev is on, and opened by the dev_token of the server.",
			ServerURL: a.PublicURL,
		})
	})
	return d.yaml, d.json, d.err
}

// Document is the contract of a server that clients reach at a URL, or nobody
// knows where. It needs no database.
func Document(publicURL string) (yaml, json []byte, err error) {
	return describe(new(API).operations(), openapi.Info{
		Title:   "Parley",
		Version: Version,
		Description: "A customer-messaging server that answers as version 2.9 of Intercom's REST API does. " +
			"Independent of Intercom and not endorsed by it.",
		ServerURL: publicURL,
	})
}

// describe writes the contract of operations.
func describe(operations []operation, info openapi.Info) (yaml, json []byte, err error) {
	described, err := readDescriptions()
	if err != nil {
		return nil, nil, err
	}
	shown, err := readExamples()
	if err != nil {
		return nil, nil, err
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
	doc := openapi.Document(info, reflect.TypeFor[wire.ErrorList](), ops)
	if yaml, err = doc.YAML(); err == nil {
		json, err = doc.JSON()
	}
	return yaml, json, err
}

func (a *API) serveDocument(w http.ResponseWriter, r *http.Request) {
	contract := a.Document
	if strings.HasPrefix(r.URL.Path, extensionPrefix) {
		contract = a.ExtensionDocument
	}
	yaml, json, err := contract()
	switch {
	case err != nil:
		a.Logger.Error("the contract cannot be written", "error", err)
		http.Error(w, "The contract cannot be written", http.StatusInternalServerError)
	case strings.HasSuffix(r.URL.Path, ".yaml"):
		w.Header().Set("Content-Type", "application/yaml; charset=utf-8")
		w.Write(yaml)
	default:
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.Write(json)
	}
}
