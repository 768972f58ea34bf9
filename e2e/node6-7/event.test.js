import assert from 'node:assert/strict';
import { test } from 'node:test';

import { connect, failure, now, unique, uniqueEmail } from './parley.js';

const client = connect();

test('events of a user are tracked, listed newest first and summed up', async () => {
  const userId = unique('ext');
  const email = uniqueEmail('tracked');
  const contact = await client.contacts.create({ role: 'user', external_id: userId, email });
  const start = now() - 3600;

  await client.events.create({ event_name: 'invited-friend', created_at: start, user_id: userId, metadata: { code: 'X' } });
  await client.events.create({ event_name: 'invited-friend', created_at: start + 120, email });

  const listed = await client.events.list({ type: 'user', intercom_user_id: contact.id, summary: false });
  assert.equal(listed.type, 'event.list');
  assert.deepEqual(listed.events.map((event) => event.created_at), [start + 120, start]);
  assert.deepEqual(listed.events[1].metadata, { code: 'X' });

  const summary = await client.events.list({ type: 'user', user_id: userId, summary: true });
  assert.equal(summary.type, 'event.summary');
  assert.deepEqual(
    summary.events.map(({ name, count }) => ({ name, count })),
    [{ name: 'invited-friend', count: 2 }],
  );
});

test('an event summary is taken in', async () => {
  const userId = unique('ext');
  await client.contacts.create({ external_id: userId });
  const start = now() - 3600;

  await client.events.summaries({
    user_id: userId,
    event_summaries: { event_name: 'updated-plan', count: 7, first: start, last: start + 60 },
  });
  const summary = await client.events.list({ type: 'user', user_id: userId, summary: true });
  assert.deepEqual(summary.events.map(({ name, count }) => ({ name, count })), [{ name: 'updated-plan', count: 7 }]);
});

test('an event needs a contact that exists', async () => {
  await assert.rejects(
    client.events.create({ event_name: 'lost', created_at: now(), email: uniqueEmail('nobody') }),
    failure(404, 'not_found'),
  );
});
