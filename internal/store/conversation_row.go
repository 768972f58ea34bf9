package store

import (
	"slices"

	"parley/internal/model"
	"parley/internal/store/record"
)

// The columns of a conversation that change: those that a reply changes, and the others, which most indexes have. SQLite writes to each index of which a
// statement names a column, whether that changes or not: so the others are named only where one of them does.
var (
	conversationColumnsWithReplies = record.Columns(`updated_at read waiting_since attributes searchable first_contact_reply_at first_admin_reply_at
		last_assignment_admin_reply_at last_contact_reply_at last_admin_reply_at time_to_admin_reply median_time_to_reply count_parts unanswered_since`)
	conversationColumnsSeldom = record.Columns(`state priority title snoozed_until admin_assignee_id team_assignee_id rating rating_remark rating_remark_fold
		rating_contact_id rating_admin_id rating_requested_at rating_replied_at first_assignment_at first_close_at last_assignment_at
		last_close_at last_closed_by_id time_to_assignment time_to_first_close time_to_last_close count_reopens count_assignments`)
)

// withReplies are the values of conversationColumnsWithReplies.
func withReplies(c *model.Conversation) []any {
	searchable := map[string]any{}
	record.AddSearchable(searchable, c.Attributes)
	t := &c.Statistics
	return []any{c.UpdatedAt, c.Read, record.Number(c.WaitingSince), record.ToJSON(c.Attributes), record.ToJSON(searchable),
		record.Number(t.FirstContactReplyAt), record.Number(t.FirstAdminReplyAt), record.Number(t.LastAssignmentAdminReplyAt),
		record.Number(t.LastContactReplyAt), record.Number(t.LastAdminReplyAt), record.Optional(t.TimeToAdminReply), record.Optional(t.MedianTimeToReply),
		t.CountParts, record.Number(t.UnansweredSince)}
}

// seldomOfConversation are the values of conversationColumnsSeldom, which can be compared.
func seldomOfConversation(c *model.Conversation) []any {
	var rating model.Rating
	if c.Rating != nil {
		rating = *c.Rating
	}
	t := &c.Statistics
	return []any{c.State, c.Priority, record.Text(c.Title), record.Number(c.SnoozedUntil), record.Number(c.AdminAssignee), record.Number(c.TeamAssignee),
		record.Number(rating.Score), record.Text(rating.Remark), record.Text(model.Fold(rating.Remark)), record.Text(string(rating.Contact)),
		record.Number(rating.Admin), record.Number(rating.RequestedAt), record.Number(rating.RepliedAt),
		record.Number(t.FirstAssignmentAt), record.Number(t.FirstCloseAt), record.Number(t.LastAssignmentAt), record.Number(t.LastCloseAt),
		record.Number(t.LastClosedBy), record.Optional(t.TimeToAssignment), record.Optional(t.TimeToFirstClose), record.Optional(t.TimeToLastClose),
		t.CountReopens, t.CountAssignments}
}

// holdingConversation says how a conversation is that nobody else can write to until the transaction ends.
func (s *scope) holdingConversation(c *model.Conversation) {
	s.heldConversation.Is(c.ID, seldomOfConversation(c))
}

var (
	insertsConversation      = record.Inserts("conversations", slices.Concat([]string{"id", "kind", "created_at"}, conversationColumnsWithReplies, conversationColumnsSeldom)...)
	updatesConversation      = record.Updates("conversations", conversationColumnsWithReplies...)
	updatesAllOfConversation = record.Updates("conversations", slices.Concat(conversationColumnsWithReplies, conversationColumnsSeldom)...)
)
