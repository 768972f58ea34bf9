package store

import (
	"fmt"

	"parley/internal/db"
	"parley/internal/model"
	"parley/internal/store/query"
)

// ActivityLogs are what the admins of a workspace did to it.
type ActivityLogs struct{ *scope }

const activityColumns = `id, created_at, admin_id, email, ip, type, description, metadata`

func scanActivity(row scanner) (*model.Activity, error) {
	var a model.Activity
	err := row.Scan(&a.ID, &a.CreatedAt, &a.Admin, &a.Email, &a.IP, &a.Type, &a.Description, jsonColumn{&a.Metadata})
	return &a, err
}

// Append writes what an admin did, in that admin's name, as happening now.
func (s ActivityLogs) Append(a model.Activity) error {
	admin, err := scanAdmin(s.QueryRow(`SELECT `+adminColumns+` FROM admins WHERE workspace_id = $1 AND id = $2`,
		s.workspace, a.Admin))
	switch {
	case db.IsNoRows(err):
		a.Sign(nil)
	case err != nil:
		return fmt.Errorf("store: find who did it: %w", err)
	default:
		a.Sign(admin)
	}
	_, err = s.Exec(`INSERT INTO activity_logs (workspace_id, `+activityColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, s.workspace, model.NewTimeUUID(s.now), s.Now(), a.Admin,
		a.Email, a.IP, a.Type, a.Description, toJSON(a.Metadata))
	if err != nil {
		return fmt.Errorf("store: append to the activity log: %w", err)
	}
	return nil
}

// List reads a page of the log from one second to another, both included, newest
// first. An end of 0 is none.
func (s ActivityLogs) List(after, before int64, page model.PageRequest) (*model.Page[*model.Activity], error) {
	where := &query.Builder{}
	where.Text("workspace_id = ", where.Arg(s.workspace), " AND created_at >= ", where.Arg(after))
	if before != 0 {
		where.Text(" AND created_at <= ", where.Arg(before))
	}
	return readPage(s.scope, listing[*model.Activity]{
		columns: activityColumns, from: "activity_logs", where: where, id: "id",
		column: sortedBy("created_at"), scan: scanActivity,
		key: func(a *model.Activity) string { return a.ID },
	}, model.NewestFirst(), page)
}
