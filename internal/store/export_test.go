package store

import (
	"parley/internal/model"
	"parley/internal/store/keep"
)

// WithoutObjects has a transaction begin as one does while somebody commits: what is kept of contacts and conversations is of no use to it, and pages may be.
func (t *Tx) WithoutObjects() {
	t.Contacts.kept.contacts, t.Conversations.kept.conversations = keep.Reader[model.Contact]{}, keep.Reader[model.Conversation]{}
}
