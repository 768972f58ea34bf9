package api_test

import (
	"bytes"
	"crypto/sha256"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"parley/internal/apptest"
)

// A client that reads slowly, but reads, gets all of a file, and may then go on:
// the server's bounds are for answers of one piece.
func TestDataExportIsDownloadedSlowly(t *testing.T) {
	t.Parallel()
	r := apptest.New(t)
	r.Clock.Pass(time.Since(apptest.Start)) // a connection knows no clock but the machine's
	send(t, r, r.Post(t, "/contacts", `{"email":"joe@bloggs.test"}`).OK().ID(), "Hello")
	id := export(t, r, 0, 1<<40)
	r.RunJobs()
	// Much more than the buffers between the two hold.
	large := make([]byte, 32<<20)
	random := rand.NewChaCha8([32]byte{})
	random.Read(large)
	noError(t, os.WriteFile(exportFiles(t, r)[0], large, 0o600))
	execute(t, r, `UPDATE data_exports SET size = $2 WHERE workspace_id = $1`, len(large))
	execute(t, r, `UPDATE data_export_parts SET size = $2 WHERE workspace_id = $1`, len(large))

	const bound = 500 * time.Millisecond
	server := httptest.NewUnstartedServer(r.Handler())
	server.Config.ReadTimeout, server.Config.WriteTimeout = bound, bound
	server.Start()
	t.Cleanup(server.Close)
	get := func(path string) io.ReadCloser {
		hr, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+path, nil)
		noError(t, err)
		hr.Header.Set("Authorization", "Bearer "+r.Token)
		answer, err := server.Client().Do(hr)
		noError(t, err)
		if answer.StatusCode != http.StatusOK {
			t.Fatalf("%s answers %d", path, answer.StatusCode)
		}
		return answer.Body
	}
	body := get("/download/content/data/" + id)
	defer body.Close()
	began, sum := time.Now(), sha256.New()
	pace := time.NewTicker(22 * time.Millisecond)
	defer pace.Stop()
	for ended := false; !ended; <-pace.C {
		_, err := io.CopyN(sum, body, 256<<10)
		if ended = err == io.EOF; !ended {
			noError(t, err)
		}
	}
	if took := time.Since(began); took < 5*bound {
		t.Errorf("the client took %v, which is not slow", took)
	}
	if want := sha256.Sum256(large); !bytes.Equal(sum.Sum(nil), want[:]) {
		t.Error("the file has changed on its way")
	}
	noError(t, get("/me").Close())
}
