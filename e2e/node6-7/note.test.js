import assert from 'node:assert/strict';
import { test } from 'node:test';

import { collect, connect, failure, unique, uniqueEmail } from './parley.js';

const client = connect();

test('notes are written, found and iterated newest first', async () => {
  const me = await client.admins.identify();
  const contact = await client.contacts.create({ email: uniqueEmail('noted') });
  const text = unique('Called back');

  const written = [];
  for (const body of [text, 'Again', 'And again']) {
    written.push(await client.notes.create({ contact_id: contact.id, admin_id: me.id, body }));
  }
  const [first] = written;
  assert.equal(first.type, 'note');
  assert.equal(first.body, `<p>${text}</p>`);
  assert.equal(first.author.id, me.id);
  assert.equal(first.contact.id, contact.id);
  assert.deepEqual(await client.notes.find({ note_id: first.id }), first);

  const notes = await collect(client.notes.list({ contact_id: contact.id, per_page: 2 }));
  assert.deepEqual(notes.map(({ id }) => id), written.map(({ id }) => id).reverse());
});

test('a note that never was is not found', async () => {
  await assert.rejects(client.notes.find({ note_id: 999999999 }), failure(404, 'not_found', /^Resource Not Found$/));
});
