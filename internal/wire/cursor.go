package wire

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"math"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"parley/internal/model"
)

// maxCursor is the length of the longest cursor that can have been given out: one
// that holds a URL, spelt out.
const maxCursor = 32 << 10

// A CursorKey signs the cursors of one list of one workspace in one order, so
// that a cursor from elsewhere is refused and not taken for a place here.
type CursorKey struct {
	Secret string // the workspace's
	List   string // the operation's name
	Sort   model.Sort
}

// Encode writes a position as an opaque cursor: unpadded base64 of a JSON list
// of the sort value, the id, the page it leads to, and a signature.
func (k CursorKey) Encode(p *model.Position, page int) string {
	if p == nil {
		return ""
	}
	b, err := json.Marshal([]any{p.Value, p.ID, page, k.sign(p, page)})
	if err != nil {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

// Decode reads a cursor that Encode wrote under the same key.
func (k CursorKey) Decode(cursor string) (*model.Position, int, error) {
	if len(cursor) > maxCursor {
		return nil, 0, invalidCursor()
	}
	var fields []jsontext.Value
	var p model.Position
	var page int
	var signature string
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || json.Unmarshal(raw, &fields) != nil || len(fields) != 4 ||
		json.Unmarshal(fields[0], &p.Value) != nil || json.Unmarshal(fields[1], &p.ID) != nil ||
		json.Unmarshal(fields[2], &page) != nil || json.Unmarshal(fields[3], &signature) != nil {
		return nil, 0, invalidCursor()
	}
	if f, ok := p.Value.(float64); ok && f == math.Trunc(f) && math.Abs(f) <= maxExact {
		p.Value = int64(f)
	}
	if signature == "" || !hmac.Equal([]byte(signature), []byte(k.sign(&p, page))) {
		return nil, 0, invalidCursor()
	}
	return &p, page, nil
}

// sign is empty for what cannot be signed, which no cursor holds.
func (k CursorKey) sign(p *model.Position, page int) string {
	mac := hmac.New(sha256.New, []byte(k.Secret))
	if err := json.MarshalWrite(mac, []any{k.List, k.Sort.Field, k.Sort.Descending, p.Value, p.ID, page}); err != nil {
		return ""
	}
	return hex.EncodeToString(mac.Sum(nil)[:12])
}

func invalidCursor() error {
	return &model.Error{Kind: model.Invalid, Code: "client_error",
		Message: "Invalid starting_after param. Please try again using a starting_after value from a paginated response"}
}
