package store

import (
	"fmt"
	"slices"

	"parley/internal/db"
	"parley/internal/model"
	"parley/internal/store/record"
)

// Tags are the labels of a workspace, and what they are on.
type Tags struct{ *scope }

const tagColumns = `id, name, created_at, created_by`

func scanTag(row record.Scanner) (*model.Tag, error) {
	var t model.Tag
	err := row.Scan(&t.ID, &t.Name, &t.CreatedAt, &t.CreatedBy)
	return &t, err
}

// NewID gives out an id for a tag that is about to be inserted.
func (s Tags) NewID() (model.TagID, error) {
	id, err := s.NextID("tag")
	return model.TagID(id), err
}

// Insert writes a new tag. Its name must be free.
func (s Tags) Insert(t *model.Tag) error {
	err := s.Write(`INSERT INTO tags (workspace_id, `+tagColumns+`, name_fold) VALUES ($1, $2, $3, $4, $5, $6)`,
		s.Workspace, t.ID, t.Name, t.CreatedAt, t.CreatedBy, model.Fold(t.Name))
	if err != nil {
		return fmt.Errorf("store: insert tag: %w", err)
	}
	return nil
}

// Find reads a tag.
func (s Tags) Find(id model.TagID) (*model.Tag, error) {
	t, err := scanTag(s.QueryRow(`SELECT `+tagColumns+` FROM tags WHERE workspace_id = $1 AND id = $2`, s.Workspace, id))
	return t, record.OrNotFound(err, model.ResourceNotFound())
}

// FindByName reads the tag of that name, in any case.
func (s Tags) FindByName(name string) (*model.Tag, error) {
	t, err := scanTag(s.QueryRow(`SELECT `+tagColumns+` FROM tags WHERE workspace_id = $1 AND name_fold = $2`,
		s.Workspace, model.Fold(name)))
	return t, record.OrNotFound(err, model.ResourceNotFound())
}

// List reads all tags, by id.
func (s Tags) List() ([]*model.Tag, error) {
	var tags []*model.Tag
	err := s.Rows(`SELECT `+tagColumns+` FROM tags WHERE workspace_id = $1 ORDER BY id`, []any{s.Workspace},
		func(r *db.Rows) error {
			t, err := scanTag(r)
			tags = append(tags, t)
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("store: list tags: %w", err)
	}
	return tags, nil
}

// Update writes a tag back. Its name must be free.
func (s Tags) Update(t *model.Tag) error {
	err := s.Write(`UPDATE tags SET name = $3, name_fold = $4 WHERE workspace_id = $1 AND id = $2`,
		s.Workspace, t.ID, t.Name, model.Fold(t.Name))
	if err != nil {
		return fmt.Errorf("store: update tag: %w", err)
	}
	return nil
}

// Delete removes a tag from everything and from the workspace.
func (s Tags) Delete(id model.TagID) error {
	if err := s.Write(`DELETE FROM tags WHERE workspace_id = $1 AND id = $2`, s.Workspace, id); err != nil {
		return fmt.Errorf("store: delete tag: %w", err)
	}
	return nil
}

// OnContact reads the tags of a contact, newest first.
func (s Tags) OnContact(id model.ContactID) ([]*model.AppliedTag, error) {
	var tags []*model.AppliedTag
	err := s.Rows(`SELECT `+appliedTagColumns+` FROM contact_tags a
		JOIN tags t ON t.workspace_id = a.workspace_id AND t.id = a.tag_id
		WHERE a.workspace_id = $1 AND a.contact_id = $2 ORDER BY a.applied_at DESC, a.tag_id DESC`,
		[]any{s.Workspace, id}, func(r *db.Rows) error {
			t, err := scanAppliedTag(r)
			tags = append(tags, t)
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("store: list tags of a contact: %w", err)
	}
	return tags, nil
}

// FindOnContact reads one tag of a contact: how it was put there.
func (s Tags) FindOnContact(id model.ContactID, tag model.TagID) (*model.AppliedTag, error) {
	t, err := scanAppliedTag(s.QueryRow(`SELECT `+appliedTagColumns+` FROM contact_tags a
		JOIN tags t ON t.workspace_id = a.workspace_id AND t.id = a.tag_id
		WHERE a.workspace_id = $1 AND a.contact_id = $2 AND a.tag_id = $3`, s.Workspace, id, tag))
	return t, record.OrNotFound(err, model.ResourceNotFound())
}

const appliedTagColumns = `t.id, t.name, t.created_at, t.created_by, a.applied_at, a.applied_by`

func scanAppliedTag(row record.Scanner) (*model.AppliedTag, error) {
	var t model.AppliedTag
	err := row.Scan(&t.ID, &t.Name, &t.CreatedAt, &t.CreatedBy, &t.AppliedAt, &t.AppliedBy)
	return &t, err
}

// AttachToContacts puts a tag on contacts, and returns on which it was not yet.
// Where it is already, it stays as it is. PostgreSQL holds each contact meanwhile, in one order for all who do so.
func (s Tags) AttachToContacts(tag model.TagID, by model.AdminID, ids ...model.ContactID) ([]model.ContactID, error) {
	return attach[model.ContactID](s, `INSERT INTO contact_tags (workspace_id, contact_id, tag_id, applied_at, applied_by)
		SELECT workspace_id, id, $3, $4, $5 FROM contacts WHERE workspace_id = $1 AND id `+s.Dialect().In("$2")+` ORDER BY id
		ON CONFLICT DO NOTHING RETURNING contact_id`, record.ToJSON(ids), tag, by)
}

// AttachToCompanies puts a tag on companies, and returns on which it was not yet.
// Where it is already, it stays as it is.
func (s Tags) AttachToCompanies(tag model.TagID, by model.AdminID, ids ...model.CompanyID) ([]model.CompanyID, error) {
	return attach[model.CompanyID](s, `INSERT INTO company_tags (workspace_id, company_id, tag_id, applied_at, applied_by)
		SELECT workspace_id, id, $3, $4, $5 FROM companies WHERE workspace_id = $1 AND id `+s.Dialect().In("$2")+`
		ON CONFLICT DO NOTHING RETURNING company_id`, record.ToJSON(ids), tag, by)
}

func attach[ID ~string](s Tags, statement, ids string, tag model.TagID, by model.AdminID) ([]ID, error) {
	changed, err := returned[ID](s, statement, s.Workspace, ids, int64(tag), s.Now(), int64(by))
	if err != nil {
		return nil, fmt.Errorf("store: attach tag: %w", err)
	}
	return changed, nil
}

// DetachFromContacts takes a tag off contacts, and returns on which it was.
func (s Tags) DetachFromContacts(tag model.TagID, ids ...model.ContactID) ([]model.ContactID, error) {
	return detach[model.ContactID](s, `DELETE FROM contact_tags WHERE workspace_id = $1 AND tag_id = $2 AND contact_id `+s.Dialect().In("$3")+` RETURNING contact_id`, tag, record.ToJSON(ids))
}

// DetachFromCompanies takes a tag off companies, and returns on which it was.
func (s Tags) DetachFromCompanies(tag model.TagID, ids ...model.CompanyID) ([]model.CompanyID, error) {
	return detach[model.CompanyID](s, `DELETE FROM company_tags WHERE workspace_id = $1 AND tag_id = $2 AND company_id `+s.Dialect().In("$3")+` RETURNING company_id`, tag, record.ToJSON(ids))
}

func detach[ID ~string](s Tags, statement string, tag model.TagID, ids string) ([]ID, error) {
	changed, err := returned[ID](s, statement, s.Workspace, tag, ids)
	if err != nil {
		return nil, fmt.Errorf("store: detach tag: %w", err)
	}
	return changed, nil
}

// returned runs a statement that returns ids, and sorts them.
func returned[ID ~string](s Tags, statement string, args ...any) ([]ID, error) {
	var ids []ID
	err := s.Rows(statement, args, func(r *db.Rows) error {
		var id ID
		err := r.Scan(&id)
		ids = append(ids, id)
		return err
	})
	slices.Sort(ids)
	return ids, err
}
