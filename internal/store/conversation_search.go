package store

import (
	"fmt"

	"parley/internal/model"
	"parley/internal/store/query"
	"parley/internal/store/record"
)

// List reads a page of all conversations. How many there are is kept, not
// counted.
func (s Conversations) List(sort model.Sort, page model.PageRequest) (*model.Page[*model.Conversation], error) {
	return s.listed(query.Key(query.Env{}, nil, sort, page), func(s Conversations) (*model.Page[*model.Conversation], error) { return s.list(sort, page) })
}

// Search reads a page of the conversations that match the filter.
func (s Conversations) Search(env query.Env, filter *model.Filter, sort model.Sort, page model.PageRequest) (*model.Page[*model.Conversation], error) {
	return s.listed(query.Key(env, filter, sort, page), func(s Conversations) (*model.Page[*model.Conversation], error) {
		return s.search(env, filter, sort, page)
	})
}

// listed reads a page, or of one that is at hand what is on it.
func (s Conversations) listed(key string, read func(Conversations) (*model.Page[*model.Conversation], error)) (*model.Page[*model.Conversation], error) {
	if found := atHandIn(s.kept.conversationPages, key); found != nil {
		result := withItems(found, conversationsOf(found.Items))
		return result, s.complete(result.Items)
	}
	result, err := read(s)
	if err != nil {
		return nil, err
	}
	keepPage(s.kept.conversationPages, key, result, keyOfConversation, func(tx *Tx) (*model.Page[*model.Conversation], error) { return read(tx.Conversations) })
	return result, nil
}

func (s Conversations) list(sort model.Sort, page model.PageRequest) (*model.Page[*model.Conversation], error) {
	where := &query.Builder{}
	where.Text("c.workspace_id = ", where.Arg(s.Workspace), " AND ", query.ListedConversations)
	s.Ahead(totalOfConversations, s.Workspace, kindConversation)
	found, err := record.ReadRows(s.Scope, s.listing(where, record.SortedBy("c."+sort.Field)), sort, page)
	if err != nil {
		return nil, err
	}
	if found.Total, err = s.total(); err != nil {
		return nil, err
	}
	return found, s.page(found.Items)
}

func (s Conversations) search(env query.Env, filter *model.Filter, sort model.Sort, page model.PageRequest) (*model.Page[*model.Conversation], error) {
	where, err := s.matching(env, filter)
	if err != nil {
		return nil, err
	}
	l := s.listing(where, func(b *query.Builder) (query.Column, error) {
		return query.ConversationSort(b, env, sort)
	})
	l.Search = true
	if !query.AsksSource(filter) && !query.OfSource(sort.Field) {
		l.Counted = `conversations c`
		l.From = l.Counted + s.Dialect().JoinEach(`conversation_sources`, `s`, ofConversation)
	}
	found, err := record.ReadPage(s.Scope, l, sort, page)
	if err != nil {
		return nil, err
	}
	return found, s.page(found.Items)
}

// Matches reports whether a conversation matches the filter.
func (s Conversations) Matches(id model.ConversationID, env query.Env, filter *model.Filter) (bool, error) {
	where, err := s.matching(env, filter)
	if err != nil {
		return false, err
	}
	where.Text(" AND c.id = ", where.Arg(id))
	var n int
	err = s.QueryRow(`SELECT count(*) FROM `+conversationTables+` WHERE `+where.SQL(), where.Args()...).Scan(&n)
	if err != nil {
		return false, fmt.Errorf("store: match conversation: %w", err)
	}
	return n > 0, nil
}

func (s Conversations) matching(env query.Env, filter *model.Filter) (*query.Builder, error) {
	where := &query.Builder{}
	where.Text("c.workspace_id = ", where.Arg(s.Workspace), " AND ", query.ListedConversations, env.Made(where, "c.created_at"), " AND ")
	return where, query.Conversations(where, env, filter)
}

func (s Conversations) listing(where *query.Builder, column func(*query.Builder) (query.Column, error)) record.Listing[*model.Conversation] {
	l := record.Listing[*model.Conversation]{
		Columns: conversationColumns + `, ` + sourceColumns, From: conversationTables, Where: where, ID: "c.id",
		Column: column, Scan: scanConversation,
		Key: keyOfConversation,
	}
	if s.kept.conversations.Keeps() {
		l.Columns, l.Scan = l.ID, scanConversationID
	}
	return l
}
