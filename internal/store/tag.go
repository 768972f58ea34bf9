package store

import (
	"database/sql"
	"fmt"

	"parley/internal/model"
)

// Tags are the labels of a workspace, and what they are on.
type Tags struct{ *scope }

const tagColumns = `id, name, created_at, created_by`

func scanTag(row scanner) (*model.Tag, error) {
	var t model.Tag
	err := row.Scan(&t.ID, &t.Name, &t.CreatedAt, &t.CreatedBy)
	return &t, err
}

// NewID gives out an id for a tag that is about to be inserted.
func (s Tags) NewID() (model.TagID, error) {
	id, err := s.nextID("tag")
	return model.TagID(id), err
}

// Insert writes a new tag. Its name must be free.
func (s Tags) Insert(t *model.Tag) error {
	_, err := s.Exec(`INSERT INTO tags (workspace_id, `+tagColumns+`, name_fold) VALUES ($1, $2, $3, $4, $5, $6)`,
		s.workspace, t.ID, t.Name, t.CreatedAt, t.CreatedBy, model.Fold(t.Name))
	if err != nil {
		return fmt.Errorf("store: insert tag: %w", err)
	}
	return nil
}

// Find reads a tag.
func (s Tags) Find(id model.TagID) (*model.Tag, error) {
	t, err := scanTag(s.QueryRow(`SELECT `+tagColumns+` FROM tags WHERE workspace_id = $1 AND id = $2`, s.workspace, id))
	return t, orNotFound(err, model.ResourceNotFound())
}

// FindByName reads the tag of that name, in any case.
func (s Tags) FindByName(name string) (*model.Tag, error) {
	t, err := scanTag(s.QueryRow(`SELECT `+tagColumns+` FROM tags WHERE workspace_id = $1 AND name_fold = $2`,
		s.workspace, model.Fold(name)))
	return t, orNotFound(err, model.ResourceNotFound())
}

// List reads all tags, by id.
func (s Tags) List() ([]*model.Tag, error) {
	var tags []*model.Tag
	err := s.rows(`SELECT `+tagColumns+` FROM tags WHERE workspace_id = $1 ORDER BY id`, []any{s.workspace},
		func(r *sql.Rows) error {
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
	_, err := s.Exec(`UPDATE tags SET name = $3, name_fold = $4 WHERE workspace_id = $1 AND id = $2`,
		s.workspace, t.ID, t.Name, model.Fold(t.Name))
	if err != nil {
		return fmt.Errorf("store: update tag: %w", err)
	}
	return nil
}

// Delete removes a tag from everything and from the workspace.
func (s Tags) Delete(id model.TagID) error {
	if _, err := s.Exec(`DELETE FROM tags WHERE workspace_id = $1 AND id = $2`, s.workspace, id); err != nil {
		return fmt.Errorf("store: delete tag: %w", err)
	}
	return nil
}

// OnContact reads the tags of a contact, newest first.
func (s Tags) OnContact(id model.ContactID) ([]*model.AppliedTag, error) {
	var tags []*model.AppliedTag
	err := s.rows(`SELECT `+appliedTagColumns+` FROM contact_tags a
		JOIN tags t ON t.workspace_id = a.workspace_id AND t.id = a.tag_id
		WHERE a.workspace_id = $1 AND a.contact_id = $2 ORDER BY a.applied_at DESC, a.tag_id DESC`,
		[]any{s.workspace, id}, func(r *sql.Rows) error {
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
		WHERE a.workspace_id = $1 AND a.contact_id = $2 AND a.tag_id = $3`, s.workspace, id, tag))
	return t, orNotFound(err, model.ResourceNotFound())
}

const appliedTagColumns = `t.id, t.name, t.created_at, t.created_by, a.applied_at, a.applied_by`

func scanAppliedTag(row scanner) (*model.AppliedTag, error) {
	var t model.AppliedTag
	err := row.Scan(&t.ID, &t.Name, &t.CreatedAt, &t.CreatedBy, &t.AppliedAt, &t.AppliedBy)
	return &t, err
}

// AttachToContact puts a tag on a contact. What is there already stays as it is.
func (s Tags) AttachToContact(tag model.TagID, id model.ContactID, by model.AdminID) error {
	return s.attach(`INSERT INTO contact_tags (workspace_id, contact_id, tag_id, applied_at, applied_by)
		VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`, string(id), tag, by)
}

// AttachToCompany puts a tag on a company. What is there already stays as it is.
func (s Tags) AttachToCompany(tag model.TagID, id model.CompanyID, by model.AdminID) error {
	return s.attach(`INSERT INTO company_tags (workspace_id, company_id, tag_id, applied_at, applied_by)
		VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`, string(id), tag, by)
}

func (s Tags) attach(statement, id string, tag model.TagID, by model.AdminID) error {
	if _, err := s.Exec(statement, s.workspace, id, tag, s.Now(), by); err != nil {
		return fmt.Errorf("store: attach tag: %w", err)
	}
	return nil
}

// DetachFromContact takes a tag off a contact, if it is there.
func (s Tags) DetachFromContact(tag model.TagID, id model.ContactID) error {
	return s.detach(`DELETE FROM contact_tags WHERE workspace_id = $1 AND contact_id = $2 AND tag_id = $3`, string(id), tag)
}

// DetachFromCompany takes a tag off a company, if it is there.
func (s Tags) DetachFromCompany(tag model.TagID, id model.CompanyID) error {
	return s.detach(`DELETE FROM company_tags WHERE workspace_id = $1 AND company_id = $2 AND tag_id = $3`, string(id), tag)
}

func (s Tags) detach(statement, id string, tag model.TagID) error {
	if _, err := s.Exec(statement, s.workspace, id, tag); err != nil {
		return fmt.Errorf("store: detach tag: %w", err)
	}
	return nil
}
