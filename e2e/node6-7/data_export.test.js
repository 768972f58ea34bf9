import assert from 'node:assert/strict';
import { test } from 'node:test';

import { connect, exportColumns, exported, now, uniqueEmail, until } from './parley.js';

const client = connect();
const [admin] = (await client.admins.list()).admins;
const longAgo = { created_at_after: 1000000000, created_at_before: 1000003600 };

const finished = ({ job_identifier }) =>
  until(() => client.dataExport.find({ job_identifier }), ({ status }) => !['pending', 'in_progress'].includes(status));

test('an export holds who got which message', async () => {
  const created_at_after = now() - 1;
  const user = await client.contacts.create({ role: 'user', email: uniqueEmail('exported') });
  await client.messages.create({
    message_type: 'inapp', body: 'Hello', from: { type: 'admin', id: Number(admin.id) }, to: { type: 'user', id: user.id },
    create_conversation_without_contact_reply: true,
  });

  const job = await client.dataExport.create({ created_at_after, created_at_before: now() });
  assert.equal(job.status, 'pending');
  const done = await finished(job);
  assert.equal(done.status, 'completed');
  const [columns, ...rows] = await exported(done);
  assert.equal(columns, exportColumns);
  assert.equal(rows.filter((row) => row.includes(user.email)).length, 1);

  const { rawResponse } = await client.dataExport
    .download({ job_identifier: job.job_identifier }, { headers: { Accept: 'application/octet-stream' } })
    .withRawResponse();
  assert.equal(rawResponse.status, 200);
});

test('an export is called off, and one of a time without messages holds nothing', async () => {
  const { job_identifier } = await client.dataExport.create(longAgo);
  const called = await client.dataExport.cancel({ job_identifier });
  // It may be over before it is called off.
  assert.ok(['canceled', 'no_data'].includes(called.status), called.status);
  assert.deepEqual(await client.dataExport.find({ job_identifier }), called);

  assert.equal((await finished(await client.dataExport.create(longAgo))).status, 'no_data');
});

test('an export that never was is not found', async () => {
  const job_identifier = 'nothing';
  for (const ask of ['find', 'cancel', 'download']) {
    await assert.rejects(client.dataExport[ask]({ job_identifier }), (err) => err.statusCode === 404, ask);
  }
});
