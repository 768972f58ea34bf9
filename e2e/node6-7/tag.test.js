import assert from 'node:assert/strict';
import { test } from 'node:test';

import { connect, failure, unique, uniqueEmail } from './parley.js';

const client = connect();

test('a tag is created, renamed, found, listed and deleted', async () => {
  const tag = await client.tags.create({ name: unique('Before') });
  const name = unique('After');
  await client.tags.create({ id: tag.id, name });

  assert.deepEqual(await client.tags.find({ tag_id: tag.id }), { type: 'tag', id: tag.id, name });
  const { type, data } = await client.tags.list();
  assert.equal(type, 'list');
  assert.ok(data.some(({ id }) => id === tag.id));

  await client.tags.delete({ tag_id: tag.id });
  await assert.rejects(client.tags.find({ tag_id: tag.id }), failure(404, 'not_found', /^Resource Not Found$/));
});

test('a contact is tagged and untagged', async () => {
  const contact = await client.contacts.create({ email: uniqueEmail('tagged') });
  const tag = await client.tags.create({ name: unique('VIP') });

  const applied = await client.tags.tagContact({ contact_id: contact.id, id: tag.id });
  assert.equal(applied.id, tag.id);
  const attached = await client.contacts.listAttachedTags({ contact_id: contact.id });
  assert.deepEqual(attached.data.map(({ id, name }) => ({ id, name })), [{ id: tag.id, name: tag.name }]);

  const removed = await client.tags.untagContact({ contact_id: contact.id, tag_id: tag.id });
  assert.equal(removed.id, tag.id);
  assert.equal((await client.contacts.find({ contact_id: contact.id })).tags.total_count, 0);
});

test('many contacts are tagged at once, or none', async () => {
  const name = unique('Batch');
  const one = await client.contacts.create({ email: uniqueEmail('one') });
  const two = await client.contacts.create({ email: uniqueEmail('two') });

  const tag = await client.tags.create({ name, users: [{ id: one.id }, { id: two.id }] });
  assert.equal(tag.name, name);
  for (const { id } of [one, two]) {
    assert.deepEqual((await client.contacts.find({ contact_id: id })).tags.data.map((t) => t.id), [tag.id]);
  }

  const other = unique('Batch');
  await assert.rejects(
    client.tags.create({ name: other, users: [{ id: one.id }, { id: '0123456789abcdef01234567' }] }),
    failure(404, 'not_found', /^User Not Found$/),
  );
  assert.equal((await client.contacts.find({ contact_id: one.id })).tags.total_count, 1);
});

test('companies are tagged by company_id and untagged', async () => {
  const company = await client.companies.createOrUpdate({ company_id: unique('co'), name: unique('Tagged') });
  const tags = async () => (await client.companies.find({ company_id: company.id })).tags.tags.map(({ name }) => name);
  const name = unique('Key account');
  const companies = [{ company_id: company.company_id }];

  await client.tags.create({ name, companies });
  assert.deepEqual(await tags(), [name]);
  await client.tags.create({ name, companies: [{ ...companies[0], untag: true }] });
  assert.deepEqual(await tags(), []);
});
