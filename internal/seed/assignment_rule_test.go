package seed_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"parley/internal/apptest"
	"parley/internal/model"
	"parley/internal/seed"
)

const people = `
admins: [{email: bea@acme.test, name: Bea}]
teams: [{name: Support, members: [{admin: bea@acme.test}]}]
tags: [VIP]
assignment_rules:
`

// TestAssignmentRules applies files one after another to one workspace.
func TestAssignmentRules(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		const (
			vip  = `  - {name: VIP, when: {contact: {operator: AND, value: [{field: tag_id, operator: =, value: {tag: VIP}}, {field: last_seen_at, operator: ">", value: {days_ago: 3}}]}}, assign: {team: Support, method: round_robin}}`
			team = `  - {name: " Team ", when: {conversation: {field: team_assignee_id, operator: =, value: {team: Support}}}, assign: {team: Support}}`
			rest = `  - {name: Rest, assign: {admin: ann@acme.test}}`
		)
		for _, c := range []struct {
			name  string
			rules []string
			count seed.Count
			want  string
		}{
			{"new", []string{vip, rest}, seed.Count{Created: 2}, "VIP Rest"},
			{"again", []string{vip, rest}, seed.Count{Unchanged: 2}, "VIP Rest"},
			{"one between", []string{vip, team, rest}, seed.Count{Created: 1, Updated: 1, Unchanged: 1}, "VIP Team Rest"},
			{"again, three", []string{vip, team, rest}, seed.Count{Unchanged: 3}, "VIP Team Rest"},
			{"turned round", []string{rest, team, vip}, seed.Count{Updated: 2, Unchanged: 1}, "Rest Team VIP"},
			{"again, turned round", []string{rest, team, vip}, seed.Count{Unchanged: 3}, "Rest Team VIP"},
			{"one alone comes first", []string{vip}, seed.Count{Updated: 1}, "VIP Rest Team"},
			{"again, alone", []string{vip}, seed.Count{Unchanged: 1}, "VIP Rest Team"},
			{"another method", []string{strings.Replace(vip, "round_robin", "balanced", 1)}, seed.Count{Updated: 1}, "VIP Rest Team"},
			{"another assignee", []string{vip, strings.Replace(rest, "ann", "bea", 1)}, seed.Count{Updated: 2}, "VIP Rest Team"},
			{"another filter", []string{strings.Replace(vip, "days_ago: 3", "days_ago: 4", 1)}, seed.Count{Updated: 1}, "VIP Rest Team"},
			{"no filter", []string{`  - {name: VIP, assign: {team: Support, method: round_robin}}`}, seed.Count{Updated: 1}, "VIP Rest Team"},
		} {
			report := apply(t, r, parse(t, people+strings.Join(c.rules, "\n")), r.Workspace.ID)
			c.count.Kind = "assignment rules"
			if diff := cmp.Diff(c.count, report.Counts[len(report.Counts)-1]); diff != "" {
				t.Errorf("%s: %s", c.name, diff)
			}
			if got := ruleNames(t, r); got != c.want {
				t.Errorf("%s: the rules are %s, want %s", c.name, got, c.want)
			}
		}
	})
}

func ruleNames(t *testing.T, r *apptest.Rig) string {
	t.Helper()
	rules, err := r.App.Inbox.ListAssignmentRules(context.Background(), r.Actor())
	if err != nil {
		t.Fatal(err)
	}
	names := make([]string, len(rules))
	for i, rule := range rules {
		names[i] = rule.Name
	}
	return strings.Join(names, " ")
}

// TestAssignmentRuleKeepsItsTurn holds that a seed which is applied again does not
// begin the round anew.
func TestAssignmentRuleKeepsItsTurn(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		const text = `
admins: [{email: bea@acme.test, name: Bea}, {email: cal@acme.test, name: Cal}]
teams: [{name: Support, members: [{admin: bea@acme.test}, {admin: cal@acme.test}]}]
assignment_rules: [{name: all, assign: {team: Support, method: round_robin}}]
`
		joe := r.Post(t, "/contacts", map[string]any{"email": "joe@a.test"}).OK().ID()
		for i, want := range []float64{2, 3, 2, 3} {
			renamed := parse(t, text)
			if i%2 == 1 { // and changed
				renamed.AssignmentRules[0].When.Contact = map[string]any{"field": "role", "operator": "=", "value": "user"}
			}
			apply(t, r, renamed, r.Workspace.ID)
			a := r.Post(t, "/conversations", map[string]any{"from": map[string]any{"type": "user", "id": joe}, "body": "Hi"}).OK()
			got := r.Get(t, "/conversations/"+a.At("conversation_id").(string)).OK().At("admin_assignee_id")
			if got != want {
				t.Errorf("conversation %d went to %v, want %v", i, got, want)
			}
		}
	})
}

func TestAssignmentRuleRefusals(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		for _, c := range []struct{ name, rule, want string }{
			{"no name", "{assign: {team: Support}}", "An assignment rule needs a name"},
			{"nobody", "{name: r}", "r: a rule assigns to {admin: e-mail address} or to {team: name}"},
			{"both", "{name: r, assign: {admin: ann@acme.test, team: Support}}", "r: a rule assigns to {admin: e-mail address} or to {team: name}"},
			{"unknown admin", "{name: r, assign: {admin: x@acme.test}}", `r: there is no admin "x@acme.test"`},
			{"unknown team", "{name: r, assign: {team: Sales}}", `r: there is no team "Sales"`},
			{"method of an admin", "{name: r, assign: {admin: ann@acme.test, method: balanced}}", "r: Only a team's conversations can be given out by balanced"},
			{"unknown method", "{name: r, assign: {team: Support, method: random}}",
				"r: An assignment rule's method is manual, round_robin or balanced, not 'random'"},
			{"no filter", "{name: r, when: {contact: {}}, assign: {team: Support}}",
				"r: a filter is {field, operator, value}, or {operator: AND or OR, value: a list of filters}"},
			{"unknown field of a contact", "{name: r, when: {contact: {field: state, operator: =, value: open}}, assign: {team: Support}}",
				"r: state is not a valid search field"},
			{"unknown field of a conversation", "{name: r, when: {conversation: {field: email, operator: =, value: x}}, assign: {team: Support}}",
				"r: email is not a valid search field"},
			{"undeclared attribute", "{name: r, when: {conversation: {field: custom_attributes.x, operator: =, value: x}}, assign: {team: Support}}",
				"r: custom_attributes.x is not a valid search field"},
			{"wrong operator", `{name: r, when: {contact: {field: role, operator: ">", value: user}}, assign: {team: Support}}`,
				`r: Operator ">" cannot be used with role`},
			{"unknown tag", "{name: r, when: {contact: {field: tag_id, operator: =, value: {tag: None}}}, assign: {team: Support}}",
				`r: tag_id: there is no tag "None"`},
			{"unknown team in a filter", "{name: r, when: {conversation: {field: team_assignee_id, operator: =, value: {team: None}}}, assign: {team: Support}}",
				`r: team_assignee_id: there is no team "None"`},
		} {
			_, err := r.Seeds.Apply(context.Background(), parse(t, people+"  - "+c.rule), r.Workspace.ID)
			if want := "assignment_rules, number 1: " + c.want; err == nil || err.Error() != want {
				t.Errorf("%s:\ngot  %v\nwant %s", c.name, err, want)
			}
		}
		twice := "  - {name: r, assign: {team: Support}}\n  - {name: r , assign: {admin: ann@acme.test}}"
		_, err := r.Seeds.Apply(context.Background(), parse(t, people+twice), r.Workspace.ID)
		if want := `assignment_rules, number 2: there are two rules "r"`; err == nil || err.Error() != want {
			t.Errorf("twice: got %v, want %s", err, want)
		}
		if got := ruleNames(t, r); got != "" {
			t.Errorf("the rules %s are left of seeds that failed", got)
		}

		by := r.Actor()
		for i := range model.MaxAssignmentRules + 1 {
			_, err := r.App.Inbox.PutAssignmentRule(context.Background(), by,
				model.AssignmentRule{Name: strings.Repeat("r", i+1), To: model.ToAdmin(by.Admin)})
			if i < model.MaxAssignmentRules && err != nil || i == model.MaxAssignmentRules && err == nil {
				t.Errorf("rule %d: %v", i+1, err)
			}
		}
	})
}
