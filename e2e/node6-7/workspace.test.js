import assert from 'node:assert/strict';
import { test } from 'node:test';

import { connect, failure, intercom, now, unique } from './parley.js';

const client = connect();

test('the token names its teammate and workspace', async () => {
  const me = await client.admins.identify();
  assert.equal(me.type, 'admin');
  assert.match(me.id, /^\d+$/);
  assert.equal(me.app.type, 'app');
  assert.match(me.app.id_code, /^[a-z0-9]{8}$/);
  const contact = await client.contacts.create({ role: 'lead' });
  assert.equal(contact.workspace_id, me.app.id_code);
});

test('the SDK\'s own version header is answered by 2.9', async () => {
  const { rawResponse } = await client.admins.list().withRawResponse();
  assert.equal(rawResponse.headers.get('Intercom-Version'), '2.9');
});

test('what later versions of the API added is not found', async () => {
  const missing = failure(404, 'not_found', /^Resource Not Found$/);
  const query = { field: 'open', operator: '=', value: 'true' };
  await assert.rejects(client.tickets.search({ query }), missing);
  await assert.rejects(client.tags.tagTicket({ ticket_id: '1', id: '1', admin_id: '1' }), missing);
  await assert.rejects(client.conversations.convertToTicket({ conversation_id: 1, ticket_type_id: '1' }), missing);
});

test('data attributes are created, updated, archived and listed', async () => {
  const name = unique('colour');
  const created = await client.dataAttributes.create({
    name,
    model: 'company',
    data_type: 'string',
    options: [{ value: 'red' }, { value: 'blue' }],
  });
  assert.ok(Number.isInteger(created.id));
  assert.deepEqual(created.options, ['red', 'blue']);
  await assert.rejects(
    client.dataAttributes.create({ name, model: 'company', data_type: 'string' }),
    failure(400, 'parameter_invalid', /already have/),
  );

  const updated = await client.dataAttributes.update({
    data_attribute_id: created.id,
    ...intercom.asBody({ archived: true }),
  });
  assert.equal(updated.archived, true);
  const find = async (filter) =>
    (await client.dataAttributes.list(filter)).data.find((attribute) => attribute.name === name);
  assert.equal(await find({ model: 'company' }), undefined);
  assert.equal((await find({ model: 'company', include_archived: true })).id, created.id);
});

test('segments are listed with their counts and found', async () => {
  const { segments } = await client.segments.list({ include_count: true });
  assert.ok(segments.length > 0);
  assert.ok(segments.every(({ count }) => Number.isInteger(count)));
  const found = await client.segments.find({ segment_id: segments[0].id });
  assert.equal(found.name, segments[0].name);
});

test('teammates are listed and found, and go away and come back', async () => {
  const { admins } = await client.admins.list();
  const { id } = admins.at(-1);
  assert.deepEqual(await client.admins.find({ admin_id: Number(id) }), admins.at(-1));

  for (const away of [true, false]) {
    await client.admins.away({ admin_id: Number(id), away_mode_enabled: away, away_mode_reassign: false });
    assert.equal((await client.admins.find({ admin_id: Number(id) })).away_mode_enabled, away);
  }
  const { activity_logs } = await client.admins.listAllActivityLogs({ created_at_after: String(now() - 60) });
  const changes = activity_logs.filter((log) => log.activity_type === 'admin_away_mode_change');
  assert.deepEqual(changes.slice(0, 2).map((log) => log.metadata.away_mode), [false, true]);
});

test('teams are listed and found', async () => {
  const { teams } = await client.teams.list();
  assert.ok(teams.length > 0);
  const found = await client.teams.find({ team_id: teams[0].id });
  assert.equal(found.name, teams[0].name);
});

test('subscription types are listed', async () => {
  const { data } = await client.subscriptionTypes.list();
  assert.ok(data.length > 0);
  assert.ok(data.every(({ default_translation: { name } }) => name.length > 0));
});

test('a visitor that never was is not found', async () => {
  const user_id = unique('visitor');
  const missing = failure(404, 'not_found', /^Visitor Not Found$/);
  await assert.rejects(client.visitors.find({ user_id }), missing);
  await assert.rejects(client.visitors.update({ user_id, name: 'Nobody' }), missing);
  await assert.rejects(client.visitors.mergeToContact({ type: 'user', user: { user_id }, visitor: { user_id } }), missing);
});

test('a visitor is found, and gets a name', async () => {
  const visitor = await client.visitors.find({ user_id: 'demo-visitor-1' });
  const name = unique('Visitor');
  const updated = await client.visitors.update({ id: visitor.id, name, custom_attributes: {} });
  assert.equal(updated.name, name);
  assert.deepEqual(await client.visitors.find({ user_id: visitor.user_id }), updated);
});
