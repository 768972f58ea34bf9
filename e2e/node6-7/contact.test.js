import assert from 'node:assert/strict';
import { test } from 'node:test';

import { collect, connect, failure, has, now, unique, uniqueEmail } from './parley.js';

const client = connect();

test('a user is created and found as written', async () => {
  const started = now();
  const attribute = unique('vip');
  await client.dataAttributes.create({ name: attribute, model: 'contact', data_type: 'boolean' });
  const written = {
    role: 'user', external_id: unique('ext'), email: uniqueEmail('user'), phone: '+353871234567', name: 'Ann Byrne',
    signed_up_at: 1700000000, last_seen_at: 1700000100, unsubscribed_from_emails: true,
  };
  const created = await client.contacts.create({ ...written, custom_attributes: { [attribute]: true } });
  const found = await client.contacts.find({ contact_id: created.id });

  for (const contact of [created, found]) {
    assert.match(contact.id, /^[0-9a-f]{24}$/);
    has(contact, { type: 'contact', ...written, owner_id: null });
    assert.equal(contact.custom_attributes[attribute], true);
    assert.equal(contact.location.type, 'location');
    assert.ok(contact.created_at >= started && contact.created_at <= now());
  }
});

test('an e-mail address alone makes a user', async () => {
  const { role } = await client.contacts.create({ email: uniqueEmail('bare') });
  assert.equal(role, 'user');
});

test('a second user with the same identifiers is refused with the id of the first', async () => {
  const externalId = unique('ext');
  const { id } = await client.contacts.create({ external_id: externalId });

  await assert.rejects(
    client.contacts.create({ external_id: externalId }),
    failure(409, 'conflict', new RegExp(`id=${id}$`)),
  );
});

test('an update changes what it names and clears what it nulls', async () => {
  const { id } = await client.contacts.create({ email: uniqueEmail('update'), name: 'Before', phone: '+353871234567' });

  await client.contacts.update({ contact_id: id, name: 'After', phone: null });
  const found = await client.contacts.find({ contact_id: id });
  assert.equal(found.name, 'After');
  assert.equal(found.phone, null);
});

test('a lead becomes a user, and not the reverse', async () => {
  const email = uniqueEmail('promoted');
  const { id } = await client.contacts.create({ role: 'lead', name: 'Lead' });

  const user = await client.contacts.update({ contact_id: id, role: 'user', email });
  assert.equal(user.role, 'user');
  assert.equal(user.email, email);
  await assert.rejects(client.contacts.update({ contact_id: id, role: 'lead' }), failure(400, 'client_error'));
});

test('iterating a list walks every contact once', async () => {
  const made = [];
  for (let i = 0; i < 3; i++) {
    made.push((await client.contacts.create({ email: uniqueEmail('list') })).id);
  }

  const ids = (await collect(client.contacts.list({ per_page: 2 }))).map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
  for (const id of made) {
    assert.ok(ids.includes(id), `${id} is not listed`);
  }
});

test('iterating a search follows its cursor', async () => {
  const prefix = unique('search');
  const made = [];
  for (let i = 0; i < 5; i++) {
    const role = i < 4 ? 'user' : 'lead';
    made.push((await client.contacts.create({ role, email: `${prefix}-${i}@example.test` })).id);
  }

  const found = await collect(
    client.contacts.search({
      query: {
        operator: 'AND',
        value: [
          { field: 'email', operator: '~', value: prefix },
          { field: 'role', operator: '=', value: 'user' },
        ],
      },
      pagination: { per_page: 2 },
    }),
  );
  assert.deepEqual(found.map(({ id }) => id).sort(), made.slice(0, 4).sort());
});

test('a search may be one filter', async () => {
  const email = uniqueEmail('single');
  const { id } = await client.contacts.create({ email });
  const { data, response } = await client.contacts.search({
    query: { field: 'email', operator: '=', value: email },
  });
  assert.deepEqual(data.map((contact) => contact.id), [id]);
  assert.equal(response.total_count, 1);
});

test('a search by an unknown field is refused', async () => {
  await assert.rejects(
    client.contacts.search({ query: { field: 'shoe_size', operator: '=', value: '42' } }),
    (err) => err.statusCode === 400,
  );
});

test('a lead merges into a user', async () => {
  const email = uniqueEmail('into');
  const user = await client.contacts.create({ role: 'user', email });
  const lead = await client.contacts.create({ role: 'lead', name: 'Lead' });
  const created = now() - 60;
  await client.events.create({ event_name: 'visited-pricing', created_at: created, id: lead.id });
  const company = await client.companies.createOrUpdate({ company_id: unique('co'), name: 'Of the lead' });
  await client.companies.attachContact({ contact_id: lead.id, id: company.id });

  const merged = await client.contacts.mergeLeadInUser({ from: lead.id, into: user.id });
  assert.equal(merged.id, user.id);
  assert.equal(merged.role, 'user');
  assert.equal(merged.email, email);
  assert.equal(merged.name, 'Lead');
  assert.deepEqual(merged.companies.data.map(({ id }) => id), [company.id]);
  const { events } = await client.events.list({ type: 'user', intercom_user_id: user.id });
  assert.deepEqual(events.map((event) => [event.event_name, event.created_at]), [['visited-pricing', created]]);
  await assert.rejects(client.contacts.find({ contact_id: lead.id }), failure(404, 'not_found'));
});

test('a contact is archived, unarchived and deleted', async () => {
  const email = uniqueEmail('archive');
  const { id } = await client.contacts.create({ email });
  const count = async () =>
    (await client.contacts.search({ query: { field: 'email', operator: '=', value: email } })).data.length;

  const archived = await client.contacts.archive({ contact_id: id });
  assert.deepEqual([archived.id, archived.archived], [id, true]);
  assert.equal(await count(), 0);

  const restored = await client.contacts.unarchive({ contact_id: id });
  assert.deepEqual([restored.id, restored.archived], [id, false]);
  assert.equal(await count(), 1);

  const deleted = await client.contacts.delete({ contact_id: id });
  assert.deepEqual([deleted.id, deleted.deleted], [id, true]);
  await assert.rejects(client.contacts.find({ contact_id: id }), failure(404, 'not_found', /^User Not Found$/));
  // Deletion frees the address.
  await client.contacts.create({ email });
});

test('a subscription type is chosen and forgotten', async () => {
  const { data } = await client.subscriptionTypes.list();
  const live = data.find(({ state }) => state === 'live');
  const contact = await client.contacts.create({ email: uniqueEmail('subscribed') });
  const chosen = async () =>
    (await client.contacts.listAttachedSubscriptions({ contact_id: contact.id })).data.map(({ id }) => id);
  const member = live.consent_type === 'opt_in' ? 'opted_in_subscription_types' : 'opted_out_subscription_types';

  const attached = await client.contacts.attachSubscription({
    contact_id: contact.id,
    id: live.id,
    consent_type: live.consent_type,
  });
  assert.equal(attached.id, live.id);
  assert.deepEqual(await chosen(), [live.id]);
  const found = await client.contacts.find({ contact_id: contact.id });
  assert.deepEqual(found[member].data.map(({ id }) => id), [live.id]);

  const detached = await client.contacts.detachSubscription({ contact_id: contact.id, subscription_id: live.id });
  assert.equal(detached.id, live.id);
  assert.deepEqual(await chosen(), []);
});

test('the segments of a contact are listed', async () => {
  const { id } = await client.contacts.create({ email: uniqueEmail('segmented') });
  const { type, data } = await client.contacts.listAttachedSegments({ contact_id: id });
  assert.equal(type, 'list');
  const known = (await client.segments.list()).segments.map((segment) => segment.id);
  for (const segment of data) {
    assert.ok(known.includes(segment.id));
  }
});
