package wire

import "parley/internal/model"

// An Attachment is a file that came with a message. Its URL is good for half an
// hour at least.
type Attachment struct {
	Type        string  `json:"type" enum:"upload"`
	Name        string  `json:"name"`
	URL         string  `json:"url"`
	ContentType string  `json:"content_type"`
	Filesize    int64   `json:"filesize" doc:"Bytes; 0 while the file has not been fetched."`
	Width       NullInt `json:"width" doc:"Pixels; of an image."`
	Height      NullInt `json:"height" doc:"Pixels; of an image."`
}

// A View says for whom something is shown, and when: links lead below Base and
// are signed.
type View struct {
	Workspace *model.Workspace
	Base      string // scheme and host
	Now       int64
	Plain     bool // texts without markup
}

func (v View) attachments(list []*model.Attachment) []Attachment {
	return each(list, v.attachment)
}

func (v View) attachment(a *model.Attachment) Attachment {
	return Attachment{"upload", a.Name, a.Link(v.Base, v.Workspace, v.Now), a.ContentType, a.Size,
		NullInt(a.Width), NullInt(a.Height)}
}

// An AttachmentFile is a file that a client sends with a message.
type AttachmentFile struct {
	Name        string `json:"name"`
	ContentType string `json:"content_type,omitzero"`
	Data        string `json:"data" doc:"The file, in base64."`
}

// uploads reads the files that a client sends.
func uploads(files Opt[[]AttachmentFile]) ([]model.Upload, error) {
	if len(files.Value) > model.MaxAttachments {
		return nil, model.ParameterInvalid("A message has at most %d attachments", model.MaxAttachments)
	}
	out := make([]model.Upload, len(files.Value))
	for i, f := range files.Value {
		var err error
		if out[i], err = model.NewUpload(f.Name, f.ContentType, f.Data); err != nil {
			return nil, err
		}
	}
	return out, nil
}
