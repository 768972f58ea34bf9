package activity

import (
	"fmt"

	"parley/internal/db"
	"parley/internal/model"
	"parley/internal/store/query"
	"parley/internal/store/record"
)

// Logs are what the admins of a workspace did to it.
type Logs struct{ *record.Scope }

const logColumns = `id, created_at, admin_id, email, ip, type, description, metadata`

func scanLog(row record.Scanner) (*model.Activity, error) {
	var a model.Activity
	err := row.Scan(&a.ID, &a.CreatedAt, &a.Admin, &a.Email, &a.IP, &a.Type, &a.Description, record.JSONColumn(&a.Metadata))
	return &a, err
}

// Append writes what an admin did, in that admin's name, as happening now.
func (s Logs) Append(a model.Activity) error {
	var admin model.Admin
	err := s.QueryRow(`SELECT name, email FROM admins WHERE workspace_id = $1 AND id = $2`, s.Workspace, a.Admin).Scan(&admin.Name, &admin.Email)
	switch {
	case db.IsNoRows(err):
		a.Sign(nil)
	case err != nil:
		return fmt.Errorf("store: find who did it: %w", err)
	default:
		a.Sign(&admin)
	}
	id, err := s.NewTimeUUID("activity log")
	if err != nil {
		return err
	}
	err = s.Write(`INSERT INTO activity_logs (workspace_id, `+logColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, s.Workspace, id, s.Now(), a.Admin,
		a.Email, a.IP, a.Type, a.Description, record.ToJSON(a.Metadata))
	if err != nil {
		return fmt.Errorf("store: append to the activity log: %w", err)
	}
	return nil
}

// List reads a page of the log from one second to another, both included, newest
// first. An end of 0 is none.
func (s Logs) List(after, before int64, page model.PageRequest) (*model.Page[*model.Activity], error) {
	where := &query.Builder{}
	where.Text("workspace_id = ", where.Arg(s.Workspace), " AND created_at >= ", where.Arg(after))
	if before != 0 {
		where.Text(" AND created_at <= ", where.Arg(before))
	}
	return record.ReadPage(s.Scope, record.Listing[*model.Activity]{
		Columns: logColumns, From: "activity_logs", Where: where, ID: "id",
		Column: record.SortedBy("created_at"), Scan: scanLog,
		Key: func(a *model.Activity) string { return a.ID },
	}, model.NewestFirst(), page)
}
