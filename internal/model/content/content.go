// Package content is the nouns of what a workspace publishes, and the laws that
// need nothing but them: articles and the help centers they are in, news, and
// exports of what was sent.
// It must not import anything but the standard library and the nouns below it.
package content

import "strconv"

// Decimal ids, counted per workspace and noun. Collections and sections, which
// are collections within another, are counted together.
type (
	HelpCenterID int64
	CollectionID int64
	ArticleID    int64
	NewsItemID   int64
	NewsfeedID   int64
)

func (id HelpCenterID) String() string { return strconv.FormatInt(int64(id), 10) }
func (id CollectionID) String() string { return strconv.FormatInt(int64(id), 10) }
func (id ArticleID) String() string    { return strconv.FormatInt(int64(id), 10) }
func (id NewsItemID) String() string   { return strconv.FormatInt(int64(id), 10) }
func (id NewsfeedID) String() string   { return strconv.FormatInt(int64(id), 10) }

// A DataExportID names an export: 16 lower-case letters and digits.
type DataExportID string
