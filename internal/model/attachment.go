package model

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"mime"
	"net/url"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of the attachments of one message.
const (
	// MaxAttachments is how many files a message may bring, and how many URLs.
	MaxAttachments = 10
	// MaxAttachmentSize is the length of a message's files together, in bytes,
	// and of a file that is fetched from a URL.
	MaxAttachmentSize = 10 << 20
	// MaxFileName is the length of a file's name, in bytes: what file systems take.
	MaxFileName = 255
)

// An AttachmentID is 32 random lower-case hexadecimal digits.
type AttachmentID string

// NewAttachmentID makes a random id.
func NewAttachmentID() AttachmentID {
	var b [16]byte
	rand.Read(b[:])
	return AttachmentID(hex.EncodeToString(b[:]))
}

// An Attachment is a file that came with a message: kept here, or a link to where
// it is kept.
type Attachment struct {
	ID            AttachmentID
	Name          string
	ContentType   string
	Size          int64  // bytes; 0 while it is only a link
	Width, Height int64  // pixels; 0 unless it is an image that could be read
	Key           string // of the blob; empty while it is only a link
	URL           string // where it came from, if it was given by URL
}

// An Upload is a file as a client sends it.
type Upload struct {
	Name        string
	ContentType string // as the client calls it; empty: what it looks like
	Data        []byte
}

// NewUpload reads a file as the API takes it, its content in base64.
func NewUpload(name, contentType, data string) (Upload, error) {
	raw, err := base64.StdEncoding.DecodeString(data)
	if err != nil {
		return Upload{}, ParameterInvalid("The data of attachment %q is not base64", shorten(fileName(name), MaxText))
	}
	return Upload{name, contentType, raw}, nil
}

// NewAttachments makes the attachments of one message: one for each of its files,
// in their order, with the key that its blob is to have, then a link for each of
// its URLs.
func NewAttachments(ws WorkspaceID, files []Upload, urls []string) ([]*Attachment, error) {
	if len(files) > MaxAttachments || len(urls) > MaxAttachments {
		return nil, ParameterInvalid("A message has at most %d attachments", MaxAttachments)
	}
	total := 0
	for _, u := range files {
		total += len(u.Data)
	}
	if total > MaxAttachmentSize {
		return nil, ParameterInvalid("The attachments of a message are larger than %d MB together", MaxAttachmentSize>>20)
	}
	var all []*Attachment
	for _, u := range files {
		a, err := u.attachment(ws)
		if err != nil {
			return nil, err
		}
		all = append(all, a)
	}
	for _, link := range urls {
		a, err := NewLink(link)
		if err != nil {
			return nil, err
		}
		all = append(all, a)
	}
	return all, nil
}

// attachment checks the file and makes its noun.
func (u *Upload) attachment(ws WorkspaceID) (*Attachment, error) {
	a := &Attachment{ID: NewAttachmentID(), Name: fileName(u.Name)}
	if len(a.Name) > MaxFileName {
		return nil, ParameterInvalid("The name of an attachment is too long (maximum is %d bytes)", MaxFileName)
	}
	var err error
	if a.ContentType, err = contentType(u.ContentType); err != nil {
		return nil, err
	}
	if lies(a.ContentType, sniff(u.Data)) {
		return nil, ParameterInvalid("The attachment %q is not of the content type %s", a.Name, a.ContentType)
	}
	a.Fill(ws, u.Data)
	return a, nil
}

// contentType reads a media type as a client writes it; empty stays empty.
func contentType(s string) (string, error) {
	if strings.TrimSpace(s) == "" {
		return "", nil
	}
	name, params, err := mime.ParseMediaType(s)
	if err == nil && strings.Contains(name, "/") {
		if name == "image/jpg" || name == "image/pjpeg" { // names that never were, but are sent
			name = typeJPEG
		}
		if recognised(name) {
			return name, nil
		}
		if written := mime.FormatMediaType(name, params); written != "" && len(written) <= MaxText {
			return written, nil
		}
	}
	return "", ParameterInvalid("%q is not a content type", shorten(s, MaxText))
}

// lies reports a file that claims to be what browsers show in place and is not.
func lies(declared, found string) bool {
	if recognised(declared) {
		return found != declared
	}
	return strings.HasPrefix(declared, "image/") && recognised(found)
}

// NewLink makes the attachment that is given by a URL.
func NewLink(link string) (*Attachment, error) {
	if utf8.RuneCountInString(link) > MaxURL {
		return nil, ParameterInvalid("An attachment URL is too long (maximum is %d characters)", MaxURL)
	}
	u, err := url.Parse(link)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil {
		return nil, ParameterInvalid("%q is not the URL of an attachment", shorten(link, MaxText))
	}
	name := shorten(fileName(u.Path), MaxFileName)
	return &Attachment{ID: NewAttachmentID(), Name: name, ContentType: typeByName(name), URL: link}, nil
}

// typeByName guesses a content type. The lists of the operating system would
// have each machine guess differently.
func typeByName(name string) string {
	switch strings.ToLower(path.Ext(name)) {
	case ".png":
		return typePNG
	case ".jpg", ".jpeg":
		return typeJPEG
	case ".gif":
		return typeGIF
	case ".webp":
		return typeWebP
	case ".svg":
		return "image/svg+xml"
	case ".pdf":
		return typePDF
	case ".txt", ".log", ".md":
		return typeText
	case ".csv":
		return "text/csv"
	case ".htm", ".html":
		return "text/html"
	case ".json":
		return "application/json"
	case ".zip":
		return "application/zip"
	case ".mp3":
		return "audio/mpeg"
	case ".mp4":
		return "video/mp4"
	case ".mov":
		return "video/quicktime"
	case ".docx":
		return "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
	case ".xlsx":
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	case ".pptx":
		return "application/vnd.openxmlformats-officedocument.presentationml.presentation"
	default:
		return typeBytes
	}
}

// Fill gives the attachment its content: the key to keep it under, its size, and
// what the bytes say of themselves where nobody said it, or said it wrong.
func (a *Attachment) Fill(ws WorkspaceID, data []byte) {
	a.Size, a.Key = int64(len(data)), AttachmentKey(ws, a.ID)
	found := sniff(data)
	if a.ContentType == "" || a.ContentType == typeBytes || lies(a.ContentType, found) {
		a.ContentType = found
	}
	a.Width, a.Height = dimensions(a.ContentType, data)
}

// AttachmentKey is the key that an attachment's blob has, once there is one.
func AttachmentKey(ws WorkspaceID, id AttachmentID) string { return string(ws) + "/" + string(id) }

// Inline reports whether a browser may show the attachment in place: an image of
// a kind that holds no script. Anything else is for saving only.
func (a *Attachment) Inline() bool { return recognised(a.ContentType) && a.ContentType != typePDF }

// fileName makes a name safe to show, to save under and to put in a header: the
// last segment of a path, without characters that nobody sees.
func fileName(s string) string {
	s = strings.ToValidUTF8(s, "")
	s = s[strings.LastIndexAny(s, `/\`)+1:]
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp) {
			return -1
		}
		return r
	}, s)
	s = strings.TrimSpace(s)
	if strings.Trim(s, ".") == "" {
		return "file"
	}
	return s
}

// shorten cuts a text to so many bytes, between two characters.
func shorten(s string, most int) string {
	if len(s) <= most {
		return s
	}
	for most > 0 && !utf8.RuneStart(s[most]) {
		most--
	}
	return s[:most]
}
