package record

import (
	"database/sql"
	"fmt"

	"parley/internal/model"
)

// AttributesColumn scans custom attributes. JSON has one kind of number; whole
// ones come back as int64, as they were written.
func AttributesColumn(a *model.Attributes) sql.Scanner { return attributesColumn{a} }

type attributesColumn struct{ a *model.Attributes }

func (c attributesColumn) Scan(v any) error {
	*c.a = model.Attributes{}
	if err := (JSONColumn(c.a)).Scan(v); err != nil {
		return fmt.Errorf("custom attributes: %w", err)
	}
	for name, v := range *c.a {
		(*c.a)[name] = Whole(v)
	}
	return nil
}
