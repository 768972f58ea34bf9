package store

import (
	"context"
	"slices"

	"parley/internal/db"
	"parley/internal/model"
	"parley/internal/store/identity"
	"parley/internal/store/keep"
	"parley/internal/store/query"
)

// listed is a page of a list as it was read: the keys of what is on it.
type listed[T any] struct {
	page model.Page[string]
	read func(*Tx) (*model.Page[*T], error) // it anew
}

// ContactsAtHand is Contacts.Search of now, without a transaction, if all that it would read is in memory; nil otherwise.
func (s *Store) ContactsAtHand(ctx context.Context, ws *model.Workspace, filter *model.Filter, sort model.Sort, page model.PageRequest) (*model.Page[*model.Contact], error) {
	r := s.readers(ctx, ws.ID)
	return atHand(ctx, s, r.contactPages, r.contacts, s.pageKey(ctx, ws, filter, sort, page))
}

// ConversationsAtHand is ContactsAtHand of Conversations.Search, or of Conversations.List without a filter.
func (s *Store) ConversationsAtHand(ctx context.Context, ws *model.Workspace, filter *model.Filter, sort model.Sort, page model.PageRequest) (*model.Page[*model.Conversation], error) {
	r := s.readers(ctx, ws.ID)
	return atHand(ctx, s, r.conversationPages, r.conversations, s.pageKey(ctx, ws, filter, sort, page))
}

func (s *Store) pageKey(ctx context.Context, ws *model.Workspace, filter *model.Filter, sort model.Sort, page model.PageRequest) string {
	return query.Key(query.Env{Location: ws.Location(), Now: s.time(ctx)}, filter, sort, page)
}

func atHand[T any](ctx context.Context, s *Store, pages keep.Reader[listed[T]], objects keep.Reader[T], key string) (*model.Page[*T], error) {
	var moments db.Moments
	found, err := pages.Get(key, func() (_ db.Moments, err error) {
		moments, err = identity.Moments(ctx, s.db)
		return moments, err
	})
	if found == nil || err != nil {
		return nil, err
	}
	items := objects.At(moments).Find(found.page.Items)
	if slices.Contains(items, nil) {
		return nil, nil
	}
	return withItems(&found.page, items), nil
}

// atHandIn is a page whose keys are at hand for a transaction, or nil.
func atHandIn[T any](pages keep.Reader[listed[T]], key string) *model.Page[string] {
	if key == "" || pages.Likely(key) == nil {
		return nil
	}
	if found := pages.Find([]string{key})[0]; found != nil {
		return &found.page
	}
	return nil
}

// keepPage keeps a page that the transaction of the Reader has read, and how that was done.
func keepPage[T any](pages keep.Reader[listed[T]], key string, page *model.Page[*T], keyOf func(*T) string, read func(*Tx) (*model.Page[*T], error)) {
	if key != "" && pages.Keeps() {
		pages.Keep(key, &listed[T]{keysOf(page, keyOf), read}, 500+2*len(key)+50*len(page.Items))
	}
}

func keysOf[T any](page *model.Page[*T], keyOf func(*T) string) model.Page[string] {
	keys := make([]string, len(page.Items))
	for i, item := range page.Items {
		keys[i] = keyOf(item)
	}
	return *withItems(page, keys)
}

// withItems is a page with something in the place of its items.
func withItems[T, U any](p *model.Page[T], items []U) *model.Page[U] {
	return &model.Page[U]{Items: items, Total: p.Total, PerPage: p.PerPage, Number: p.Number, Next: p.Next}
}

// mostCompared is how many pages of a workspace CheckKept reads anew at most, whichever: a test may have asked for thousands.
const mostCompared = 20

// samePages compares the pages that are kept with what they are read as.
func samePages[T any](ctx context.Context, s *Store, objects *keep.Objects[listed[T]], of func(*Tx) keep.Reader[listed[T]], keyOf func(*T) string) ([]string, error) {
	return check(ctx, s, objects, func(tx *Tx, keys []string) ([]*listed[T], map[string]*listed[T], error) {
		kept, read := of(tx).Find(keys), make(map[string]*listed[T], len(keys))
		for i, key := range keys {
			if kept[i] == nil {
				continue
			}
			if len(read) == mostCompared {
				kept[i] = nil
				continue
			}
			page, err := kept[i].read(tx)
			if err != nil {
				return nil, nil, err
			}
			kept[i], read[key] = &listed[T]{page: kept[i].page}, &listed[T]{page: keysOf(page, keyOf)}
		}
		return kept, read, nil
	})
}
