import assert from 'node:assert/strict';
import { test } from 'node:test';

import { connect, failure, has, now, unique, uniqueEmail } from './parley.js';

const client = connect();

test('a user is created and found as written', async () => {
  const started = now();
  const email = uniqueEmail('user');
  const externalId = unique('ext');
  const attribute = unique('plan');
  await client.dataAttributes.create({ name: attribute, model: 'contact', dataType: 'string' });
  const created = await client.contacts.createUser({
    externalId,
    email,
    phone: '+353871234567',
    name: 'Ann Byrne',
    signedUpAt: 1700000000,
    lastSeenAt: 1700000100,
    isUnsubscribedFromEmails: true,
    customAttributes: { [attribute]: 'gold' },
  });
  const found = await client.contacts.find({ id: created.id });

  for (const contact of [created, found]) {
    assert.match(contact.id, /^[0-9a-f]{24}$/);
    assert.equal(contact.custom_attributes[attribute], 'gold');
    has(contact, {
      type: 'contact', role: 'user', external_id: externalId, email, phone: '+353871234567', name: 'Ann Byrne',
      signed_up_at: 1700000000, last_seen_at: 1700000100, unsubscribed_from_emails: true, owner_id: null, avatar: null,
      tags: { type: 'list', data: [], url: `/contacts/${contact.id}/tags`, total_count: 0, has_more: false },
    });
    assert.ok(contact.created_at >= started && contact.created_at <= now());
  }
});

test('a second user with the same identifiers is refused with the id of the first', async () => {
  const email = uniqueEmail('twice');
  const { id } = await client.contacts.createUser({ email });

  await assert.rejects(
    client.contacts.createUser({ email }),
    failure(409, 'conflict', new RegExp(`id=${id}$`)),
  );
});

test('an update changes what it names and nothing else', async () => {
  const [plan, seats] = [unique('plan'), unique('seats')];
  await client.dataAttributes.create({ name: plan, model: 'contact', dataType: 'string' });
  await client.dataAttributes.create({ name: seats, model: 'contact', dataType: 'integer' });
  const email = uniqueEmail('update');
  const { id } = await client.contacts.createUser({
    email,
    name: 'Before',
    customAttributes: { [plan]: 'gold', [seats]: 3 },
  });

  const updated = await client.contacts.update({ id, name: 'After', customAttributes: { [seats]: 4 } });
  assert.equal(updated.name, 'After');

  const found = await client.contacts.find({ id });
  assert.equal(found.name, 'After');
  assert.equal(found.email, email);
  assert.equal(found.custom_attributes[plan], 'gold');
  assert.equal(found.custom_attributes[seats], 4);
});

test('a lead needs nothing', async () => {
  const { id } = await client.contacts.createLead();
  const lead = await client.contacts.find({ id });
  assert.equal(lead.role, 'lead');
  assert.equal(lead.email, null);
  assert.equal(lead.name, null);
});

test('listing walks every contact once', async () => {
  const made = new Set();
  for (let i = 0; i < 3; i++) {
    made.add((await client.contacts.createUser({ email: uniqueEmail('list') })).id);
  }

  const seen = new Set();
  let startingAfter;
  do {
    const page = await client.contacts.list({ perPage: 2, startingAfter });
    assert.equal(page.type, 'list');
    assert.ok(page.data.length <= 2);
    assert.equal(page.pages.per_page, 2);
    assert.ok(page.total_count >= 3);
    for (const { id } of page.data) {
      assert.ok(!seen.has(id), `${id} is listed twice`);
      seen.add(id);
    }
    startingAfter = page.pages.next?.starting_after;
  } while (startingAfter);
  for (const id of made) {
    assert.ok(seen.has(id), `${id} is not listed`);
  }
});

test('search finds by nested filters, sorted, page by page', async () => {
  const prefix = unique('search');
  const ids = [];
  for (const letter of ['b', 'c', 'a']) {
    const { id } = await client.contacts.createUser({ email: `${prefix}-${letter}@example.test`, name: letter });
    ids.push(id);
  }
  const [b, c, a] = ids;
  await client.contacts.createLead({ email: `${prefix}-lead@example.test`, name: 'd' });

  const search = (startingAfter) =>
    client.contacts.search({
      data: {
        query: {
          operator: 'AND',
          value: [
            { field: 'email', operator: '^', value: prefix },
            {
              operator: 'OR',
              value: [
                { field: 'role', operator: '=', value: 'user' },
                { field: 'name', operator: 'IN', value: ['nobody'] },
              ],
            },
          ],
        },
        pagination: { per_page: 2, starting_after: startingAfter },
        sort: { field: 'name', order: 'ascending' },
      },
    });

  const first = await search();
  assert.deepEqual(first.data.map(({ id }) => id), [a, b]);
  assert.equal(first.total_count, 3);
  assert.equal(first.pages.total_pages, 2);
  assert.equal(first.pages.next.page, 2);

  const second = await search(first.pages.next.starting_after);
  assert.deepEqual(second.data.map(({ id }) => id), [c]);
  assert.equal(second.pages.page, 2);
  assert.ok(!second.pages.next);
});

test('a lead merges into a user, who keeps what both had', async () => {
  const { admins } = await client.admins.list();
  const email = uniqueEmail('into');
  const user = await client.contacts.createUser({ email, name: 'User' });
  const lead = await client.contacts.createLead({ name: 'Lead', phone: '+353879876543' });
  const tag = await client.tags.create({ name: unique('merged') });
  await client.tags.tagContact({ contactId: lead.id, tagId: tag.id });
  const note = await client.notes.create({ contactId: lead.id, adminId: admins[0].id, body: 'From the lead' });

  const merged = await client.contacts.mergeLeadInUser({ leadId: lead.id, userId: user.id });
  assert.equal(merged.id, user.id);
  assert.equal(merged.role, 'user');
  assert.equal(merged.name, 'User');
  assert.equal(merged.email, email);
  assert.equal(merged.phone, '+353879876543');

  const tags = await client.contacts.listAttachedTags({ id: user.id });
  assert.deepEqual(tags.data.map(({ id }) => id), [tag.id]);
  const notes = await client.notes.list({ contactId: user.id });
  assert.deepEqual(notes.data.map(({ id }) => id), [note.id]);
  await assert.rejects(client.contacts.find({ id: lead.id }), failure(404, 'not_found'));
});

test('two users do not merge', async () => {
  const [one, two] = [uniqueEmail('one'), uniqueEmail('two')];
  const from = await client.contacts.createUser({ email: one });
  const into = await client.contacts.createUser({ email: two });

  await assert.rejects(
    client.contacts.mergeLeadInUser({ leadId: from.id, userId: into.id }),
    failure(400, 'invalid_merge'),
  );
  assert.equal((await client.contacts.find({ id: from.id })).email, one);
});

test('an archived contact leaves the searches until it is unarchived', async () => {
  const email = uniqueEmail('archive');
  const { id } = await client.contacts.createUser({ email });
  const matches = async () => {
    const { data } = await client.contacts.search({
      data: { query: { field: 'email', operator: '=', value: email } },
    });
    return data.map((contact) => contact.id);
  };

  const archived = await client.contacts.archive({ id });
  assert.equal(archived.id, id);
  assert.equal(archived.object, 'contact');
  assert.equal(archived.archived, true);
  assert.deepEqual(await matches(), []);
  await assert.rejects(
    client.contacts.createUser({ email }),
    failure(409, 'conflict', new RegExp(`archived.*id=${id}$`)),
  );

  const restored = await client.contacts.unarchive({ id });
  assert.equal(restored.archived, false);
  assert.deepEqual(await matches(), [id]);
});

test('a deleted contact is gone', async () => {
  const { id } = await client.contacts.createUser({ email: uniqueEmail('delete') });

  const deleted = await client.contacts.delete({ id });
  assert.equal(deleted.id, id);
  assert.equal(deleted.object, 'contact');
  assert.equal(deleted.deleted, true);
  await assert.rejects(client.contacts.find({ id }), failure(404, 'not_found', /^User Not Found$/));
});

test('the segments of a contact are listed', async () => {
  const { id } = await client.contacts.createUser({ email: uniqueEmail('segmented') });
  const { type, data } = await client.contacts.listAttachedSegments({ id });
  assert.equal(type, 'list');
  const known = (await client.segments.list({})).segments.map((segment) => segment.id);
  assert.ok(data.every((segment) => known.includes(segment.id)));
});
