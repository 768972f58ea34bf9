import assert from 'node:assert/strict';
import { test } from 'node:test';

import { connect, failure, now, unique, uniqueEmail } from './parley.js';

const client = connect();

test('events of a user are tracked, listed newest first and summed up', async () => {
  const userId = unique('ext');
  const email = uniqueEmail('tracked');
  const contact = await client.contacts.createUser({ externalId: userId, email });
  const start = now() - 3600;
  const metadata = {
    invite_code: 'ADDAFRIEND',
    seats: 3,
    order: { url: 'https://shop.example.test/1', value: '1' },
    price: { amount: 3400, currency: 'eur' },
  };

  // The answer to an event has no body.
  assert.equal(await client.events.create({ eventName: 'invited-friend', createdAt: start, userId, metadata }), '');
  await client.events.create({ eventName: 'opened-app', createdAt: start + 60, email });
  await client.events.create({ eventName: 'invited-friend', createdAt: start + 120, id: contact.id });

  for (const who of [{ userId }, { email }, { intercomUserId: contact.id }]) {
    const listed = await client.events.listBy(who);
    assert.equal(listed.type, 'event.list');
    assert.deepEqual(
      listed.events.map((event) => [event.event_name, event.created_at]),
      [
        ['invited-friend', start + 120],
        ['opened-app', start + 60],
        ['invited-friend', start],
      ],
    );
    assert.equal(listed.events[2].intercom_user_id, contact.id);
    assert.equal(listed.events[2].user_id, userId);
    assert.equal(listed.events[2].email, email);
    assert.deepEqual(listed.events[2].metadata, metadata);
  }

  const summary = await client.events.listBy({ userId, summary: true });
  assert.equal(summary.type, 'event.summary');
  assert.equal(summary.user_id, userId);
  assert.equal(summary.intercom_user_id, contact.id);
  assert.equal(summary.email, email);
  const byName = Object.fromEntries(summary.events.map((event) => [event.name, event]));
  assert.deepEqual(Object.keys(byName).sort(), ['invited-friend', 'opened-app']);
  assert.equal(byName['invited-friend'].count, 2);
  assert.equal(Date.parse(byName['invited-friend'].first), start * 1000);
  assert.equal(Date.parse(byName['invited-friend'].last), (start + 120) * 1000);
});

test('nextPage follows the link to older events', async () => {
  const userId = unique('ext');
  await client.contacts.createUser({ externalId: userId });
  const start = now() - 3600;
  for (const second of [0, 1, 2]) {
    await client.events.create({ eventName: 'counted', createdAt: start + second, userId });
  }

  const newest = await client.events.listBy({ userId, perPage: 2 });
  assert.deepEqual(newest.events.map((event) => event.created_at), [start + 2, start + 1]);
  const oldest = await client.nextPage(newest.pages);
  assert.deepEqual(oldest.events.map((event) => event.created_at), [start]);
  assert.ok(!oldest.pages?.next);
});

test('a lead is tracked by id', async () => {
  const lead = await client.contacts.createLead({ name: 'Lead' });
  await client.events.create({ eventName: 'visited-pricing', createdAt: now(), id: lead.id });
  const { events } = await client.events.listBy({ intercomUserId: lead.id });
  assert.deepEqual(events.map((event) => event.event_name), ['visited-pricing']);
});

test('an event needs a contact that exists', async () => {
  await assert.rejects(
    client.events.create({ eventName: 'lost', createdAt: now(), userId: unique('nobody') }),
    failure(404, 'not_found'),
  );
});
