package activity

import (
	"fmt"

	"parley/internal/model"
	"parley/internal/store/record"
)

// Metadata lie in their column as a list, since a JSON object in a database does
// not keep the order of its members.
type metadatumRow struct {
	Key   string `json:"key"`
	Value any    `json:"value"`
}

type richLinkRow struct {
	URL   string `json:"url"`
	Value string `json:"value"`
}

type amountRow struct {
	Cents    int64  `json:"cents"`
	Currency string `json:"currency"`
}

func toMetadataRow(metadata model.Metadata) []metadatumRow {
	row := make([]metadatumRow, len(metadata))
	for i, m := range metadata {
		row[i] = metadatumRow{m.Key, m.Value}
		switch v := m.Value.(type) {
		case model.RichLink:
			row[i].Value = richLinkRow(v)
		case model.Amount:
			row[i].Value = amountRow(v)
		}
	}
	return row
}

// metadataColumn scans metadata.
type metadataColumn struct{ m *model.Metadata }

func (c metadataColumn) Scan(v any) error {
	var row []metadatumRow
	if err := (record.JSONColumn(&row)).Scan(v); err != nil {
		return fmt.Errorf("metadata: %w", err)
	}
	*c.m = make(model.Metadata, len(row))
	for i, m := range row {
		value := record.Whole(m.Value)
		if object, ok := value.(map[string]any); ok {
			value = fromObject(object)
		}
		(*c.m)[i] = model.Metadatum{Key: m.Key, Value: value}
	}
	return nil
}

func fromObject(object map[string]any) any {
	text := func(name string) string { s, _ := object[name].(string); return s }
	if cents, ok := record.Whole(object["cents"]).(int64); ok {
		return model.Amount{Cents: cents, Currency: text("currency")}
	}
	return model.RichLink{URL: text("url"), Value: text("value")}
}
