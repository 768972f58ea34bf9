package store

import (
	"fmt"

	"parley/internal/db"
	"parley/internal/model"
	"parley/internal/store/record"
)

// DataAttributes are the custom attributes that a workspace has declared.
type DataAttributes struct{ *scope }

const dataAttributeColumns = `id, model, name, label, description, data_type, options, messenger_writable, archived,
	admin_id, created_at, updated_at`

func scanDataAttribute(row record.Scanner) (*model.DataAttribute, error) {
	a := model.DataAttribute{APIWritable: true}
	err := row.Scan(&a.ID, &a.Model, &a.Name, &a.Label, &a.Description, &a.Type, record.JSONColumn(&a.Options),
		&a.MessengerWritable, &a.Archived, &a.CreatedBy, &a.CreatedAt, &a.UpdatedAt)
	a.FullName = model.CustomField(a.Name)
	return &a, err
}

// NewID gives out an id for an attribute that is about to be inserted.
func (s DataAttributes) NewID() (model.DataAttributeID, error) {
	id, err := s.NextID("data attribute")
	return model.DataAttributeID(id), err
}

// Insert writes a new attribute. Its name must be free.
func (s DataAttributes) Insert(a *model.DataAttribute) error {
	err := s.Write(`INSERT INTO data_attributes (workspace_id, `+dataAttributeColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`, s.Workspace, a.ID, a.Model, a.Name, a.Label,
		a.Description, a.Type, record.ToJSON(a.Options), a.MessengerWritable, a.Archived, a.CreatedBy, a.CreatedAt, a.UpdatedAt)
	if err != nil {
		return fmt.Errorf("store: insert data attribute: %w", err)
	}
	return nil
}

// Lock keeps others from declaring, bringing back and archiving attributes, and
// from making segments that ask for them, until the transaction ends.
func (s DataAttributes) Lock() error {
	return s.Scope.Lock("data attributes " + string(s.Workspace))
}

// Find reads an attribute.
func (s DataAttributes) Find(id model.DataAttributeID) (*model.DataAttribute, error) {
	return s.one(` AND id = $2`, id)
}

// FindByName reads the attribute of that name, archived or not, of models of which
// one at most can have it.
func (s DataAttributes) FindByName(of []model.AttributeModel, name string) (*model.DataAttribute, error) {
	return s.one(` AND name = $2 AND model `+s.Dialect().In("$3"), name, record.ToJSON(of))
}

func (s DataAttributes) one(condition string, args ...any) (*model.DataAttribute, error) {
	a, err := scanDataAttribute(s.QueryRow(`SELECT `+dataAttributeColumns+` FROM data_attributes
		WHERE workspace_id = $1`+condition, append([]any{s.Workspace}, args...)...))
	return a, record.OrNotFound(err, model.DataAttributeNotFound())
}

// List reads the attributes of a model in the order they were declared.
func (s DataAttributes) List(of model.AttributeModel) ([]*model.DataAttribute, error) {
	return s.list(` AND model = $2 ORDER BY id`, of)
}

// Named finds those of a model's attributes that go by one of the names, by name. Nobody may change them.
func (s DataAttributes) Named(of model.AttributeModel, names []string) (map[string]*model.DataAttribute, error) {
	byName := make(map[string]*model.DataAttribute, len(names))
	var unknown []string
	for _, name := range names {
		if a, ok := s.attributes.Get(s.Scope, string(of)+" "+name); ok {
			byName[name] = a
		} else {
			unknown = append(unknown, name)
		}
	}
	if len(unknown) == 0 {
		return byName, nil
	}
	found, err := s.list(` AND model = $2 AND name `+s.Dialect().In("$3"), of, record.ToJSON(unknown))
	for _, a := range found {
		byName[a.Name] = a
		s.attributes.Put(s.Scope, string(of)+" "+a.Name, a)
	}
	return byName, err
}

func (s DataAttributes) list(condition string, args ...any) ([]*model.DataAttribute, error) {
	var attributes []*model.DataAttribute
	err := s.Rows(`SELECT `+dataAttributeColumns+` FROM data_attributes WHERE workspace_id = $1`+condition,
		append([]any{s.Workspace}, args...), func(r *db.Rows) error {
			a, err := scanDataAttribute(r)
			attributes = append(attributes, a)
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("store: list data attributes: %w", err)
	}
	return attributes, nil
}

// Types reads the declared types of a model's custom attributes by name,
// archived ones too: what was written under them can still be found.
func (s DataAttributes) Types(of model.AttributeModel) (map[string]model.DataType, error) {
	types := map[string]model.DataType{}
	err := s.Rows(`SELECT name, data_type FROM data_attributes WHERE workspace_id = $1 AND model = $2`,
		[]any{s.Workspace, of}, func(r *db.Rows) error {
			var name string
			var t model.DataType
			err := r.Scan(&name, &t)
			types[name] = t
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("store: read data attribute types: %w", err)
	}
	return types, nil
}

// Count counts a model's attributes that are not archived.
func (s DataAttributes) Count(of model.AttributeModel) (int, error) {
	var n int
	err := s.QueryRow(`SELECT count(*) FROM data_attributes WHERE workspace_id = $1 AND model = $2 AND NOT archived`,
		s.Workspace, of).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("store: count data attributes: %w", err)
	}
	return n, nil
}

// Update writes an attribute back. Its model, name and type never change.
func (s DataAttributes) Update(a *model.DataAttribute) error {
	err := s.Write(`UPDATE data_attributes SET label = $3, description = $4, options = $5, messenger_writable = $6,
			archived = $7, updated_at = $8
		WHERE workspace_id = $1 AND id = $2`, s.Workspace, a.ID, a.Label, a.Description, record.ToJSON(a.Options),
		a.MessengerWritable, a.Archived, a.UpdatedAt)
	if err != nil {
		return fmt.Errorf("store: update data attribute: %w", err)
	}
	return nil
}
