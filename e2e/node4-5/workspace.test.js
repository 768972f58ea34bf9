import assert from 'node:assert/strict';
import { test } from 'node:test';

import { connect, failure, unique, uniqueEmail } from './parley.js';

const client = connect();

test('a token may be the user name, and an API key opens nothing', async () => {
  const username = process.env.PARLEY_TOKEN;
  assert.equal((await connect({ usernameAuth: { username, password: '' } }).ping()).type, 'admin.list');

  const refused = failure(401, 'unauthorized', /^Access Token Invalid$/);
  await assert.rejects(connect({ tokenAuth: { token: 'not-a-token' } }).ping(), refused);
  await assert.rejects(connect({ apiKeyAuth: { appId: 'ab12cd34', appApiKey: 'not-a-key' } }).ping(), refused);
});

test('data attributes are created, updated, archived and listed', async () => {
  const name = unique('colour');
  const created = await client.dataAttributes.create({
    name,
    model: 'contact',
    dataType: 'string',
    description: 'Favourite',
    options: [{ value: 'red' }, { value: 'blue' }],
  });
  assert.equal(created.type, 'data_attribute');
  assert.ok(Number.isInteger(created.id));
  assert.equal(created.full_name, `custom_attributes.${name}`);
  assert.equal(created.custom, true);
  assert.deepEqual(created.options, ['red', 'blue']);

  const updated = await client.dataAttributes.update({ id: created.id, description: 'Best', archived: true });
  assert.equal(updated.description, 'Best');
  assert.equal(updated.archived, true);

  const find = async (filter) =>
    (await client.dataAttributes.list(filter)).data.find((attribute) => attribute.name === name);
  assert.equal(await find({ model: 'contact' }), undefined);
  assert.equal(await find({ model: 'company', includeArchived: true }), undefined);
  assert.equal((await find({ model: 'contact', includeArchived: true })).id, created.id);

  const { data } = await client.dataAttributes.list({ model: 'company' });
  assert.deepEqual(data.slice(0, 2).map((attribute) => attribute.full_name), ['name', 'company_id']);
});

test('segments are listed with their counts and found', async () => {
  const { type, segments } = await client.segments.list({ includeCount: true });
  assert.equal(type, 'segment.list');
  assert.ok(segments.length > 0);
  for (const segment of segments) {
    assert.ok(Number.isInteger(segment.count));
  }
  const found = await client.segments.find({ id: segments[0].id });
  assert.equal(found.name, segments[0].name);
  assert.ok(['user', 'contact'].includes(found.person_type));
  assert.ok(!('count' in found));
});

test('teammates are listed and found, and go away and come back', async () => {
  const { type, admins } = await client.admins.list();
  assert.equal(type, 'admin.list');
  const admin = admins.at(-1);
  assert.deepEqual(await client.admins.find({ id: admin.id }), admin);

  const away = await client.admins.away({ adminId: admin.id, enableAwayMode: true, enableReassignMode: false });
  assert.equal(away.away_mode_enabled, true);
  assert.equal((await client.admins.find({ id: admin.id })).away_mode_enabled, true);
  const back = await client.admins.away({ adminId: admin.id, enableAwayMode: false, enableReassignMode: false });
  assert.equal(back.away_mode_enabled, false);

  const logged = await client.admins.listAllActivityLogs({ after: new Date(Date.now() - 60_000) });
  assert.equal(logged.type, 'activity_log.list');
  const changes = logged.activity_logs.filter((log) => log.activity_type === 'admin_away_mode_change');
  assert.deepEqual(changes.slice(0, 2).map((log) => log.metadata.away_mode), [false, true]);

  await assert.rejects(client.admins.find({ id: '999999999' }), failure(404, 'admin_not_found'));
});

test('teams are listed and found', async () => {
  const { type, teams } = await client.teams.list();
  assert.equal(type, 'team.list');
  assert.ok(teams.length > 0);
  const found = await client.teams.find({ id: teams[0].id });
  assert.equal(found.name, teams[0].name);
  assert.deepEqual(found.admin_ids, teams[0].admin_ids);

  await assert.rejects(client.teams.find({ id: '999999999' }), failure(404, 'team_not_found'));
});

test('subscription types are listed', async () => {
  const { type, data } = await client.subscriptions.listTypes();
  assert.equal(type, 'list');
  assert.ok(data.length > 0);
  for (const subscription of data) {
    assert.equal(subscription.type, 'subscription');
    assert.ok(['opt_in', 'opt_out'].includes(subscription.consent_type));
  }

  const contact = await client.contacts.createUser({ email: uniqueEmail('subscribed') });
  const chosen = await client.contacts.listAttachedEmailSubscriptions({ id: contact.id });
  assert.equal(chosen.type, 'list');
  assert.deepEqual(chosen.data, []);
});

test('a visitor that never was is not found', async () => {
  const userId = unique('visitor');
  const missing = failure(404, 'not_found', /^Visitor Not Found$/);
  await assert.rejects(client.visitors.find({ userId }), missing);
  await assert.rejects(client.visitors.find({ id: '0123456789abcdef01234567' }), missing);
  await assert.rejects(client.visitors.update({ userId, name: 'Nobody' }), missing);
  await assert.rejects(client.visitors.delete({ id: '0123456789abcdef01234567' }), missing);
  await assert.rejects(client.visitors.mergeToContact({ visitor: { userId }, user: { userId }, type: 'user' }), missing);
});

test('a visitor is found, and gets a name', async () => {
  const userId = 'demo-visitor-1';
  const { id, type, app_id } = await client.visitors.find({ userId });
  assert.equal(type, 'visitor');
  assert.match(app_id, /^[a-z0-9]{8}$/);

  const name = unique('Visitor');
  assert.equal((await client.visitors.update({ userId, name })).name, name);
  const found = await client.visitors.find({ id });
  assert.equal(found.user_id, userId);
  assert.equal(found.name, name);
});

test('counts grow with what they count', async () => {
  const contact = await client.contacts.createUser({ email: uniqueEmail('counted') });
  const company = await client.companies.create({ companyId: unique('co'), name: unique('Counted') });
  await client.companies.attachContact({ contactId: contact.id, companyId: company.id });
  const tagName = unique('counted');
  const tag = await client.tags.tagCompanies({ tagName, companiesIds: [company.id] });
  await client.tags.tagContact({ contactId: contact.id, tagId: tag.id });

  const app = await client.counts.forApp();
  assert.equal(app.type, 'count.hash');
  for (const noun of ['company', 'segment', 'tag', 'user']) {
    assert.ok(app[noun].count > 0, noun);
  }
  assert.ok((await client.counts.countUser()).user.count > 0);
  assert.ok((await client.counts.countCompany()).company.count > 0);

  const among = (list, key) => list.find((entry) => key in entry)?.[key];
  assert.equal(among((await client.counts.countUserTag()).user.tag, tagName), 1);
  assert.equal(among((await client.counts.countCompanyTag()).company.tag, tagName), 1);
  assert.equal(among((await client.counts.countCompanyUser()).company.user, company.name), 1);
  assert.ok(Array.isArray((await client.counts.countUserSegment()).user.segment));
  assert.ok(Array.isArray((await client.counts.countCompanySegment()).company.segment));
});

test('conversations are counted, and by teammate', async () => {
  const { conversation: all } = await client.counts.countConversation();
  assert.ok(all.open > 0 && all.closed > 0);
  assert.equal(all.assigned + all.unassigned, all.open);

  const { admins } = await client.admins.list();
  const { conversation } = await client.counts.countAdminConversation();
  assert.deepEqual(conversation.admin.map(({ id }) => id).sort(), admins.map(({ id }) => id).sort());
  assert.ok(conversation.admin.some(({ open }) => open > 0));
});
