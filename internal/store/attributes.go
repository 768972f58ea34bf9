package store

import (
	"fmt"

	"parley/internal/model"
	"parley/internal/store/record"
)

// attributesColumn scans custom attributes. JSON has one kind of number; whole
// ones come back as int64, as they were written.
type attributesColumn struct{ a *model.Attributes }

func (c attributesColumn) Scan(v any) error {
	*c.a = model.Attributes{}
	if err := (record.JSONColumn(c.a)).Scan(v); err != nil {
		return fmt.Errorf("custom attributes: %w", err)
	}
	for name, v := range *c.a {
		(*c.a)[name] = record.Whole(v)
	}
	return nil
}
