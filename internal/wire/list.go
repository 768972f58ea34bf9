package wire

import "parley/internal/model"

// A List is a list that is answered whole.
type List[T any] struct {
	Type string `json:"type"`
	Data []T    `json:"data"`
}

// NewList makes a list of nouns.
func NewList[Noun, T any](nouns []Noun, from func(Noun) T) List[T] {
	return List[T]{"list", each(nouns, from)}
}

// each translates nouns one by one.
func each[Noun, T any](nouns []Noun, from func(Noun) T) []T {
	out := make([]T, len(nouns))
	for i, n := range nouns {
		out[i] = from(n)
	}
	return out
}

// CursorPages tells where a page stands. Next is absent on the last page.
type CursorPages struct {
	Type       string      `json:"type"`
	Next       *NextCursor `json:"next,omitzero"`
	Page       int         `json:"page"`
	PerPage    int         `json:"per_page"`
	TotalPages int         `json:"total_pages"`
}

// NextCursor names the next page.
type NextCursor struct {
	Page          int    `json:"page"`
	StartingAfter string `json:"starting_after"`
}

// NewCursorPages tells where p stands; cursor is the next page's, if there is one.
func NewCursorPages[Noun any](p *model.Page[Noun], cursor string) CursorPages {
	pages := CursorPages{Type: "pages", Page: p.Number, PerPage: p.PerPage, TotalPages: p.TotalPages()}
	if p.Next != nil {
		pages.Next = &NextCursor{p.Number + 1, cursor}
	}
	return pages
}

// A LinkList is a page of a list whose next page is named by a URL.
type LinkList[T any] struct {
	Type       string    `json:"type"`
	Data       []T       `json:"data"`
	TotalCount int       `json:"total_count"`
	Pages      LinkPages `json:"pages"`
}

// LinkPages tells where a page stands. Next is null on the last page.
type LinkPages struct {
	Type       string   `json:"type"`
	Next       NullText `json:"next"`
	Page       int      `json:"page"`
	PerPage    int      `json:"per_page"`
	TotalPages int      `json:"total_pages"`
}

// NewLinkPages tells where p stands; next is the next page's URL, or empty.
func NewLinkPages[Noun any](p *model.Page[Noun], next string) LinkPages {
	return LinkPages{"pages", NullText(next), p.Number, p.PerPage, p.TotalPages()}
}

// A Deleted object is what is left to say of it.
type Deleted struct {
	ID      string `json:"id"`
	Object  string `json:"object"`
	Deleted bool   `json:"deleted"`
}

// A Reference points at an object.
type Reference struct {
	Type string `json:"type"`
	ID   string `json:"id"`
}

// NewLinkList makes a page of nouns; next is the next page's URL, or empty.
func NewLinkList[Noun, T any](p *model.Page[Noun], next string, from func(Noun) T) LinkList[T] {
	return LinkList[T]{"list", each(p.Items, from), p.Total, NewLinkPages(p, next)}
}

// A PageList is a page of a list whose next page is named by a URL, where there is
// one.
type PageList[T any] struct {
	Type       string    `json:"type"`
	Data       []T       `json:"data"`
	TotalCount int       `json:"total_count"`
	Pages      PageLinks `json:"pages"`
}

// PageLinks tells where a page stands. Next, a URL, is absent on the last page.
type PageLinks struct {
	Type       string `json:"type" enum:"pages"`
	Next       string `json:"next,omitzero"`
	Page       int    `json:"page"`
	PerPage    int    `json:"per_page"`
	TotalPages int    `json:"total_pages"`
}

// NewPageLinks tells where p stands; next is the next page's URL, or empty.
func NewPageLinks[Noun any](p *model.Page[Noun], next string) PageLinks {
	return PageLinks{"pages", next, p.Number, p.PerPage, p.TotalPages()}
}

// NewPageList makes a page of nouns; next is the next page's URL, or empty.
func NewPageList[Noun, T any](p *model.Page[Noun], next string, from func(Noun) T) PageList[T] {
	return PageList[T]{"list", each(p.Items, from), p.Total, NewPageLinks(p, next)}
}
