import assert from 'node:assert/strict';
import { test } from 'node:test';

import { collect, connect, failure, has, now, unique, uniqueEmail, until, within } from './parley.js';

const client = connect();
const { admins } = await client.admins.list();
const [admin, colleague] = admins;
const [team] = (await client.teams.list()).teams;

const user = () => client.contacts.create({ role: 'user', email: uniqueEmail('asks') });

const begin = async (body = 'Hello', contact) => {
  const who = contact ?? (await user());
  const message = await client.conversations.create({ from: { type: who.role, id: who.id }, body });
  return { conversation_id: message.conversation_id, message, contact: who };
};

const find = (conversation_id) => client.conversations.find({ conversation_id });
const reply = (conversation_id, body) => client.conversations.reply({ conversation_id, body });
const manage = (conversation_id, body) =>
  client.conversations.manage({ conversation_id, body: { type: 'admin', admin_id: admin.id, ...body } });

const parts = (conversation) => conversation.conversation_parts.conversation_parts;
const last = (conversation) => parts(conversation).at(-1);

/** shows checks some members of a conversation, and that it is as it is found. */
const shows = async (conversation, want) => {
  has(conversation, want);
  assert.deepEqual(await find(conversation.id), conversation);
};

test('a support case goes from the first message to the close and back', async () => {
  const external_id = unique('ext');
  const email = uniqueEmail('loop');
  const ann = await client.contacts.create({ role: 'user', external_id, email, name: 'Ann Byrne' });
  const { conversation_id, message } = await begin('It is slow & <empty>', ann);
  assert.equal(message.type, 'user_message');
  assert.equal(message.body, 'It is slow & <empty>');

  let c = await find(conversation_id);
  assert.equal(c.source.id, message.id);
  assert.equal(c.source.body, '<p>It is slow &amp; &lt;empty&gt;</p>');
  assert.deepEqual(c.source.author, { type: 'user', id: ann.id, name: 'Ann Byrne', email });
  await shows(c, { state: 'open', open: true, read: false, waiting_since: c.created_at, admin_assignee_id: null });
  const plain = await client.conversations.find({ conversation_id, display_as: 'plaintext' });
  assert.equal(plain.source.body, 'It is slow & <empty>');

  c = await reply(conversation_id, { message_type: 'note', type: 'admin', admin_id: admin.id, body: '<b>Logs?</b>' });
  assert.equal(last(c).part_type, 'note');
  await shows(c, { waiting_since: c.created_at });

  c = await reply(conversation_id, {
    message_type: 'quick_reply', type: 'admin', admin_id: admin.id, body: 'Still slow?',
    reply_options: [{ text: 'Yes', uuid: '22cc4cbd-2c4d-4a4e-9a5f-9b5d4d4d4d01' }, { text: 'No', uuid: '22cc4cbd-2c4d-4a4e-9a5f-9b5d4d4d4d02' }],
  });
  assert.equal(last(c).part_type, 'quick_reply');
  within(c.statistics.time_to_admin_reply, last(c).created_at - c.created_at);
  await shows(c, { waiting_since: null });

  const names = [{ intercom_user_id: ann.id }, { user_id: external_id }, { email }];
  for (const name of names) {
    for (const id of [conversation_id, 'last']) {
      c = await reply(id, { message_type: 'comment', type: 'user', body: 'Yes', ...name });
      assert.equal(c.id, conversation_id);
      assert.equal(last(c).author.id, ann.id);
    }
  }
  await shows(c, { waiting_since: parts(c)[2].created_at });

  c = await manage(conversation_id, { message_type: 'assignment', assignee_id: colleague.id });
  assert.deepEqual(last(c).assigned_to, { type: 'admin', id: colleague.id });
  await shows(c, { admin_assignee_id: Number(colleague.id), team_assignee_id: null });
  c = await manage(conversation_id, { message_type: 'assignment', type: 'team', assignee_id: team.id });
  await shows(c, { admin_assignee_id: Number(colleague.id), team_assignee_id: Number(team.id) });
  c = await manage(conversation_id, { message_type: 'assignment', assignee_id: '0' });
  assert.deepEqual(last(c).assigned_to, { type: 'nobody_admin', id: null });
  await shows(c, { admin_assignee_id: null, team_assignee_id: Number(team.id) });
  assert.equal(c.statistics.count_assignments, 2);

  const wakes = now() + 3600;
  c = await manage(conversation_id, { message_type: 'snoozed', snoozed_until: wakes });
  await shows(c, { state: 'snoozed', open: true, snoozed_until: wakes });
  c = await manage(conversation_id, { message_type: 'open' });
  await shows(c, { state: 'open', snoozed_until: null });
  c = await manage(conversation_id, { message_type: 'close', body: 'Bye' });
  assert.equal(last(c).body, '<p>Bye</p>');
  await shows(c, { state: 'closed', open: false, waiting_since: null });
  assert.equal(c.statistics.last_closed_by_id, admin.id);
  assert.equal(c.statistics.last_close_at, last(c).created_at);

  c = await manage(conversation_id, { message_type: 'assignment', assignee_id: colleague.id });
  assert.equal(last(c).part_type, 'assign_and_reopen');
  await shows(c, { state: 'open', open: true });
  assert.equal(c.statistics.count_reopens, 1);
  assert.equal(c.statistics.count_conversation_parts, parts(c).length);
  assert.deepEqual(parts(c).map((part) => part.part_type), ['note', 'quick_reply', ...Array(6).fill('comment'),
    'assignment', 'assignment', 'assignment', 'snoozed', 'open', 'close', 'assign_and_reopen']);
});

test('a lead writes', async () => {
  const lead = await client.contacts.create({ role: 'lead' });
  const { conversation_id } = await begin('First', lead);
  const c = await reply(conversation_id, { message_type: 'comment', type: 'user', intercom_user_id: lead.id, body: 'Second' });
  assert.equal(c.source.author.type, 'lead');
  assert.equal(last(c).author.type, 'lead');
});

test('a file that is sent can be fetched', async () => {
  const { conversation_id } = await begin();
  const data = Buffer.from('a,b\n1,é\n');
  const c = await reply(conversation_id, {
    message_type: 'comment', type: 'admin', admin_id: admin.id, body: 'The list',
    attachment_files: [{ content_type: 'text/csv', name: 'liste é.csv', data: data.toString('base64') }],
  });
  const [file] = last(c).attachments;
  assert.equal(file.name, 'liste é.csv');
  assert.equal(file.content_type, 'text/csv');
  assert.equal(file.filesize, data.length);
  const fetched = await fetch(file.url);
  assert.equal(fetched.status, 200);
  assert.deepEqual(Buffer.from(await fetched.arrayBuffer()), data);
});

test('a snoozed conversation wakes', async () => {
  const { conversation_id } = await begin();
  const wakes = now() + 2;
  await manage(conversation_id, { message_type: 'snoozed', snoozed_until: wakes });

  const c = await until(() => find(conversation_id), ({ state }) => state === 'open');
  assert.equal(last(c).part_type, 'timer_unsnooze');
  assert.ok(last(c).created_at >= wakes);
});

test('contacts come and go, but the last', async () => {
  const { conversation_id, contact } = await begin();
  const guest = await user();

  const attached = await client.conversations.attachContactAsAdmin({
    conversation_id, admin_id: admin.id, customer: { intercom_user_id: guest.id },
  });
  assert.deepEqual(attached.customers.map(({ id }) => id).sort(), [contact.id, guest.id].sort());
  assert.equal(last(await find(conversation_id)).part_type, 'participant_added');

  const detached = await client.conversations.detachContactAsAdmin({
    conversation_id, contact_id: contact.id, admin_id: admin.id,
  });
  assert.deepEqual(detached.customers, [{ type: 'user', id: guest.id }]);
  await assert.rejects(
    client.conversations.detachContactAsAdmin({ conversation_id, contact_id: guest.id, admin_id: admin.id }),
    failure(422, 'parameter_invalid', /^Removing the last customer is not allowed$/),
  );
});

test('a part and the source are redacted, the part found by its position', async () => {
  const secret = unique('secret').replaceAll('-', ''); // one word
  const { conversation_id, contact } = await begin(`The password is ${secret}`);
  await client.conversations.update({ conversation_id, read: true });
  await reply(conversation_id, { message_type: 'note', type: 'admin', admin_id: admin.id, body: '<b>Bee C</b>' });
  await reply(conversation_id, { message_type: 'comment', type: 'user', intercom_user_id: contact.id, body: `It is ${secret}` });
  const before = await find(conversation_id);
  assert.equal(before.read, false);

  const redacted = await client.conversations.redactConversationPart({
    type: 'conversation_part', conversation_id, conversation_part_id: parts(before)[2].id,
  });
  assert.equal(parts(redacted)[2].body, '<p><i>This message was deleted</i></p>');
  assert.equal(parts(redacted)[2].redacted, true);
  assert.equal(parts(redacted)[1].body, '<p><b>Bee C</b></p>');
  const after = await client.conversations.redactConversationPart({ type: 'source', conversation_id, source_id: before.source.id });
  assert.equal(after.source.redacted, true);
  assert.ok(!JSON.stringify(await find(conversation_id)).includes(secret));
});

test('the assignment rules take it off the admin when there are none', async () => {
  const { conversation_id } = await begin();
  await manage(conversation_id, { message_type: 'assignment', assignee_id: colleague.id });
  const c = await client.conversations.runAssignmentRules({ conversation_id });
  assert.equal(last(c).part_type, 'default_assignment');
  await shows(c, { admin_assignee_id: null });
});

test('a conversation is tagged and untagged', async () => {
  const { conversation_id } = await begin();
  const tag = await client.tags.create({ name: unique('Urgent') });
  const applied = await client.tags.tagConversation({ conversation_id, id: tag.id, admin_id: colleague.id });
  assert.deepEqual(applied.applied_by, { type: 'admin', id: colleague.id });
  assert.deepEqual((await find(conversation_id)).tags.tags, [applied]);

  await client.tags.untagConversation({ conversation_id, tag_id: tag.id, admin_id: admin.id });
  assert.deepEqual((await find(conversation_id)).tags.tags, []);
});

test('a search walks its pages in order', async () => {
  const contact = await user();
  const ids = [];
  for (let i = 0; i < 5; i++) {
    ids.push((await begin(`Question ${i}`, contact)).conversation_id);
  }
  await manage(ids[1], { message_type: 'close' });

  const found = await collect(client.conversations.search({
    query: {
      operator: 'AND',
      value: [
        { field: 'contact_ids', operator: '=', value: contact.id },
        { field: 'state', operator: '=', value: 'open' },
      ],
    },
    pagination: { per_page: 3 },
    sort: { field: 'created_at', order: 'ascending' },
  }));
  assert.deepEqual(found.map(({ id }) => id), ids.filter((id) => id !== ids[1]));
});

test('listing walks every conversation once', async () => {
  const made = [];
  for (let i = 0; i < 3; i++) {
    made.push((await begin()).conversation_id);
  }
  const seen = (await collect(client.conversations.list({ per_page: 100 }))).map(({ id }) => id);
  assert.deepEqual(made.filter((id) => !seen.includes(id)), []);
});

test('what is not there is not found', async () => {
  await assert.rejects(find('999999999'), failure(404, 'not_found', /^Resource Not Found$/));
  await assert.rejects(
    client.conversations.create({ from: { type: 'user', id: '123_doesnt_exist' }, body: 'Hello' }),
    failure(404, 'not_found', /^User Not Found$/),
  );
});
