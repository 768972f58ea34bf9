package wire

import (
	"parley/internal/model"
	"parley/internal/model/content"
)

// A NewsItem as the API shows it.
type NewsItem struct {
	ID                  string               `json:"id"`
	Type                string               `json:"type" enum:"news-item"`
	WorkspaceID         string               `json:"workspace_id"`
	Title               string               `json:"title"`
	Body                string               `json:"body" doc:"HTML that is safe to show."`
	SenderID            int64                `json:"sender_id"`
	State               string               `json:"state" enum:"draft,live"`
	Labels              []string             `json:"labels" doc:"In alphabetical order."`
	CoverImageURL       NullText             `json:"cover_image_url"`
	Reactions           []NullText           `json:"reactions" doc:"Emoji; four nulls if they were never set."`
	DeliverSilently     bool                 `json:"deliver_silently"`
	CreatedAt           int64                `json:"created_at"`
	UpdatedAt           int64                `json:"updated_at"`
	NewsfeedAssignments []NewsfeedAssignment `json:"newsfeed_assignments"`
}

// FromNewsItem translates a news item of a workspace.
func FromNewsItem(ws model.WorkspaceID) func(*content.NewsItem) NewsItem {
	return func(n *content.NewsItem) NewsItem {
		return NewsItem{ID: n.ID.String(), Type: "news-item", WorkspaceID: string(ws), Title: n.Title, Body: n.Body,
			SenderID: int64(n.Sender), State: string(n.State), Labels: n.Labels, CoverImageURL: NullText(n.CoverImageURL),
			Reactions:       each(n.Reactions, func(emoji string) NullText { return NullText(emoji) }),
			DeliverSilently: n.DeliverSilently, CreatedAt: n.CreatedAt, UpdatedAt: n.UpdatedAt,
			NewsfeedAssignments: each(n.Assignments, fromNewsfeedAssignment)}
	}
}

// FromDeletedNewsItem is what is left to say of a news item.
func FromDeletedNewsItem(n *content.NewsItem) Deleted {
	return Deleted{n.ID.String(), "news-item", true}
}

// A NewsItemRequest is a new news item, or what to change of one.
type NewsItemRequest struct {
	Title               Opt[Text]                        `json:"title,omitzero" doc:"Required of a new item."`
	Body                Opt[Text]                        `json:"body,omitzero" doc:"Plain text or HTML."`
	SenderID            Opt[Text]                        `json:"sender_id,omitzero" doc:"An admin. Required of a new item."`
	State               Opt[Text]                        `json:"state,omitzero" enum:"draft,live" doc:"A new item is a draft if it does not say otherwise."`
	Labels              Opt[[]Opt[Text]]                 `json:"labels,omitzero"`
	CoverImageURL       Opt[Text]                        `json:"cover_image_url,omitzero" doc:"By http or https, of a .jpg, .jpeg or .png."`
	Reactions           Opt[[]Opt[Text]]                 `json:"reactions,omitzero" doc:"Emoji, in order. An empty list: nobody can react."`
	DeliverSilently     Opt[Bool]                        `json:"deliver_silently,omitzero"`
	NewsfeedAssignments Opt[[]NewsfeedAssignmentRequest] `json:"newsfeed_assignments,omitzero" doc:"All the newsfeeds that the item is to be in."`
}

// Patch is what the request asks to make or change.
func (r NewsItemRequest) Patch() (content.NewsItemPatch, error) {
	p := content.NewsItemPatch{
		Title: convert(r.Title, plainText), Body: convert(r.Body, plainText),
		Sender:        convert(r.SenderID, func(t Text) model.AdminID { return model.Decimal[model.AdminID](string(t)) }),
		State:         convert(r.State, func(t Text) content.NewsState { return content.NewsState(t) }),
		Labels:        convert(r.Labels, withoutNulls),
		CoverImageURL: convert(r.CoverImageURL, plainText),
		Reactions: convert(r.Reactions, func(list []Opt[Text]) []string {
			return each(list, func(t Opt[Text]) string { return string(t.Value) })
		}),
		DeliverSilently: convert(r.DeliverSilently, plainBool),
	}
	assignments := make([]content.NewsfeedAssignment, len(r.NewsfeedAssignments.Value))
	for i, asked := range r.NewsfeedAssignments.Value {
		var err error
		if assignments[i], err = asked.assignment(); err != nil {
			return p, err
		}
	}
	p.Assignments = convert(r.NewsfeedAssignments, func([]NewsfeedAssignmentRequest) []content.NewsfeedAssignment { return assignments })
	return p, nil
}

func withoutNulls(list []Opt[Text]) []string {
	var texts []string
	for _, t := range list {
		if !t.Null {
			texts = append(texts, string(t.Value))
		}
	}
	return texts
}
