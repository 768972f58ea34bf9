package store

import (
	"fmt"

	"parley/internal/db"
	"parley/internal/model"
	"parley/internal/store/query"
	"parley/internal/store/record"
)

// ActivityLogs are what the admins of a workspace did to it.
type ActivityLogs struct{ *scope }

const activityColumns = `id, created_at, admin_id, email, ip, type, description, metadata`

func scanActivity(row record.Scanner) (*model.Activity, error) {
	var a model.Activity
	err := row.Scan(&a.ID, &a.CreatedAt, &a.Admin, &a.Email, &a.IP, &a.Type, &a.Description, record.JSONColumn(&a.Metadata))
	return &a, err
}

// Append writes what an admin did, in that admin's name, as happening now.
func (s ActivityLogs) Append(a model.Activity) error {
	admin, err := scanAdmin(s.QueryRow(`SELECT `+adminColumns+` FROM admins WHERE workspace_id = $1 AND id = $2`,
		s.Workspace, a.Admin))
	switch {
	case db.IsNoRows(err):
		a.Sign(nil)
	case err != nil:
		return fmt.Errorf("store: find who did it: %w", err)
	default:
		a.Sign(admin)
	}
	id, err := s.NewTimeUUID("activity log")
	if err != nil {
		return err
	}
	err = s.Write(`INSERT INTO activity_logs (workspace_id, `+activityColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, s.Workspace, id, s.Now(), a.Admin,
		a.Email, a.IP, a.Type, a.Description, record.ToJSON(a.Metadata))
	if err != nil {
		return fmt.Errorf("store: append to the activity log: %w", err)
	}
	return nil
}

// List reads a page of the log from one second to another, both included, newest
// first. An end of 0 is none.
func (s ActivityLogs) List(after, before int64, page model.PageRequest) (*model.Page[*model.Activity], error) {
	where := &query.Builder{}
	where.Text("workspace_id = ", where.Arg(s.Workspace), " AND created_at >= ", where.Arg(after))
	if before != 0 {
		where.Text(" AND created_at <= ", where.Arg(before))
	}
	return record.ReadPage(s.Scope, record.Listing[*model.Activity]{
		Columns: activityColumns, From: "activity_logs", Where: where, ID: "id",
		Column: record.SortedBy("created_at"), Scan: scanActivity,
		Key: func(a *model.Activity) string { return a.ID },
	}, model.NewestFirst(), page)
}
