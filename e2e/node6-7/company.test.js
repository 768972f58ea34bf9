import assert from 'node:assert/strict';
import { test } from 'node:test';

import { collect, connect, failure, has, intercom, unique, uniqueEmail } from './parley.js';

const { Intercom, asBody, updatesCompanies } = intercom;
const client = connect();

// Listings leave out a company that nobody belongs to.
async function peopledCompany() {
  const company = await client.companies.createOrUpdate({ company_id: unique('co'), name: unique('Company') });
  const contact = await client.contacts.create({ email: uniqueEmail('member') });
  await client.companies.attachContact({ contact_id: contact.id, id: company.id });
  return { company, contact };
}

test('a company is created, updated and found as written', async () => {
  const written = {
    company_id: unique('co'), name: 'Before', remote_created_at: 1600000000, monthly_spend: 155,
    website: 'https://acme.example.test',
  };
  const { id } = await client.companies.createOrUpdate({ ...written, plan: 'Pro' });
  const { company_id } = written;
  const more = { name: unique('Acme & Sons'), size: 85, industry: 'Manufacturing' };
  const updated = await client.companies.createOrUpdate({ company_id, ...more });

  const found = await client.companies.find({ company_id: id });
  const byCompanyId = await client.companies.retrieve({ company_id });
  const byName = await client.companies.retrieve({ name: more.name });
  for (const company of [updated, found, byCompanyId, byName]) {
    has(company, { type: 'company', id, ...written, ...more });
    assert.equal(company.plan.name, 'Pro');
  }
});

test('an update goes by the company\'s own id', async () => {
  const company_id = unique('co');
  const { id } = await client.companies.createOrUpdate({ company_id, name: 'Before', size: 10 });
  const updated = await client.companies.update({ company_id: id, ...asBody({ name: 'After' }) });
  assert.equal(updated.company_id, company_id);
  assert.equal(updated.name, updatesCompanies ? 'After' : 'Before');
  assert.equal(updated.size, 10);
});

test('attaching and detaching a contact shows on both sides', async () => {
  const { company, contact } = await peopledCompany();

  const contacts = await client.companies.listAttachedContacts({ company_id: company.id });
  assert.deepEqual(contacts.data.map(({ id }) => id), [contact.id]);
  const companies = await client.contacts.listAttachedCompanies({ contact_id: contact.id, page: 1, per_page: 5 });
  // The SDK's own iterator looks under another key than the API answers with.
  assert.deepEqual(companies.response.data.map(({ id }) => id), [company.id]);
  assert.equal((await client.companies.listAttachedSegments({ company_id: company.id })).type, 'list');

  const detached = await client.companies.detachContact({ contact_id: contact.id, company_id: company.id });
  assert.equal(detached.id, company.id);
  assert.equal((await client.companies.find({ company_id: company.id })).user_count, 0);
  await assert.rejects(
    client.companies.attachContact({ contact_id: contact.id, id: '0123456789abcdef01234567' }),
    failure(404, 'company_not_found', /^Company Not Found$/),
  );
});

test('iterating a list ends at the first empty page', async () => {
  const made = [(await peopledCompany()).company.id, (await peopledCompany()).company.id];
  const empty = await client.companies.createOrUpdate({ company_id: unique('co'), name: unique('Nobody') });

  const ids = (await collect(client.companies.list({ per_page: 1 }))).map(({ id }) => id);
  for (const id of made) {
    assert.ok(ids.includes(id), `${id} is not listed`);
  }
  assert.ok(!ids.includes(empty.id), 'a company without contacts is listed');
});

test('companies of a tag are listed', async () => {
  const { company } = await peopledCompany();
  const tag = await client.tags.create({ name: unique('listed'), companies: [{ company_id: company.company_id }] });
  const listed = await client.companies.retrieve({ tag_id: tag.id });
  assert.equal(listed.type, 'list');
  assert.deepEqual(listed.data.map(({ id }) => id), [company.id]);
});

test('iterating a scroll ends without an error, and can begin again', async () => {
  const { company } = await peopledCompany();
  for (let round = 0; round < 2; round++) {
    const all = await collect(client.companies.scroll());
    assert.equal(all.filter(({ id }) => id === company.id).length, 1);
  }
});

test('a deleted company is gone', async () => {
  const { company } = await peopledCompany();
  const deleted = await client.companies.delete({ company_id: company.id });
  assert.deepEqual([deleted.id, deleted.deleted], [company.id, true]);
  await assert.rejects(client.companies.find({ company_id: company.id }), Intercom.NotFoundError);
});
