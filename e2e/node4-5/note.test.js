import assert from 'node:assert/strict';
import { test } from 'node:test';

import { connect, failure, unique, uniqueEmail } from './parley.js';

const client = connect();

test('notes are written, found and listed newest first', async () => {
  const { admins } = await client.admins.list();
  const contact = await client.contacts.createUser({ email: uniqueEmail('noted') });
  const text = unique('Called back');

  const first = await client.notes.create({ contactId: contact.id, adminId: admins[0].id, body: text });
  assert.equal(first.type, 'note');
  assert.equal(first.body, `<p>${text}</p>`);
  assert.equal(first.author.id, admins[0].id);
  assert.equal(first.author.email, admins[0].email);
  assert.equal(first.contact.id, contact.id);
  assert.deepEqual(await client.notes.find({ id: first.id }), first);

  const second = await client.notes.create({ contactId: contact.id, adminId: admins[0].id, body: 'Again' });
  const newest = await client.notes.list({ contactId: contact.id, page: 1, perPage: 1 });
  assert.equal(newest.total_count, 2);
  assert.deepEqual(newest.data.map(({ id }) => id), [second.id]);
  const oldest = await client.nextPage(newest.pages);
  assert.deepEqual(oldest.data.map(({ id }) => id), [first.id]);
  assert.equal(oldest.pages.next, null);
  assert.equal((await client.contacts.find({ id: contact.id })).notes.total_count, 2);
});

test('a note needs a contact that exists', async () => {
  await assert.rejects(
    client.notes.create({ contactId: '0123456789abcdef01234567', adminId: '1', body: 'x' }),
    failure(404, 'not_found', /^User Not Found$/),
  );
});
