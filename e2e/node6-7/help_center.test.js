import assert from 'node:assert/strict';
import { test } from 'node:test';

import { collect, connect, failure, has, unique } from './parley.js';

const { helpCenters } = connect();
const { collections } = helpCenters;

test('help centers are listed and found', async () => {
  const page = await helpCenters.list();
  const [first] = page.data;
  assert.match(first.id, /^\d+$/);
  assert.equal(typeof first.website_turned_on, 'boolean');
  assert.deepEqual(await helpCenters.find({ help_center_id: Number(first.id) }), first);

  // The SDK asks for the next page until one is empty, though this list has only one.
  const seen = new Set();
  for await (const { id } of page) {
    assert.ok(!seen.has(id), `${id} is listed twice`);
    seen.add(id);
  }
});

test('a collection is made, changed, iterated and deleted', async () => {
  const made = await collections.create({ name: unique('Basics'), description: 'To begin with' });
  has(made, { type: 'collection', description: 'To begin with' });
  const { id } = made;
  const collection_id = Number(id);

  const name = unique('Basics');
  const changed = await collections.update({ collection_id, name });
  has(changed, { name, description: 'To begin with' });
  assert.deepEqual(await collections.find({ collection_id }), changed);
  const all = await collect(collections.list({ per_page: 10 }));
  assert.deepEqual(all.filter((one) => one.id === id), [changed]);

  assert.deepEqual(await collections.delete({ collection_id }), { id, object: 'collection', deleted: true });
  await assert.rejects(collections.find({ collection_id }), failure(404, 'not_found', /^Resource Not Found$/));
});

test('a collection has a name, and a help center that exists', async () => {
  await assert.rejects(
    collections.create({ description: 'Nameless' }),
    failure(400, 'parameter_not_found', /^Name is a required parameter\.$/),
  );
  await assert.rejects(
    helpCenters.find({ help_center_id: 999999999 }),
    failure(404, 'not_found', /^Resource Not Found$/),
  );
});
