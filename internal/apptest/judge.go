package apptest

import (
	"fmt"
	"hash/maphash"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"parley/internal/app"
	"parley/internal/contract"
)

// A judge holds every answer that the tests see against a contract.
type judge struct {
	*contract.Judge
	name string
	// own is true of our own contract, which must document every status that is
	// answered. The published description leaves many out.
	own bool
	// extension is true of the contract of Parley's own operations, which are in no
	// other.
	extension bool
	held      sync.Map // hashes of the answers that were held
}

// The judges are made once for all tests of a package.
var bench struct {
	once   sync.Once
	judges []*judge
	err    error
}

// judges are our own contract and, where PARLEY_DESCRIPTION names a copy of it,
// the published description of the API.
func judges(t testing.TB, a *app.App) []*judge {
	t.Helper()
	bench.once.Do(func() {
		text, err := a.API.Document()
		if err != nil {
			bench.err = err
			return
		}
		ours, err := contract.New(text, nil)
		if err != nil {
			bench.err = err
			return
		}
		if text, err = a.API.ExtensionDocument(); err != nil {
			bench.err = err
			return
		}
		extensions, err := contract.New(text, nil)
		if err != nil {
			bench.err = err
			return
		}
		bench.judges = []*judge{{Judge: ours, name: "our own contract", own: true}, {Judge: extensions, name: "the contract of the extensions", own: true, extension: true}}
		if path := os.Getenv("PARLEY_DESCRIPTION"); path != "" {
			published, err := contract.Load(path, contract.Description())
			if err != nil {
				bench.err = err
				return
			}
			bench.judges = append(bench.judges, &judge{Judge: published, name: "the published description"})
		}
	})
	must(t, bench.err)
	return bench.judges
}

func (j *judge) hold(t testing.TB, hr *http.Request, a *Answer) {
	t.Helper()
	if hr.Method == http.MethodHead || strings.Contains(hr.URL.Path, "/openapi.") {
		return // a GET without its body, and the contract itself
	}
	if strings.HasPrefix(hr.URL.Path, "/auth/") {
		return // what apps call is in no contract
	}
	if strings.HasPrefix(hr.URL.Path, "/_parley/") != j.extension {
		return // it is in another contract
	}
	if !j.own && hr.URL.Path == "/articles/search" {
		return // the description takes it for an article's id
	}
	if j.again(hr, a) {
		return // as it was then
	}
	path := "/" + strings.TrimLeft(strings.TrimSuffix(hr.URL.EscapedPath(), "/"), "/")
	violations := slices.DeleteFunc(
		j.Response(hr.Method, path, a.Status, a.Header.Get("Content-Type"), a.Body),
		func(v contract.Violation) bool {
			switch v.Kind {
			case contract.KindOperation:
				return !j.own || a.Status == http.StatusNotFound
			case contract.KindStatus:
				return !j.own
			}
			return false
		})
	if len(violations) > 0 {
		t.Errorf("%s is not as %s has it: %v\n%.4000s", a.Call, j.name, violations, a.Pretty())
	}
}

// hashing is how answers are told apart.
var hashing = maphash.MakeSeed()

// again reports whether the same answer to the same call was held before: tests ask often for what they know.
func (j *judge) again(hr *http.Request, a *Answer) bool {
	var h maphash.Hash
	h.SetSeed(hashing)
	fmt.Fprintf(&h, "%s %s %d %q ", hr.Method, hr.URL.EscapedPath(), a.Status, a.Header.Get("Content-Type"))
	h.Write(a.Body)
	_, again := j.held.LoadOrStore(h.Sum64(), true)
	return again
}
