import assert from 'node:assert/strict';
import { test } from 'node:test';

import { connect, failure, has, unique, walk } from './parley.js';

const client = connect();
const { collections, sections } = client.helpCenter;

const missing = failure(404, 'not_found', /^Resource Not Found$/);
const listed = async (group, id) => (await walk(client, await group.list({ page: 1, perPage: 50 }))).find((one) => one.id === id);

test('a collection is made, changed, found, listed and deleted', async () => {
  const name = unique('Basics');
  const made = await collections.create({ name });
  assert.match(made.id, /^\d+$/);
  has(made, { type: 'collection', name, description: '', icon: 'book-bookmark' });
  assert.ok(Number.isInteger(made.order));
  assert.ok(Number.isInteger(made.help_center_id));
  assert.match(made.url, /^https?:/);
  assert.deepEqual(await collections.find({ id: made.id }), made);

  const want = { name: unique('Basics'), description: 'To begin with' };
  const changed = await collections.update({ id: made.id, ...want });
  has(changed, want);
  assert.deepEqual(await collections.find({ id: made.id }), changed);
  assert.deepEqual(await listed(collections, made.id), changed);

  assert.deepEqual(await collections.delete({ id: made.id }), { id: made.id, object: 'collection', deleted: true });
  assert.equal(await listed(collections, made.id), undefined);
  await assert.rejects(collections.find({ id: made.id }), missing);
});

test('a section belongs to a collection', async () => {
  const first = await collections.create({ name: unique('First') });
  const second = await collections.create({ name: unique('Second') });
  const name = unique('Booking');
  const made = await sections.create({ name, parentId: Number(first.id) });
  has(made, { type: 'section', name, parent_id: first.id }); // a text here, a number where it is read
  assert.equal((await sections.find({ id: made.id })).parent_id, Number(first.id));

  const moved = await sections.update({ id: made.id, name: unique('Booking'), parentId: Number(second.id) });
  assert.equal(moved.parent_id, second.id);
  const found = await sections.find({ id: made.id });
  assert.deepEqual(found, { ...moved, parent_id: Number(second.id) });
  assert.deepEqual(await listed(sections, made.id), found);

  assert.deepEqual(await sections.delete({ id: made.id }), { id: made.id, object: 'section', deleted: true });
  assert.equal(await listed(sections, made.id), undefined);
});

test('both have names', async () => {
  await assert.rejects(
    collections.create({ description: 'Nameless' }),
    failure(400, 'parameter_not_found', /^Name is a required parameter\.$/),
  );
  const { id } = await collections.create({ name: unique('Parent') });
  await assert.rejects(sections.create({ parentId: Number(id) }), (err) => err.statusCode === 400);
});

test('what never was is not found', async () => {
  const id = '999999999';
  for (const group of [collections, sections]) {
    await assert.rejects(group.find({ id }), missing);
    await assert.rejects(group.update({ id, name: 'Nothing' }), missing);
    await assert.rejects(group.delete({ id }), missing);
  }
});
