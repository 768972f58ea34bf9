import assert from 'node:assert/strict';
import { test } from 'node:test';

import { collect, connect, failure, unique, uniqueEmail } from './parley.js';

const client = connect();
const [admin] = (await client.admins.list()).admins;
const from = { type: 'admin', id: Number(admin.id) };

const begunBy = ({ id }) =>
  collect(client.conversations.search({ query: { field: 'source.id', operator: '=', value: id } }));

test('a message to a user begins a conversation at once when asked to', async () => {
  const user = await client.contacts.create({ role: 'user', email: uniqueEmail('inapp') });
  const message = await client.messages.create({
    message_type: 'inapp', body: 'Look, a new product!', from, to: { type: 'user', id: user.id },
    create_conversation_without_contact_reply: true,
  });
  assert.equal(message.type, 'admin_message');
  assert.equal(message.message_type, 'inapp');

  const [c] = await begunBy(message);
  assert.equal(c.source.body, '<p>Look, a new product!</p>');
  assert.equal(c.source.delivered_as, 'admin_initiated');
  assert.equal(c.statistics, null);
  assert.deepEqual(c.contacts.contacts.map(({ id }) => id), [user.id]);
});

test('a message waits for the first answer', async () => {
  const user = await client.contacts.create({ role: 'user', email: uniqueEmail('waits') });
  const message = await client.messages.create({ message_type: 'inapp', body: 'Hello', from, to: { type: 'user', id: user.id } });
  assert.deepEqual(await begunBy(message), []);

  const c = await client.conversations.reply({
    conversation_id: 'last', body: { message_type: 'comment', type: 'user', intercom_user_id: user.id, body: 'Hello back' },
  });
  assert.equal(c.source.id, message.id);
  assert.deepEqual((await begunBy(message)).map(({ id }) => id), [c.id]);
});

test('an e-mail has a subject', async () => {
  const user = await client.contacts.create({ role: 'user', email: uniqueEmail('email') });
  const letter = { message_type: 'email', body: 'Hello', template: 'plain', from, to: { type: 'user', id: user.id } };
  const subject = unique('Greetings');
  const message = await client.messages.create({ ...letter, subject, create_conversation_without_contact_reply: true });
  assert.equal(message.subject, subject);
  const [c] = await begunBy(message);
  assert.equal(c.source.type, 'email');
  assert.ok(c.source.subject.includes(subject));

  await assert.rejects(client.messages.create(letter), failure(422, 'parameter_not_found', /^No subject supplied for email message$/));
});
