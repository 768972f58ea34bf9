package api

import (
	"context"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"parley/internal/model"
	"parley/internal/model/sandbox"
	"parley/internal/wire"
)

// A request is one call of an operation by somebody who may make it.
type request struct {
	http  *http.Request
	op    *operation
	id    string
	actor *model.Actor
	base  string // scheme and host that the answer's links begin with

	asked   *http.Request // as it came
	guessed bool          // the actor was to be guessed
	unsure  bool          // the actor is a guess that nobody has confirmed

	began time.Time
	body  []byte // once it was read
	read  bool
	fault *sandbox.Fault // that it met; nil for none

	weight int64 // of its body in a Crowd, in bytes
}

// Context is the request's.
func (r *request) Context() context.Context { return r.http.Context() }

// enter has what follows take place in the workspace of who asks, as that was set.
func (r *request) enter() {
	if state := r.actor.Workspace.Sandbox; state.HasOwnTime() {
		r.http = r.http.WithContext(sandbox.With(r.Context(), state))
	}
}

// now is the time in the workspace of who asks, in Unix seconds.
func (a *API) now(r *request) int64 { return sandbox.Now(r.Context(), a.Clock()).Unix() }

// path is a value from the path.
func (r *request) path(name string) string { return r.http.PathValue(name) }

// query is a parameter of the query string; empty if it is not there.
func (r *request) query(name string) string { return r.http.URL.Query().Get(name) }

func (r *request) contactID() model.ContactID { return model.ContactID(r.path("contact_id")) }
func (r *request) companyID() model.CompanyID { return model.CompanyID(r.path("company_id")) }

// flag is a query parameter that is true or false; false if it is not there.
func (r *request) flag(name string) (bool, error) {
	switch r.query(name) {
	case "":
		return false, nil
	case "true", "1":
		return true, nil
	case "false", "0":
		return false, nil
	default:
		return false, model.ParameterInvalid("%s must be true or false", name)
	}
}

// A paging is how a list is cut into pages.
type paging struct {
	usual, most int
}

// perPage reads a page size. Zero and less are refused like sizes that are too
// big: the live API does not clamp.
func (p paging) perPage(value string) (int, error) {
	if value == "" {
		return p.usual, nil
	}
	n, err := strconv.Atoi(value)
	switch {
	case n > p.most: // or more than can be counted
		return 0, model.ParameterInvalid("Per Page is too big")
	case err != nil || n < 1:
		return 0, model.ParameterInvalid("Per Page is invalid")
	}
	return n, nil
}

// cursorPage reads which page of a list is asked for, where a cursor names it.
func (r *request) cursorPage(p paging, sort model.Sort, perPage, cursor string) (model.PageRequest, error) {
	page := model.PageRequest{Number: 1}
	var err error
	if page.PerPage, err = p.perPage(perPage); err != nil || cursor == "" {
		return page, err
	}
	page.After, page.Number, err = r.cursorKey(sort).Decode(cursor)
	return page, err
}

// search reads what a search asks for: which rows, in which order, and which page
// of them.
func (r *request) search(in wire.SearchRequest, p paging, usual model.Sort) (filter *model.Filter, sort model.Sort, page model.PageRequest, err error) {
	if filter, err = in.Filter(); err != nil {
		return nil, sort, page, err
	}
	if sort, err = in.Order(usual); err != nil {
		return nil, sort, page, err
	}
	perPage, cursor := in.Page()
	page, err = r.cursorPage(p, sort, perPage, cursor)
	return filter, sort, page, err
}

// linkPage reads which page of a list is asked for, where a URL names it. Links
// that were given out name a position, so that a walk along them sees each item
// once; a client that counts pages by itself is served by number.
func (r *request) linkPage(p paging, sort model.Sort) (model.PageRequest, error) {
	page, err := r.cursorPage(p, sort, r.query("per_page"), r.query("starting_after"))
	if err != nil || page.After != nil {
		return page, err
	}
	err = r.number(&page)
	return page, err
}

// number reads which page is asked for by its number.
func (r *request) number(page *model.PageRequest) error {
	number := r.query("page")
	if number == "" {
		return nil
	}
	n, err := strconv.Atoi(number)
	if err != nil || n < 1 || n > 1_000_000 {
		return model.ParameterInvalid("Page is invalid")
	}
	page.Number = n
	return nil
}

// numberedPage reads which page of a short list is asked for, which only its
// number names.
func (r *request) numberedPage(p paging) (model.PageRequest, error) {
	page := model.PageRequest{Number: 1}
	var err error
	if page.PerPage, err = p.perPage(r.query("per_page")); err != nil {
		return page, err
	}
	err = r.number(&page)
	return page, err
}

// cursorKey signs the cursors of the operation's list.
func (r *request) cursorKey(sort model.Sort) wire.CursorKey {
	return wire.CursorKey{Secret: r.actor.Workspace.Secret, List: r.op.meta.ID, Sort: sort}
}

// nextCursor is the cursor of the page after p, or empty.
func nextCursor[T any](r *request, p *model.Page[T], sort model.Sort) string {
	return r.cursorKey(sort).Encode(p.Next, p.Number+1)
}

// nextLink is the URL of the page after p, or empty: the request's own, with
// the next page in it.
func nextLink[T any](r *request, p *model.Page[T], sort model.Sort) string {
	if p.Next == nil {
		return ""
	}
	return linkOf(r, p, "starting_after", nextCursor(r, p, sort))
}

// numberedLink is the URL of the page after p of a short list, or empty.
func numberedLink[T any](r *request, p *model.Page[T]) string {
	if p.Next == nil {
		return ""
	}
	return linkOf(r, p)
}

// linkOf is the request's URL with the next page in it and some parameters set.
func linkOf[T any](r *request, p *model.Page[T], parameters ...string) string {
	q := r.http.URL.Query()
	q.Set("page", strconv.Itoa(p.Number+1))
	q.Set("per_page", strconv.Itoa(p.PerPage))
	for i := 0; i < len(parameters); i += 2 {
		q.Set(parameters[i], parameters[i+1])
	}
	return r.base + r.http.URL.Path + "?" + q.Encode()
}

// pageList answers a page of a list whose next page is named by a URL, where there
// is one.
func pageList[Noun, Out any](r *request, p paging, sort model.Sort, read func(model.PageRequest) (*model.Page[Noun], error), from func(Noun) Out) (wire.PageList[Out], error) {
	page, err := r.linkPage(p, sort)
	if err != nil {
		return wire.PageList[Out]{}, err
	}
	found, err := read(page)
	if err != nil {
		return wire.PageList[Out]{}, err
	}
	return wire.NewPageList(found, nextLink(r, found, sort), from), nil
}

// canonical drops a slash at the end of a path and slashes too many at its
// beginning, which clients send when a base URL ends in one. It reports whether
// the path can name anything at all.
func canonical(p string) (string, bool) {
	p = "/" + strings.TrimLeft(p, "/")
	if len(p) > 1 {
		p = strings.TrimSuffix(p, "/")
	}
	return p, path.Clean(p) == p
}

// storable reports whether a text of the URL can be stored, and so be asked for.
func storable(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }
