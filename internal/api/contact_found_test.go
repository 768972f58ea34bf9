package api_test

import (
	"fmt"
	"testing"

	"parley/internal/apptest"
)

// TestPartsWithSigns asks for parts of names and addresses that have signs in them, beside others that have letters in their places.
func TestPartsWithSigns(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		names := map[string]string{}
		for _, name := range []string{"Ann@Bee", "AnnqBee", "Ann.Bee", "AnnxBee", "Ann-Bee", "AnnzBee", "Ann_Bee", "AnnjBee", "Ann+Bee", "AnnkBee", "Ann Bee", "AnnvBee", `Ann%Bee`, `Ann\Bee`, "Ann'Bee"} {
			names[r.Post(t, "/contacts", object{"role": "lead", "name": name}).OK().ID()] = name
		}
		for asked, want := range map[string]string{
			"nn@b": "Ann@Bee", "nnqb": "AnnqBee", "nn.b": "Ann.Bee", "nnxb": "AnnxBee", "nn-b": "Ann-Bee", "nnzb": "AnnzBee", "nn_b": "Ann_Bee", "nnjb": "AnnjBee",
			"nn+b": "Ann+Bee", "nnkb": "AnnkBee", "nn b": "Ann Bee", "nnvb": "AnnvBee", "nn%b": `Ann%Bee`, `nn\b`: `Ann\Bee`, "nn'b": "Ann'Bee",
		} {
			finds(t, r, names, filter("name", "~", asked), want)
			finds(t, r, names, filter("name", "$", asked+"ee"), want)
		}
		for _, asked := range []string{"n@", "@", "@b"} {
			finds(t, r, names, filter("name", "~", asked), "Ann@Bee")
		}
		addresses := map[string]string{}
		for _, address := range []string{"a7@mail.test", "a7qmail.test@x.test", "a+b_c@y-z.test"} {
			addresses[r.Post(t, "/contacts", object{"role": "user", "email": address}).OK().ID()] = address
		}
		for asked, want := range map[string]string{"7@m": "a7@mail.test", "7qm": "a7qmail.test@x.test", "+b_": "a+b_c@y-z.test", "y-z": "a+b_c@y-z.test"} {
			finds(t, r, addresses, filter("email", "~", asked), want)
			finds(t, r, addresses, object{"operator": "AND", "value": []any{filter("role", "=", "user"), filter("email", "~", asked)}}, want)
		}
		finds(t, r, addresses, filter("email", "$", "@x.test"), "a7qmail.test@x.test")
	})
}

// TestMoreThanAreGathered finds more contacts by what is thought to name one, by a part and by a value, than are read to be sorted.
func TestMoreThanAreGathered(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		const all = 5003
		exec(t, r, fmt.Sprintf(`WITH RECURSIVE n (i) AS (SELECT 10000 UNION ALL SELECT i + 1 FROM n WHERE i < %d)
			INSERT INTO contacts (workspace_id, id, role, name, name_fold, phone, phone_fold, unsubscribed_from_emails, marked_email_as_spam, has_hard_bounced,
				created_at, updated_at, session_count, profile, attributes, searchable)
			SELECT '%s', '665700000000000000' || i, 'user', 'Ann', 'ann', '+15551234567', '+15551234567', FALSE, FALSE, FALSE, 1700000000 + i, 1, 0, '{}', '{}', '{"os":"linux"}' FROM n`,
			10000+all-1, r.Workspace.ID))
		holdTotals := func(query object) {
			t.Helper()
			for _, order := range []string{"ascending", "descending"} {
				a := r.Post(t, "/contacts/search", object{"query": query, "sort": object{"field": "created_at", "order": order}, "pagination": object{"per_page": 150}}).OK()
				got := ids(t, a)
				first, last := "66570000000000000010000", "66570000000000000010149"
				if order == "descending" {
					first, last = "66570000000000000015002", "66570000000000000014853"
				}
				if a.At("total_count") != float64(all) || len(got) != 150 || got[0] != first || got[149] != last {
					t.Errorf("%v, %s, finds %v, %s to %s", query, order, a.At("total_count"), got[0], got[len(got)-1])
				}
			}
		}
		holdTotals(filter("phone", "=", "+15551234567"))
		holdTotals(filter("name", "~", "ann"))
		holdTotals(filter("os", "=", "Linux"))
		holdTotals(object{"operator": "AND", "value": []any{filter("role", "=", "user"), filter("os", "=", "linux")}})
	})
}
