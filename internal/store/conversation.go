package store

import (
	"fmt"
	"slices"

	"parley/internal/model"
	"parley/internal/model/words"
	"parley/internal/richtext"
	"parley/internal/store/record"
)

// Conversations are what contacts and teammates write to each other.
type Conversations struct{ *scope }

// The kinds of rows that conversations are. What belongs to a ticket is kept like
// what belongs to a conversation.
const (
	kindConversation = "conversation"
	kindTicket       = "ticket"
)

const conversationColumns = `c.id, c.created_at, c.updated_at, c.state, c.read, c.priority, c.title, c.waiting_since,
	c.snoozed_until, c.admin_assignee_id, c.team_assignee_id,
	c.rating, c.rating_remark, c.rating_contact_id, c.rating_admin_id, c.rating_requested_at, c.rating_replied_at,
	c.attributes, c.first_contact_reply_at, c.first_assignment_at, c.first_admin_reply_at, c.first_close_at,
	c.last_assignment_at, c.last_assignment_admin_reply_at, c.last_contact_reply_at, c.last_admin_reply_at,
	c.last_close_at, c.last_closed_by_id, c.time_to_assignment, c.time_to_admin_reply, c.time_to_first_close,
	c.time_to_last_close, c.median_time_to_reply, c.count_reopens, c.count_assignments, c.count_parts,
	c.unanswered_since`

func conversationDest(c *model.Conversation, rating *model.Rating) []any {
	s := &c.Statistics
	return []any{&c.ID, &c.CreatedAt, &c.UpdatedAt, &c.State, &c.Read, &c.Priority, record.OrEmpty(&c.Title),
		record.OrZero(&c.WaitingSince), record.OrZero(&c.SnoozedUntil), record.OrZero(&c.AdminAssignee), record.OrZero(&c.TeamAssignee),
		record.OrZero(&rating.Score), record.OrEmpty(&rating.Remark), record.OrEmpty((*string)(&rating.Contact)), record.OrZero(&rating.Admin),
		record.OrZero(&rating.RequestedAt), record.OrZero(&rating.RepliedAt), record.AttributesColumn(&c.Attributes),
		record.OrZero(&s.FirstContactReplyAt), record.OrZero(&s.FirstAssignmentAt), record.OrZero(&s.FirstAdminReplyAt), record.OrZero(&s.FirstCloseAt),
		record.OrZero(&s.LastAssignmentAt), record.OrZero(&s.LastAssignmentAdminReplyAt), record.OrZero(&s.LastContactReplyAt),
		record.OrZero(&s.LastAdminReplyAt), record.OrZero(&s.LastCloseAt), record.OrZero(&s.LastClosedBy),
		record.OrAbsent(&s.TimeToAssignment), record.OrAbsent(&s.TimeToAdminReply), record.OrAbsent(&s.TimeToFirstClose),
		record.OrAbsent(&s.TimeToLastClose), record.OrAbsent(&s.MedianTimeToReply),
		&s.CountReopens, &s.CountAssignments, &s.CountParts, record.OrZero(&s.UnansweredSince)}
}

const sourceColumns = `s.id, s.type, s.delivered_as, s.subject, s.body, s.author_type, s.contact_id, s.admin_id, s.url, s.redacted`

func sourceDest(s *model.Source) []any {
	return []any{&s.ID, &s.Type, &s.DeliveredAs, &s.Subject, &s.Body, &s.Author.Type, record.OrEmpty((*string)(&s.Author.Contact)),
		record.OrZero(&s.Author.Admin), record.OrEmpty(&s.URL), &s.Redacted}
}

func scanConversation(row record.Scanner) (*model.Conversation, error) {
	var c model.Conversation
	var rating model.Rating
	err := row.Scan(append(conversationDest(&c, &rating), sourceDest(&c.Source)...)...)
	if rating.RequestedAt != 0 {
		c.Rating = &rating
	}
	return &c, err
}

const (
	conversationTables = `conversations c JOIN conversation_sources s ON ` + ofConversation
	ofConversation     = `s.workspace_id = c.workspace_id AND s.conversation_id = c.id`
)

// NewID gives out an id for a conversation that is about to be inserted.
func (s Conversations) NewID() (model.ConversationID, error) {
	id, err := s.NextIDOfMany("conversation")
	return model.ConversationID(id), err
}

// NewMessageID gives out an id for what begins a conversation.
func (s Conversations) NewMessageID() (model.MessageID, error) {
	id, err := s.NextIDOfMany("message")
	return model.MessageID(id), err
}

// Insert writes a new conversation: its source and who takes part.
func (s Conversations) Insert(c *model.Conversation) error {
	if err := s.insert(c, kindConversation); err != nil {
		return err
	}
	s.current = c
	if err := s.countBegun(1); err != nil {
		return err
	}
	return s.insertSource(c)
}

// insert writes the row of a conversation or ticket, and who takes part.
func (s *scope) insert(c *model.Conversation, kind string) error {
	s.holdingConversation(c)
	err := s.WriteTo("insert "+kind, insertsConversation, slices.Concat([]any{s.Workspace, c.ID, kind, c.CreatedAt}, withReplies(c), seldomOfConversation(c))...)
	if err != nil {
		return err
	}
	for _, p := range c.Contacts {
		if err := s.addContact(c.ID, p.ID); err != nil {
			return err
		}
	}
	return nil
}

func (s Conversations) insertSource(c *model.Conversation) error {
	o := &c.Source
	plain := richtext.Text(o.Body)
	err := s.Write(`INSERT INTO conversation_sources (workspace_id, conversation_id, id, type, delivered_as, subject,
			subject_fold, body, text_fold, author_type, contact_id, admin_id, url, url_fold, redacted)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
		s.Workspace, c.ID, o.ID, o.Type, o.DeliveredAs, o.Subject, model.Fold(o.Subject), o.Body, model.Fold(plain),
		o.Author.Type, record.Text(string(o.Author.Contact)), record.Number(o.Author.Admin), record.Text(o.URL), record.Text(model.Fold(o.URL)), o.Redacted)
	if err != nil {
		return fmt.Errorf("store: insert source: %w", err)
	}
	err = s.Write(`WITH words (word) AS `+s.Dialect().List("$3")+`
		INSERT INTO conversation_words (workspace_id, word, conversation_id) SELECT $1, word, $2 FROM words`,
		s.Workspace, c.ID, record.ToJSON(words.Of(plain)))
	if err != nil {
		return fmt.Errorf("store: insert words: %w", err)
	}
	return nil
}

// Update writes a conversation or ticket back, without its source.
func (s Conversations) Update(c *model.Conversation) error {
	statement, values := updatesConversation, append([]any{s.Workspace, c.ID}, withReplies(c)...)
	if now := seldomOfConversation(c); !s.heldConversation.Becomes(c.ID, now) {
		statement, values = updatesAllOfConversation, append(values, now...)
	}
	return s.WriteTo("update conversation", statement, values...)
}

// Find reads a conversation with all that it shows.
func (s Conversations) Find(id model.ConversationID) (*model.Conversation, error) {
	byID, known := map[model.ConversationID]*model.Conversation{}, people{}
	readings := append(s.shown(byID, known, id), s.partsOf(byID, id, model.MaxParts)...)
	s.Expect(readings...)
	c, err := s.one(id, "")
	if err != nil {
		return nil, err
	}
	byID[id] = c
	if err := s.Take(readings...); err != nil {
		return nil, err
	}
	slices.Reverse(c.Parts)
	return c, s.Read(s.authors(known, authorsOf(c)...)...)
}

// FindForUpdate reads a conversation and holds it until the transaction ends,
// where the database can. Of what belongs to it only its contacts are loaded.
func (s Conversations) FindForUpdate(id model.ConversationID) (*model.Conversation, error) {
	byID := map[model.ConversationID]*model.Conversation{}
	contacts := s.contactsOf(byID, people{}, id)
	s.Expect(contacts)
	c, err := s.held(id)
	if err != nil {
		return nil, err
	}
	byID[id] = c
	return c, s.Take(contacts)
}

// partsWhileHeld is how many parts are read at most while others wait for the conversation or, on SQLite, to write anything.
const partsWhileHeld = 30

// FindToShow is FindForUpdate for who answers with what the conversation shows when the transaction ends: it is loaded as a whole, if it has few parts.
func (s Conversations) FindToShow(id model.ConversationID) (*model.Conversation, error) {
	if here := s.whole.Find(id.String()); here != nil {
		s.current = here.Clone()
		s.holdingConversation(s.current)
		return s.current, nil
	}
	byID, known := map[model.ConversationID]*model.Conversation{}, people{}
	readings := append(s.shown(byID, known, id), s.partsOf(byID, id, partsWhileHeld+1)...)
	s.Expect(readings...)
	c, err := s.held(id)
	if err != nil {
		return nil, err
	}
	byID[id] = c
	if c.Statistics.CountParts > partsWhileHeld {
		return c, s.Take(readings[0]) // its contacts
	}
	if err := s.Take(readings...); err != nil {
		return nil, err
	}
	if len(c.Parts) > partsWhileHeld { // more than were counted
		return c, nil
	}
	slices.Reverse(c.Parts)
	c.Whole, s.current = true, c
	return c, s.Read(s.authors(known, authorsOf(c)...)...)
}

// hold ends a statement that holds what it reads of some tables, where the database can.
func (s *scope) hold(tables string) string {
	if lock := s.Dialect().ForUpdate(); lock != "" {
		return lock + " OF " + tables
	}
	return ""
}

// held reads a conversation and holds it, where the database can.
func (s Conversations) held(id model.ConversationID) (*model.Conversation, error) {
	c, err := s.one(id, s.hold("c"))
	if err == nil {
		s.holdingConversation(c)
	}
	return c, err
}

func (s Conversations) one(id model.ConversationID, lock string) (*model.Conversation, error) {
	c, err := scanConversation(s.QueryRow(`SELECT `+conversationColumns+`, `+sourceColumns+` FROM `+conversationTables+`
		WHERE c.workspace_id = $1 AND c.id = $2 AND c.kind = 'conversation'`+lock, s.Workspace, id))
	return c, record.OrNotFound(err, model.ResourceNotFound())
}

// FindAnyForUpdate is FindForUpdate for a conversation or a ticket. Neither a
// source nor anything else that belongs to it is loaded.
func (s Conversations) FindAnyForUpdate(id model.ConversationID) (*model.Conversation, error) {
	var c model.Conversation
	var rating model.Rating
	err := s.QueryRow(`SELECT `+conversationColumns+` FROM conversations c WHERE c.workspace_id = $1 AND c.id = $2`+
		s.Dialect().ForUpdate(), s.Workspace, id).Scan(conversationDest(&c, &rating)...)
	if rating.RequestedAt != 0 {
		c.Rating = &rating
	}
	s.holdingConversation(&c)
	return &c, record.OrNotFound(err, model.ResourceNotFound())
}

// Latest finds the newest conversation that a contact takes part in.
func (s Conversations) Latest(id model.ContactID) (model.ConversationID, error) {
	var found model.ConversationID
	err := s.QueryRow(`SELECT c.id FROM conversation_contacts p
		JOIN conversations c ON c.workspace_id = p.workspace_id AND c.id = p.conversation_id
		WHERE p.workspace_id = $1 AND p.contact_id = $2 AND c.kind = 'conversation'
		ORDER BY p.conversation_id DESC LIMIT 1`, s.Workspace, id).Scan(&found)
	return found, record.OrNotFound(err, model.ResourceNotFound())
}

// Began reports whether a contact takes part in a conversation that one of these
// bodies began, or was sent a message of one of them.
func (s Conversations) Began(id model.ContactID, bodies ...string) (bool, error) {
	var n int
	err := s.QueryRow(`SELECT count(*) FROM (
		SELECT 1 AS one FROM conversation_contacts p
			JOIN conversation_sources s ON s.workspace_id = p.workspace_id AND s.conversation_id = p.conversation_id
			WHERE p.workspace_id = $1 AND p.contact_id = $2 AND s.body `+s.Dialect().In("$3")+`
		UNION ALL SELECT 1 FROM messages WHERE workspace_id = $1 AND contact_id = $2 AND body `+s.Dialect().In("$3")+`
		) AS known`, s.Workspace, id, record.ToJSON(bodies)).Scan(&n)
	if err != nil {
		return false, fmt.Errorf("store: find conversation by body: %w", err)
	}
	return n > 0, nil
}

// MustExist checks that there is a conversation with that id.
func (s Conversations) MustExist(id model.ConversationID) error {
	var n int
	err := s.QueryRow(`SELECT count(*) FROM conversations WHERE workspace_id = $1 AND id = $2 AND kind = 'conversation'`,
		s.Workspace, id).Scan(&n)
	if err == nil && n == 0 {
		return model.ResourceNotFound()
	}
	return err
}

// Touch says that something about a conversation has changed now.
func (s Conversations) Touch(id model.ConversationID) error {
	err := s.Write(`UPDATE conversations SET updated_at = $3 WHERE workspace_id = $1 AND id = $2 AND updated_at < $3`,
		s.Workspace, id, s.Now())
	if err != nil {
		return fmt.Errorf("store: touch conversation: %w", err)
	}
	return nil
}

// UpdateSource writes a source whose text has been taken out. Its words are
// forgotten.
func (s Conversations) UpdateSource(c *model.Conversation) error {
	var plain string
	err := s.QueryRow(`SELECT text_fold FROM conversation_sources WHERE workspace_id = $1 AND conversation_id = $2`,
		s.Workspace, c.ID).Scan(&plain)
	if err != nil {
		return fmt.Errorf("store: read source: %w", err)
	}
	if err := s.forgetWords(c.ID, plain); err != nil {
		return err
	}
	err = s.Write(`UPDATE conversation_sources SET subject = $3, subject_fold = $4, body = $5, text_fold = '', redacted = $6
		WHERE workspace_id = $1 AND conversation_id = $2`,
		s.Workspace, c.ID, c.Source.Subject, model.Fold(c.Source.Subject), c.Source.Body, c.Source.Redacted)
	if err != nil {
		return fmt.Errorf("store: update source: %w", err)
	}
	return nil
}

func (s Conversations) forgetWords(id model.ConversationID, plain string) error {
	err := s.Write(`DELETE FROM conversation_words WHERE workspace_id = $1 AND conversation_id = $2 AND word `+s.Dialect().In("$3"), s.Workspace, id, record.ToJSON(words.Of(plain)))
	if err != nil {
		return fmt.Errorf("store: forget words: %w", err)
	}
	return nil
}

// AddContact has a contact take part.
func (s Conversations) AddContact(id model.ConversationID, contact model.ContactID) error {
	return s.addContact(id, contact)
}

func (s *scope) addContact(id model.ConversationID, contact model.ContactID) error {
	err := s.Write(`INSERT INTO conversation_contacts (workspace_id, conversation_id, contact_id) VALUES ($1, $2, $3)
		ON CONFLICT DO NOTHING`, s.Workspace, id, contact)
	if err != nil {
		return fmt.Errorf("store: add contact: %w", err)
	}
	return nil
}

// RemoveContact has a contact take part no longer.
func (s Conversations) RemoveContact(id model.ConversationID, contact model.ContactID) error {
	err := s.Write(`DELETE FROM conversation_contacts WHERE workspace_id = $1 AND conversation_id = $2 AND contact_id = $3`,
		s.Workspace, id, contact)
	if err != nil {
		return fmt.Errorf("store: remove contact: %w", err)
	}
	return nil
}

// countBegun keeps how many conversations there are, which a list would take too long
// to count.
func (s Conversations) countBegun(n int64) error {
	return s.Add(record.Tally{Table: "tallies", Key: "name", Column: "total"}, kindConversation, n)
}

const totalOfConversations = `SELECT COALESCE((SELECT CAST(sum(total) AS BIGINT) FROM tallies WHERE workspace_id = $1 AND name = $2), 0)
	+ COALESCE((SELECT CAST(sum(total) AS BIGINT) FROM totals WHERE workspace_id = $1 AND name = 'conversations'), 0)`

// total is how many there are. What was counted before there were tallies, or by a
// server that knows none, is in a table of its own.
func (s Conversations) total() (n int, err error) {
	err = s.QueryRow(totalOfConversations, s.Workspace, kindConversation).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("store: count conversations: %w", err)
	}
	return n, nil
}
