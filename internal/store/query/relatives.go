package query

import (
	"slices"

	"parley/internal/db"
	"parley/internal/model"
)

// One statement reads the relatives of each sort for a whole page of contacts, as the indexes have them: to number and count them in
// SQL costs more than to look at each here. Between these stands which contacts they are of.
const (
	relativeTags = `SELECT 'tag' AS sort, contact_id, CAST(tag_id AS TEXT) AS id, applied_at AS at
		FROM contact_tags WHERE workspace_id = $1 AND contact_id `
	relativeNotes = `
	UNION ALL SELECT 'note', contact_id, CAST(id AS TEXT), created_at
		FROM notes WHERE workspace_id = $1 AND contact_id `
	relativeCompanies = `
	UNION ALL SELECT 'company', contact_id, company_id, created_at
		FROM contact_companies WHERE workspace_id = $1 AND contact_id `
	relativeSubscriptions = `
	UNION ALL SELECT consent_type, contact_id, CAST(subscription_type_id AS TEXT), created_at
		FROM contact_subscriptions WHERE workspace_id = $1 AND contact_id `

	ofOne          = `= $2`
	relativesOfOne = relativeTags + ofOne + relativeNotes + ofOne + relativeCompanies + ofOne + relativeSubscriptions + ofOne
)

// Relatives is a statement that reads the relatives of contacts, and its arguments.
func Relatives(d *db.Dialect, ws model.WorkspaceID, ids []string) (statement string, args []any) {
	if len(ids) == 1 {
		return relativesOfOne, []any{ws, ids[0]}
	}
	some := d.In("$2")
	return relativeTags + some + relativeNotes + some + relativeCompanies + some + relativeSubscriptions + some, []any{ws, toJSON(slices.Sorted(slices.Values(ids)))}
}
