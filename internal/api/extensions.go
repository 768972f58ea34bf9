package api

import (
	"net/http"

	"parley/internal/openapi"
)

// extensionPrefix is what the paths of Parley's own operations begin with, which
// the live service does not have.
const extensionPrefix = "/_parley/"

// extensions are Parley's own operations. They are let in, told of failures and
// counted as any other, and have a contract of their own, so that that of the REST
// API is what its clients know. Those of developers are asked for with the token of the
// server itself, where it has one; elsewhere they are not there.
func (a *API) extensions() []*operation {
	var all []*operation
	group := func(tag string, ops ...*operation) {
		for _, op := range ops {
			op.meta.Tag = tag
			all = append(all, op)
		}
	}
	developers := func(tag string, ops ...*operation) {
		for _, op := range ops {
			op.dev = true
		}
		group(tag, ops...)
	}
	group("Apps",
		do(get, "/_parley/apps", "listApps", "List all apps of the workspace, without their secrets", a.listApps),
		do(post, "/_parley/apps", "createApp", "Register an app", a.createApp).fails(http.StatusBadRequest),
		do(get, "/_parley/apps/{id}", "retrieveApp", "Read an app", a.retrieveApp).fails(http.StatusNotFound),
		do(post, "/_parley/apps/{id}/secret", "rotateAppSecret", "Give an app another secret; its tokens stay", a.rotateAppSecret).fails(http.StatusNotFound),
		do(del, "/_parley/apps/{id}", "deleteApp", "Delete an app and end its tokens", a.deleteApp).fails(http.StatusNotFound),
	)
	group("Live",
		do(get, "/_parley/presence", "listPresence", "List who is there", a.listPresence).query(
			openapi.Param{Name: "conversation_id", Description: "Of a conversation or ticket; absent for all."},
			openapi.Param{Name: "contact_id", Description: "As this contact sees it, who must name a conversation."}).
			fails(http.StatusNotFound),
		do(post, "/_parley/presence", "createPresence", "Let others know for a minute that somebody is there", a.createPresence).fails(http.StatusNotFound),
		do(post, "/_parley/typing", "createTyping", "Let others know for 15 seconds that somebody types", a.createTyping).fails(http.StatusNotFound),
	)
	developers("Workspaces",
		do(get, "/_parley/workspaces", "listWorkspaces", "List the workspaces of the server", a.listWorkspaces).query(perPage,
			openapi.Param{Name: "starting_after", Description: "Only workspaces behind this one, an id."},
			openapi.Param{Name: "name", Description: "Only workspaces of this name."}).fails(400),
		do(post, "/_parley/workspaces", "createWorkspace", "Make a workspace", a.createWorkspace).fails(400, 404, 409, 422),
		do(get, "/_parley/workspaces/{workspace_id}", "retrieveWorkspace", "Read a workspace", a.retrieveWorkspace).fails(404),
		do(del, "/_parley/workspaces/{workspace_id}", "deleteWorkspace", "Delete a workspace and all that is in it", a.deleteWorkspace).fails(404),
		do(put, "/_parley/workspaces/{workspace_id}", "updateWorkspace", "Change what is set for a workspace", a.updateWorkspace).fails(400, 404),
		do(post, "/_parley/workspaces/{workspace_id}/tokens", "createWorkspaceToken", "Make another access token of the admin who owns a workspace", a.createWorkspaceToken).fails(404),
		do(post, "/_parley/workspaces/{workspace_id}/reset", "resetWorkspace", "Bring a workspace back to what it was made as", a.resetWorkspace).fails(404, 409),
	)
	developers("Snapshots",
		do(get, "/_parley/workspaces/{workspace_id}/snapshots", "listSnapshots", "List all snapshots of a workspace", a.listSnapshots).fails(404),
		do(post, "/_parley/workspaces/{workspace_id}/snapshots", "createSnapshot", "Keep what a workspace is now", a.createSnapshot).fails(400, 404, 409),
		do(del, "/_parley/workspaces/{workspace_id}/snapshots/{name}", "deleteSnapshot", "Delete a snapshot", a.deleteSnapshot).fails(404),
		do(post, "/_parley/workspaces/{workspace_id}/snapshots/{name}/restore", "restoreSnapshot", "Bring a workspace back to a snapshot", a.restoreSnapshot).fails(404),
		do(get, "/_parley/workspaces/{workspace_id}/snapshots/{name}/diff", "diffSnapshot", "Tell what has changed since a snapshot", a.diffSnapshot).
			query(openapi.Param{Name: "to", Description: "The name of another snapshot; the workspace as it is now if absent."}).fails(404),
	)
	developers("Clocks",
		do(get, "/_parley/workspaces/{workspace_id}/clock", "retrieveClock", "Read the clock of a workspace", a.retrieveClock).fails(404),
		do(put, "/_parley/workspaces/{workspace_id}/clock", "setClock", "Set the clock of a workspace, or have it stand", a.setClock).fails(400, 404, 409, 422),
		do(del, "/_parley/workspaces/{workspace_id}/clock", "resetClock", "Have a workspace go by the machine's clock again", a.resetClock).fails(404, 409, 422),
		do(post, "/_parley/workspaces/{workspace_id}/clock/advance", "advanceClock", "Move the clock of a workspace forward, doing all that falls due",
			a.advanceClock).fails(400, 404, 409, 422),
	)
	developers("Faults",
		do(get, "/_parley/workspaces/{workspace_id}/faults", "listFaults", "List the faults of a workspace", a.listFaults).fails(404),
		do(post, "/_parley/workspaces/{workspace_id}/faults", "createFault", "Have something go wrong", a.createFault).fails(400, 404),
		do(del, "/_parley/workspaces/{workspace_id}/faults", "deleteFaults", "End all faults of a workspace", a.deleteFaults).fails(404),
		do(del, "/_parley/workspaces/{workspace_id}/faults/{id}", "deleteFault", "End a fault", a.deleteFault).fails(404),
	)
	developers("Requests",
		do(get, "/_parley/workspaces/{workspace_id}/requests", "listRequests", "List the calls that were made of a workspace", a.listRequests).
			query(openapi.Param{Name: "operation", Description: "Only calls of this operation, an id."},
				openapi.Param{Name: "method", Description: "Only calls with this method."},
				openapi.Param{Name: "path", Description: "Only calls of paths like this: * stands for one step."},
				openapi.Param{Name: "status", Description: "Only calls answered with this status, or with a class of them: 4xx."},
				openapi.Param{Name: "body", Description: "A JSON pointer, = and a value, or a text: only calls whose body has it. May be there several times."},
				openapi.Param{Name: "unmatched", Description: "true: only calls of what the API does not know. false: only others."},
				openapi.Param{Name: "since", Description: "Only calls after this one, an id."},
				openapi.Param{Name: "limit", Description: "How many, 100 if absent, 1,000 at most: the newest, or with since the oldest."},
				waitParam, countParam).fails(400, 404),
		do(post, "/_parley/workspaces/{workspace_id}/requests/assert", "assertRequests", "Fail unless calls were made", a.assertRequests).fails(400, 404, 409),
		do(del, "/_parley/workspaces/{workspace_id}/requests", "deleteRequests", "Forget the calls that were made", a.deleteRequests).fails(404),
	)
	developers("Outbox",
		do(get, "/_parley/workspaces/{workspace_id}/outbox", "listOutbox", "List what leaves a workspace: e-mails, text messages and webhooks", a.listOutbox).
			query(perPage, openapi.Param{Name: "kind", Enum: []string{"email", "sms", "webhook"}, Description: "Only what leaves in this way."},
				openapi.Param{Name: "to", Description: "Only to this e-mail address, phone number or URL."},
				openapi.Param{Name: "after", Description: "Only what follows that: the next of an answer."}, waitParam, countParam).fails(400, 404),
	)
	group("Webhooks",
		do(get, "/_parley/webhooks", "listWebhooks", "List all webhooks of the workspace", a.listWebhooks),
		do(post, "/_parley/webhooks", "createWebhook", "Have a URL told of topics", a.createWebhook).fails(400, 404),
		do(get, "/_parley/webhooks/{id}", "retrieveWebhook", "Read a webhook", a.retrieveWebhook).fails(404),
		do(put, "/_parley/webhooks/{id}", "updateWebhook", "Change, pause or resume a webhook", a.updateWebhook).fails(400, 404, 422),
		do(del, "/_parley/webhooks/{id}", "deleteWebhook", "End a webhook and drop what is on its way to it", a.deleteWebhook).fails(404),
		do(post, "/_parley/webhooks/{id}/ping", "pingWebhook", "Tell a webhook that it is there", a.pingWebhook).fails(404),
		do(post, "/_parley/webhooks/{id}/trigger", "triggerWebhook", "Tell a webhook of a topic by hand", a.triggerWebhook).fails(400, 404),
		do(get, "/_parley/webhooks/{id}/deliveries", "listDeliveries", "List the deliveries of a webhook, newest first", a.listDeliveries).
			query(perPage, openapi.Param{Name: "before", Description: "Only deliveries before this one, an id."},
				openapi.Param{Name: "state", Enum: []string{"pending", "retrying", "held", "delivered", "dropped"}, Description: "Only deliveries in this state."},
				openapi.Param{Name: "topic", Description: "Only deliveries of this topic."}).fails(400, 404),
		do(post, "/_parley/webhooks/{id}/replay", "replayDeliveries", "Send deliveries of a webhook again", a.replayDeliveries).fails(400, 404),
		do(get, "/_parley/deliveries/{number}", "retrieveDelivery", "Read a delivery with its attempts", a.retrieveDelivery).fails(404),
		do(post, "/_parley/deliveries/{number}/replay", "replayDelivery", "Send a delivery again", a.replayDelivery).fails(404),
	)
	return all
}

// The parameters of what can be waited for.
var (
	waitParam  = openapi.Param{Name: "wait", Description: "Seconds to wait until there are so many, 25 at most."}
	countParam = openapi.Param{Name: "count", Description: "How many to wait for; 1 if absent."}
)
