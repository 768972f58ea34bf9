import assert from 'node:assert/strict';
import { test } from 'node:test';

import { connect, failure, now, unique, uniqueEmail } from './parley.js';

const client = connect();

const listed = async (id) => (await client.tags.list()).data.find((tag) => tag.id === id);

test('a tag is created once per name, whatever its case', async () => {
  const name = unique('Tag');
  const tag = await client.tags.create({ name });
  assert.equal(tag.type, 'tag');
  assert.match(tag.id, /^\d+$/);
  assert.equal(tag.name, name);

  const again = await client.tags.create({ name: name.toUpperCase() });
  assert.equal(again.id, tag.id);
  assert.deepEqual(await listed(tag.id), { type: 'tag', id: tag.id, name });
});

test('a tag is renamed', async () => {
  const tag = await client.tags.create({ name: unique('Before') });
  const name = unique('After');
  const renamed = await client.tags.update({ id: tag.id, name });
  assert.equal(renamed.id, tag.id);
  assert.equal(renamed.name, name);
  assert.equal((await listed(tag.id)).name, name);
});

test('a contact is tagged and untagged', async () => {
  const started = now();
  const contact = await client.contacts.createUser({ email: uniqueEmail('tagged') });
  const tag = await client.tags.create({ name: unique('VIP') });

  const applied = await client.tags.tagContact({ contactId: contact.id, tagId: tag.id });
  assert.equal(applied.id, tag.id);
  assert.equal(applied.name, tag.name);
  assert.ok(applied.applied_at >= started);
  assert.equal(applied.applied_by.type, 'admin');

  const attached = await client.contacts.listAttachedTags({ id: contact.id });
  assert.equal(attached.type, 'list');
  assert.deepEqual(attached.data.map(({ id, name }) => ({ id, name })), [{ id: tag.id, name: tag.name }]);
  const found = await client.contacts.find({ id: contact.id });
  assert.deepEqual(found.tags.data, [{ type: 'tag', id: tag.id, url: `/tags/${tag.id}` }]);

  const removed = await client.tags.untagContact({ contactId: contact.id, tagId: tag.id });
  assert.equal(removed.id, tag.id);
  assert.deepEqual((await client.contacts.listAttachedTags({ id: contact.id })).data, []);
});

test('companies are tagged and untagged by name', async () => {
  const company = await client.companies.create({ companyId: unique('co'), name: unique('Tagged') });
  const tagsOf = async () => (await client.companies.find({ companyId: company.company_id })).tags.tags;
  const tagName = unique('Key account');

  const tag = await client.tags.tagCompanies({ tagName, companiesIds: [company.id] });
  assert.equal(tag.name, tagName);
  assert.deepEqual((await tagsOf()).map(({ id, name }) => ({ id, name })), [{ id: tag.id, name: tagName }]);

  const same = await client.tags.untagCompanies({ tagName, companiesIds: [company.id] });
  assert.equal(same.id, tag.id);
  assert.deepEqual(await tagsOf(), []);
});

test('tagging an unknown company makes nothing', async () => {
  const tagName = unique('Orphan');
  await assert.rejects(
    client.tags.tagCompanies({ tagName, companiesIds: ['0123456789abcdef01234567'] }),
    failure(404, 'company_not_found'),
  );
  assert.ok(!(await client.tags.list()).data.some(({ name }) => name === tagName));
});

test('a deleted tag is gone, from its contacts too', async () => {
  const contact = await client.contacts.createUser({ email: uniqueEmail('untagged') });
  const tag = await client.tags.create({ name: unique('Gone') });
  await client.tags.tagContact({ contactId: contact.id, tagId: tag.id });

  assert.equal(await client.tags.delete({ id: tag.id }), '');
  assert.equal(await listed(tag.id), undefined);
  assert.deepEqual((await client.contacts.listAttachedTags({ id: contact.id })).data, []);
  await assert.rejects(
    client.tags.tagContact({ contactId: contact.id, tagId: tag.id }),
    failure(404, 'not_found', /^Resource Not Found$/),
  );
});
