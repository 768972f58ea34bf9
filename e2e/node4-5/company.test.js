import assert from 'node:assert/strict';
import { test } from 'node:test';

import { connect, failure, has, unique, uniqueEmail, walk } from './parley.js';

const client = connect();

// Listings leave out a company that nobody belongs to.
async function peopledCompany() {
  const company = await client.companies.create({ companyId: unique('co'), name: unique('Company') });
  const contact = await client.contacts.createUser({ email: uniqueEmail('member') });
  await client.companies.attachContact({ contactId: contact.id, companyId: company.id });
  return { company, contact };
}

test('a company is created and found as written', async () => {
  const companyId = unique('co');
  const name = unique('Acme & Sons');
  const attribute = unique('tier');
  await client.dataAttributes.create({ name: attribute, model: 'company', dataType: 'integer' });
  const created = await client.companies.create({
    companyId,
    name,
    createdAt: 1600000000,
    monthlySpend: 155.98,
    plan: 'Pro',
    size: 85,
    website: 'https://acme.example.test',
    industry: 'Manufacturing',
    customAttributes: { [attribute]: 2 },
  });
  const byCompanyId = await client.companies.find({ companyId });
  const byName = await client.companies.find({ name });

  for (const company of [created, byCompanyId, byName]) {
    assert.match(company.id, /^[0-9a-f]{24}$/);
    has(company, {
      type: 'company', id: created.id, company_id: companyId, name, remote_created_at: 1600000000, monthly_spend: 155,
      size: 85, website: 'https://acme.example.test', industry: 'Manufacturing', user_count: 0,
    });
    assert.equal(company.plan.name, 'Pro');
    assert.equal(company.custom_attributes[attribute], 2);
  }
});

test('creating a known company_id updates it', async () => {
  const companyId = unique('co');
  const first = await client.companies.create({ companyId, name: 'Before', size: 10 });
  const second = await client.companies.create({ companyId, name: 'After' });
  assert.equal(second.id, first.id);
  assert.equal(second.name, 'After');
  assert.equal(second.size, 10);
});

test('an update goes by Parley\'s own id and keeps company_id', async () => {
  const companyId = unique('co');
  const { id } = await client.companies.create({ companyId, name: 'Before' });

  const updated = await client.companies.update({ companyId: id, name: 'After', website: 'https://after.example.test' });
  assert.equal(updated.id, id);
  const found = await client.companies.find({ companyId });
  assert.equal(found.name, 'After');
  assert.equal(found.website, 'https://after.example.test');
});

test('attaching and detaching a contact shows on both sides', async () => {
  const company = await client.companies.create({ companyId: unique('co'), name: unique('Attach') });
  const contact = await client.contacts.createUser({ email: uniqueEmail('attach') });
  const pair = { contactId: contact.id, companyId: company.id };

  const attached = await client.companies.attachContact(pair);
  assert.equal(attached.id, company.id);
  assert.equal(attached.user_count, 1);
  const again = await client.companies.attachContact(pair);
  assert.equal(again.user_count, 1);

  const contacts = await client.companies.listAttachedContacts({ companyId: company.id, page: 1, perPage: 5 });
  assert.deepEqual(contacts.data.map(({ id }) => id), [contact.id]);
  const companies = await client.contacts.listAttachedCompanies({ id: contact.id, page: 1, perPage: 5 });
  assert.deepEqual(companies.data.map(({ id }) => id), [company.id]);
  const segments = await client.companies.listAttachedSegments({ companyId: company.id });
  assert.equal(segments.type, 'list');
  assert.ok(Array.isArray(segments.data));
  const found = await client.contacts.find({ id: contact.id });
  assert.equal(found.companies.total_count, 1);
  assert.deepEqual(found.companies.data.map(({ id, url }) => ({ id, url })), [
    { id: company.id, url: `/companies/${company.id}` },
  ]);

  const detached = await client.companies.detachContact(pair);
  assert.equal(detached.id, company.id);
  const left = await client.contacts.listAttachedCompanies({ id: contact.id });
  assert.deepEqual(left.data, []);
});

test('companies of a tag are listed, and nextPage follows the link', async () => {
  const made = [(await peopledCompany()).company.id, (await peopledCompany()).company.id];
  const tag = await client.tags.tagCompanies({ tagName: unique('listed'), companiesIds: made });

  const first = await client.companies.list({ tagId: tag.id, perPage: 1 });
  assert.equal(first.type, 'list');
  assert.equal(first.total_count, 2);
  assert.equal(first.data.length, 1);
  const second = await client.nextPage(first.pages);
  assert.equal(second.data.length, 1);
  assert.equal(second.pages.next, null);
  assert.deepEqual([first.data[0].id, second.data[0].id].sort(), made.toSorted());
});

test('companies are listed without a filter', async () => {
  const { company } = await peopledCompany();
  const seen = await walk(client, await client.companies.list({ page: 1, perPage: 50, order: 'desc' }));
  assert.ok(seen.some(({ id }) => id === company.id));
});

test('scroll brings every company, and can begin again', async () => {
  const { company } = await peopledCompany();
  for (let round = 0; round < 2; round++) {
    const all = await client.companies.scroll.each({});
    assert.equal(all.filter(({ id }) => id === company.id).length, 1);
  }

  const walked = [];
  let page = await client.companies.scroll.next({});
  while (page.data.length > 0) {
    walked.push(...page.data);
    page = await client.companies.scroll.next({ scrollParam: page.scroll_param });
  }
  assert.equal(walked.filter(({ id }) => id === company.id).length, 1);
});

test('a deleted company is gone and its contacts stay', async () => {
  const { company, contact } = await peopledCompany();

  const deleted = await client.companies.delete({ id: company.id });
  assert.equal(deleted.id, company.id);
  assert.equal(deleted.object, 'company');
  assert.equal(deleted.deleted, true);
  await assert.rejects(
    client.companies.find({ companyId: company.company_id }),
    failure(404, 'company_not_found', /^Company Not Found$/),
  );
  assert.equal((await client.contacts.find({ id: contact.id })).companies.total_count, 0);
});
