import assert from 'node:assert/strict';
import { test } from 'node:test';

import { connect, failure, has, intercom, now, unique, uniqueEmail, until, within } from './parley.js';

const {
  AssignToConversationUserType,
  Operators,
  RedactConversationPartType,
  ReplyToConversationMessageType,
  SearchConversationOrderBy,
  SortBy,
} = intercom;

const client = connect();
const { admins } = await client.admins.list();
const [admin, colleague] = admins;
const [team] = (await client.teams.list()).teams;

const { COMMENT, NOTE } = ReplyToConversationMessageType;

const begin = async (body = 'Hello', contact) => {
  const who = contact ?? (await client.contacts.createUser({ email: uniqueEmail('asks') }));
  const message = await client.conversations.create({ userId: who.id, type: who.role, body });
  return { id: message.conversation_id, message, contact: who };
};

const parts = (conversation) => conversation.conversation_parts.conversation_parts;
const last = (conversation) => parts(conversation).at(-1);

/** shows checks some members of a conversation, and that it is as it is found. */
const shows = async (conversation, want) => {
  has(conversation, want);
  assert.deepEqual(await client.conversations.find({ id: conversation.id }), conversation);
};

test('a support case goes from the first message to the close and back', async () => {
  const started = now();
  const externalId = unique('ext');
  const email = uniqueEmail('loop');
  const user = await client.contacts.createUser({ externalId, email, name: 'Ann Byrne' });
  const { id, message } = await begin('The calendar is <empty> & slow\n\nsince monday', user);
  assert.equal(message.type, 'user_message');
  assert.equal(message.body, 'The calendar is <empty> & slow\n\nsince monday');

  let c = await client.conversations.find({ id });
  assert.equal(c.source.id, message.id);
  assert.equal(c.source.body, '<p>The calendar is &lt;empty&gt; &amp; slow</p>\n<p>since monday</p>');
  assert.deepEqual(c.source.author, { type: 'user', id: user.id, name: 'Ann Byrne', email });
  assert.deepEqual(c.contacts.contacts.map((contact) => contact.id), [user.id]);
  assert.equal(c.statistics.first_contact_reply_at, c.created_at);
  assert.equal(c.statistics.count_conversation_parts, 0);
  assert.ok(c.created_at >= started && c.created_at <= now());
  await shows(c, { state: 'open', open: true, read: false, waiting_since: c.created_at, snoozed_until: null, teammates: null });
  const plain = await client.conversations.find({ id, inPlainText: true });
  assert.equal(plain.source.body, 'The calendar is <empty> & slow\n\nsince monday');

  c = await client.conversations.replyByIdAsAdmin({ id, adminId: admin.id, messageType: NOTE, body: '<b>Check the logs</b>' });
  assert.equal(last(c).part_type, 'note');
  assert.equal(last(c).body, '<p><b>Check the logs</b></p>');
  await shows(c, { waiting_since: c.created_at });
  assert.equal(c.statistics.last_admin_reply_at, null);

  c = await client.conversations.replyByIdAsAdmin({ id, adminId: admin.id, messageType: COMMENT, body: 'Looking' });
  assert.equal(last(c).part_type, 'comment');
  assert.equal(last(c).author.id, admin.id);
  assert.equal(c.statistics.first_admin_reply_at, last(c).created_at);
  within(c.statistics.time_to_admin_reply, last(c).created_at - c.created_at);
  assert.deepEqual(c.teammates.admins.map((a) => a.id), [admin.id]);
  await shows(c, { waiting_since: null, read: false });

  const names = [{ intercomUserId: user.id }, { userId: externalId }, { email }];
  for (const name of names) {
    c = await client.conversations.replyByIdAsUser({ id, body: 'Thanks', ...name });
    assert.equal(last(c).author.id, user.id);
    assert.equal(last(c).author.type, 'user');
  }
  for (const name of names) {
    c = await client.conversations.replyByLastAsUser({ body: 'And?', ...name });
    assert.equal(c.id, id);
    assert.equal(last(c).body, '<p>And?</p>');
  }
  await shows(c, { waiting_since: parts(c)[2].created_at });
  assert.equal(c.statistics.count_conversation_parts, 8);
  assert.equal(c.statistics.last_contact_reply_at, last(c).created_at);

  c = await client.conversations.assign({ id, adminId: admin.id, assigneeId: colleague.id, type: AssignToConversationUserType.ADMIN });
  assert.deepEqual(last(c).assigned_to, { type: 'admin', id: colleague.id });
  await shows(c, { admin_assignee_id: Number(colleague.id), team_assignee_id: null });
  assert.equal(c.statistics.count_assignments, 1);
  assert.equal(c.statistics.last_assignment_at, last(c).created_at);
  assert.equal(c.statistics.last_assignment_admin_reply_at, null);

  c = await client.conversations.assign({
    id, adminId: admin.id, assigneeId: team.id, type: AssignToConversationUserType.TEAM, body: 'Yours',
  });
  assert.deepEqual(last(c).assigned_to, { type: 'team', id: team.id });
  assert.equal(last(c).body, '<p>Yours</p>');
  await shows(c, { admin_assignee_id: Number(colleague.id), team_assignee_id: Number(team.id), waiting_since: null });
  assert.equal(c.statistics.count_assignments, 2);

  c = await client.conversations.assign({ id, adminId: admin.id, assigneeId: '0', type: AssignToConversationUserType.ADMIN });
  assert.deepEqual(last(c).assigned_to, { type: 'nobody_admin', id: null });
  await shows(c, { admin_assignee_id: null, team_assignee_id: Number(team.id) });
  assert.equal(c.statistics.count_assignments, 2);

  const wakes = now() + 3600;
  c = await client.conversations.snooze({ id, adminId: admin.id, snoozedUntil: String(wakes) });
  assert.equal(last(c).part_type, 'snoozed');
  await shows(c, { state: 'snoozed', open: true, snoozed_until: wakes });

  c = await client.conversations.open({ id, adminId: admin.id });
  assert.equal(last(c).part_type, 'open');
  await shows(c, { state: 'open', snoozed_until: null });
  assert.equal(c.statistics.count_reopens, 0);

  c = await client.conversations.close({ id, adminId: colleague.id, body: 'Bye' });
  assert.equal(last(c).part_type, 'close');
  assert.equal(last(c).body, '<p>Bye</p>');
  await shows(c, { state: 'closed', open: false });
  assert.equal(c.statistics.last_close_at, last(c).created_at);
  assert.equal(c.statistics.last_closed_by_id, colleague.id);
  within(c.statistics.time_to_first_close, last(c).created_at - c.created_at);

  c = await client.conversations.replyByIdAsUser({ id, intercomUserId: user.id, body: 'One more thing' });
  assert.equal(last(c).part_type, 'open');
  assert.equal(last(c).body, '<p>One more thing</p>');
  await shows(c, { state: 'open', open: true, waiting_since: last(c).created_at });
  assert.equal(c.statistics.count_reopens, 1);
  assert.deepEqual(parts(c).map((part) => part.part_type), ['note', 'comment', ...Array(6).fill('comment'),
    'assignment', 'assignment', 'assignment', 'snoozed', 'open', 'close', 'open']);
  assert.equal(c.statistics.count_conversation_parts, parts(c).length);
  assert.equal(c.conversation_parts.total_count, parts(c).length);
});

test('a lead writes, and answers by its newest conversation', async () => {
  const lead = await client.contacts.createLead({ name: 'Lead' });
  const { message } = await begin('First', lead);
  const { id } = await begin('Second', lead);
  assert.notEqual(message.conversation_id, id);

  const c = await client.conversations.replyByLastAsUser({ intercomUserId: lead.id, body: 'Third' });
  assert.equal(c.id, id);
  assert.equal(c.source.author.type, 'lead');
  assert.equal(last(c).author.type, 'lead');
});

test('an admin cannot answer the last one of nobody', async () => {
  await assert.rejects(
    client.conversations.replyByLastAsAdmin({ adminId: admin.id, messageType: NOTE, body: 'Whose?' }),
    failure(404, 'not_found', /^User Not Found$/),
  );
});

test('a file by URL and nothing else is a message', async () => {
  const { id, contact } = await begin();
  const url = 'https://files.example.test/receipt.pdf';
  const c = await client.conversations.replyByIdAsUser({ id, intercomUserId: contact.id, attachmentUrls: [url] });
  assert.equal(last(c).body, null);
  assert.deepEqual(last(c).attachments.map((file) => file.name), ['receipt.pdf']);
  await assert.rejects(
    client.conversations.replyByIdAsUser({ id, intercomUserId: contact.id, body: ' \n ' }),
    failure(400, 'parameter_invalid', /^Body is required$/),
  );
});

test('a snoozed conversation wakes', async () => {
  const { id } = await begin();
  const wakes = now() + 2;
  await client.conversations.snooze({ id, adminId: admin.id, snoozedUntil: String(wakes) });

  const c = await until(() => client.conversations.find({ id }), ({ state }) => state === 'open');
  assert.equal(last(c).part_type, 'timer_unsnooze');
  assert.equal(last(c).author.type, 'bot');
  assert.ok(last(c).created_at >= wakes);
  await shows(c, { open: true, snoozed_until: null });
});

test('contacts come and go, but the last', async () => {
  const { id, contact } = await begin();
  const [second, third] = [await client.contacts.createUser({ email: uniqueEmail('second') }), await client.contacts.createLead()];
  const email = uniqueEmail('guest');

  let { customers } = await client.conversations.attachContactAsAdmin({
    id, adminId: admin.id, customer: { intercomUserId: second.id },
  });
  assert.deepEqual(customers.map((c) => c.id).sort(), [contact.id, second.id].sort());
  ({ customers } = await client.conversations.attachContactAsContact({
    id, intercomUserId: second.id, customer: { intercomUserId: third.id },
  }));
  assert.deepEqual(customers.find((c) => c.id === third.id), { type: 'lead', id: third.id });
  ({ customers } = await client.conversations.attachContactAsAdmin({ id, adminId: admin.id, customer: { email } }));
  assert.equal(customers.length, 4);

  const c = await client.conversations.find({ id });
  assert.deepEqual(parts(c).map((part) => [part.part_type, part.author.id]), [
    ['participant_added', admin.id], ['participant_added', second.id], ['participant_added', admin.id],
  ]);
  const known = [contact.id, second.id, third.id];
  const guest = c.contacts.contacts.find((who) => !known.includes(who.id));
  assert.equal((await client.contacts.find({ id: guest.id })).email, email);

  for (const contactId of [guest.id, third.id, contact.id]) {
    ({ customers } = await client.conversations.detachContactAsAdmin({ conversationId: id, contactId, adminId: admin.id }));
    assert.ok(!customers.some((who) => who.id === contactId));
  }
  assert.equal(last(await client.conversations.find({ id })).part_type, 'participant_removed');
  await assert.rejects(
    client.conversations.detachContactAsAdmin({ conversationId: id, contactId: contact.id, adminId: admin.id }),
    failure(404, 'not_found', /^User Not Found$/),
  );
  await assert.rejects(
    client.conversations.detachContactAsAdmin({ conversationId: id, contactId: second.id, adminId: admin.id }),
    failure(422, 'parameter_invalid', /^Removing the last customer is not allowed$/),
  );
});

test('a part and the source are redacted, the part found by its position', async () => {
  const secret = unique('secret').replaceAll('-', ''); // one word
  const { id, contact } = await begin(`The password is ${secret}`);
  const guest = await client.contacts.createLead();

  await client.conversations.update({ id, markRead: true });
  await client.conversations.replyByIdAsAdmin({ id, adminId: admin.id, messageType: NOTE, body: '<b>Bee C</b>' });
  await client.conversations.replyByIdAsUser({ id, intercomUserId: contact.id, body: `It is ${secret}` });
  await client.conversations.assign({ id, adminId: admin.id, assigneeId: colleague.id, type: AssignToConversationUserType.ADMIN });
  await client.conversations.snooze({ id, adminId: admin.id, snoozedUntil: String(now() + 3600) });
  await client.conversations.open({ id, adminId: admin.id });
  await client.conversations.attachContactAsAdmin({ id, adminId: admin.id, customer: { intercomUserId: guest.id } });
  await client.conversations.detachContactAsAdmin({ conversationId: id, contactId: guest.id, adminId: admin.id });

  const before = await client.conversations.find({ id });
  assert.deepEqual(parts(before).map((part) => part.part_type), ['conversation_attribute_updated_by_admin', 'note', 'comment',
    'assignment', 'snoozed', 'open', 'participant_added', 'participant_removed']);
  assert.deepEqual(await found('source.body', secret), [id]);

  const redacted = await client.conversations.redactConversationPart({
    type: RedactConversationPartType.CONVERSATION_PART, conversationId: id, conversationPartId: parts(before)[2].id,
  });
  assert.deepEqual(parts(redacted)[2], {
    ...parts(before)[2], body: '<p><i>This message was deleted</i></p>', redacted: true, updated_at: parts(redacted)[2].updated_at,
  });
  const after = await client.conversations.redactConversationPart({
    type: RedactConversationPartType.SOURCE, conversationId: id, sourceId: before.source.id,
  });
  assert.equal(after.source.redacted, true);
  assert.equal(after.source.body, '<p><i>This message was deleted</i></p>');
  assert.equal(after.conversation_parts.total_count, before.conversation_parts.total_count);
  assert.ok(!JSON.stringify(await client.conversations.find({ id })).includes(secret));
  assert.deepEqual(await found('source.body', secret), []);

  await assert.rejects(
    client.conversations.redactConversationPart({
      type: RedactConversationPartType.CONVERSATION_PART, conversationId: id, conversationPartId: parts(before)[0].id,
    }),
    (err) => err.statusCode >= 400 && err.statusCode < 500, // it has no text
  );
  await assert.rejects(
    client.conversations.redactConversationPart({
      type: RedactConversationPartType.CONVERSATION_PART, conversationId: id, conversationPartId: '999999999',
    }),
    failure(404, 'conversation_part_or_message_not_found'),
  );
});

test('a conversation is marked as read and as unread', async () => {
  const { id } = await begin();
  assert.equal((await client.conversations.update({ id, markRead: true })).read, true);
  const unread = await client.conversations.update({ id, markRead: false });
  await shows(unread, { read: false, state: 'open' });
  assert.equal(parts(unread).length, 2);
});

test('the assignment rules take it off the admin when there are none', async () => {
  const { id } = await begin();
  await client.conversations.assign({ id, adminId: admin.id, assigneeId: colleague.id, type: AssignToConversationUserType.ADMIN });
  const c = await client.conversations.assign({ id, withRunningAssignmentRules: true });
  assert.equal(last(c).part_type, 'default_assignment');
  assert.deepEqual(last(c).assigned_to, { type: 'nobody_admin', id: null });
  await shows(c, { admin_assignee_id: null });
});

test('a conversation is tagged and untagged', async () => {
  const { id } = await begin();
  const tag = await client.tags.create({ name: unique('Urgent') });

  const applied = await client.tags.tagConversation({ conversationId: id, tagId: tag.id, adminId: colleague.id });
  assert.equal(applied.name, tag.name);
  assert.deepEqual(applied.applied_by, { type: 'admin', id: colleague.id });
  assert.deepEqual((await client.conversations.find({ id })).tags.tags, [applied]);
  assert.deepEqual(await found('tag_ids', tag.id), [id]);

  assert.equal((await client.tags.untagConversation({ conversationId: id, tagId: tag.id, adminId: admin.id })).id, tag.id);
  assert.deepEqual((await client.conversations.find({ id })).tags.tags, []);
  await assert.rejects(
    client.tags.untagConversation({ conversationId: id, tagId: '999999999', adminId: admin.id }),
    failure(404, 'tag_not_found', /^Tag not found$/),
  );
});

test('a search walks its pages in order', async () => {
  const contact = await client.contacts.createUser({ email: uniqueEmail('search') });
  const ids = [];
  for (let i = 0; i < 5; i++) {
    ids.push((await begin(`Question ${i}`, contact)).id);
  }
  await client.conversations.close({ id: ids[1], adminId: admin.id });

  const seen = [];
  let cursor;
  do {
    const page = await client.conversations.search({
      data: {
        query: {
          operator: Operators.AND,
          value: [
            { field: 'contact_ids', operator: Operators.EQUALS, value: contact.id },
            { field: 'open', operator: Operators.EQUALS, value: true },
          ],
        },
        pagination: { per_page: 3, starting_after: cursor },
        sort: { field: SortBy.CreatedAt, order: SearchConversationOrderBy.ASC },
      },
    });
    assert.equal(page.type, 'conversation.list');
    assert.equal(page.total_count, 4);
    assert.equal(page.pages.total_pages, 2);
    assert.ok(page.conversations.every((c) => c.conversation_parts === undefined));
    seen.push(...page.conversations.map((c) => c.id));
    cursor = page.pages.next?.starting_after;
  } while (cursor);
  assert.deepEqual(seen, ids.filter((id) => id !== ids[1]));
});

test('listing walks every conversation once, the last updated first', async () => {
  const made = [];
  for (let i = 0; i < 3; i++) {
    made.push((await begin()).id);
  }

  const seen = new Set();
  let startingAfter;
  do {
    const page = await client.conversations.list({ perPage: 100, startingAfter });
    const times = page.conversations.map((c) => c.updated_at);
    assert.deepEqual(times, times.toSorted((a, b) => b - a));
    for (const { id } of page.conversations) {
      assert.ok(!seen.has(id) || !made.includes(id), `${id} is listed twice`);
      seen.add(id);
    }
    startingAfter = page.pages.next?.starting_after;
  } while (startingAfter);
  assert.deepEqual(made.filter((id) => !seen.has(id)), []);
});

test('what is not there is not found', async () => {
  await assert.rejects(client.conversations.find({ id: '999999999' }), failure(404, 'not_found', /^Resource Not Found$/));
  await assert.rejects(
    client.conversations.create({ userId: '123_doesnt_exist', body: 'Hello' }),
    failure(404, 'not_found', /^User Not Found$/),
  );
});

async function found(field, value) {
  const { conversations } = await client.conversations.search({
    data: { query: { field, operator: Operators.EQUALS, value } },
  });
  return conversations.map((c) => c.id);
}
