// Accounts is an example of a web application that uses Intercom: who signs up becomes a contact, who pays is tagged, and
// questions become conversations. Its tests show how such an application is tested with package parleytest.
//
// The workspace needs an attribute of contacts that is named plan.
//
//	INTERCOM_TOKEN=… INTERCOM_CLIENT_SECRET=… go run ./examples/accounts
//	curl -d 'email=rosa@example.test&name=Rosa' http://127.0.0.1:3000/signup
package main

import (
	"cmp"
	"context"
	"log"
	"net/http"
	"os"
	"time"
)

func main() {
	i := &Intercom{URL: cmp.Or(os.Getenv("INTERCOM_URL"), "https://api.intercom.io"), Token: os.Getenv("INTERCOM_TOKEN"),
		Client: &http.Client{Timeout: 30 * time.Second}, Now: time.Now, Wait: wait}
	app := NewApp(i, os.Getenv("INTERCOM_CLIENT_SECRET"))
	go func() {
		for range time.Tick(time.Hour) {
			if err := app.CatchUp(context.Background()); err != nil {
				app.Log("catching up: %v", err)
			}
		}
	}()
	log.Fatal(http.ListenAndServe("127.0.0.1:3000", app))
}

// wait waits by the clock of the machine.
func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
