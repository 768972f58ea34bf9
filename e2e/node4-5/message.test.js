import assert from 'node:assert/strict';
import { test } from 'node:test';

import { connect, failure, intercom, unique, uniqueEmail } from './parley.js';

const { Operators } = intercom;
const client = connect();
const [admin] = (await client.admins.list()).admins;
const from = { type: 'admin', id: admin.id };

const begunBy = async (message) => {
  const { conversations } = await client.conversations.search({
    data: { query: { field: 'source.id', operator: Operators.EQUALS, value: message.id } },
  });
  return conversations;
};

test('a message to a user begins a conversation at once when asked to', async () => {
  const user = await client.contacts.createUser({ email: uniqueEmail('inapp') });
  const message = await client.messages.create({
    messageType: 'inapp',
    body: 'Hey, look at that, a new product!',
    from,
    to: { type: 'user', id: user.id },
    createConversationWithoutContactReply: true,
  });
  assert.equal(message.type, 'admin_message');
  assert.equal(message.message_type, 'inapp');
  assert.equal(message.body, 'Hey, look at that, a new product!');
  assert.equal(message.owner.id, admin.id);

  const [c] = await begunBy(message);
  assert.equal(c.source.body, '<p>Hey, look at that, a new product!</p>');
  assert.equal(c.source.delivered_as, 'admin_initiated');
  assert.equal(c.source.author.id, admin.id);
  assert.deepEqual(c.contacts.contacts.map(({ id }) => id), [user.id]);
  assert.equal(c.statistics, null);
  assert.equal(c.waiting_since, null);

  const answered = await client.conversations.replyByLastAsUser({ intercomUserId: user.id, body: 'Nice' });
  assert.equal(answered.id, c.id);
  assert.equal(answered.statistics.first_contact_reply_at, answered.waiting_since);
});

test('a message waits for the first answer', async () => {
  const lead = await client.contacts.createLead();
  const message = await client.messages.create({ messageType: 'inapp', body: 'Hello', from, to: { type: 'lead', id: lead.id } });
  assert.deepEqual(await begunBy(message), []);

  const c = await client.conversations.replyByLastAsUser({ intercomUserId: lead.id, body: 'Hello back' });
  assert.equal(c.source.id, message.id);
  assert.equal(c.conversation_parts.conversation_parts[0].body, '<p>Hello back</p>');
  assert.deepEqual((await begunBy(message)).map(({ id }) => id), [c.id]);
});

test('an e-mail has a subject', async () => {
  const user = await client.contacts.createUser({ email: uniqueEmail('email') });
  const letter = { messageType: 'email', body: '<p>Hello <b>there</b></p>', template: 'plain', from, to: { type: 'user', id: user.id } };
  const subject = unique('Greetings');
  const message = await client.messages.create({ ...letter, subject, createConversationWithoutContactReply: true });
  assert.equal(message.message_type, 'email');
  assert.equal(message.subject, subject);

  const [c] = await begunBy(message);
  assert.equal(c.source.type, 'email');
  assert.equal(c.source.body, '<p>Hello <b>there</b></p>');
  assert.ok(c.source.subject.includes(subject));
  await assert.rejects(client.messages.create(letter), failure(422, 'parameter_not_found', /^No subject supplied for email message$/));
});

test('a message has a body and somebody to go to', async () => {
  const { id } = await client.contacts.createUser({ email: uniqueEmail('nothing') });
  await assert.rejects(
    client.messages.create({ messageType: 'inapp', body: '', from, to: { type: 'user', id } }),
    failure(400, 'parameter_invalid', /^Body is required$/),
  );
  await assert.rejects(
    client.messages.create({ messageType: 'inapp', body: 'Hello', from, to: { type: 'user', id: '0123456789abcdef01234567' } }),
    failure(404, 'not_found', /^User Not Found$/),
  );
});
