import assert from 'node:assert/strict';
import { test } from 'node:test';

import { connect, exportColumns, exported, has, now, uniqueEmail, until } from './parley.js';

const client = connect();
const [admin] = (await client.admins.list()).admins;

const find = (job) => client.dataExport.find({ id: job.job_identifier });
const finished = (job) => until(() => find(job), ({ status }) => status !== 'pending' && status !== 'in_progress');

test('an export holds who got which message', async () => {
  const user = await client.contacts.createUser({ email: uniqueEmail('exported') });
  const createdAtAfter = now() - 1;
  await client.messages.create({
    messageType: 'inapp', body: 'Hello', from: { type: 'admin', id: admin.id }, to: { type: 'user', id: user.id },
    createConversationWithoutContactReply: true,
  });

  const job = await client.dataExport.create({ createdAtAfter, createdAtBefore: now() });
  assert.match(job.job_identifier, /^\w+$/);
  has(job, { status: 'pending', download_url: '', download_expires_at: '' });

  const done = await finished(job);
  assert.equal(done.status, 'completed');
  assert.ok(done.download_url.endsWith(`/download/content/data/${job.job_identifier}`), done.download_url);
  const [columns, ...rows] = await exported(done);
  assert.equal(columns, exportColumns);
  assert.equal(rows.filter((row) => row.includes(user.email)).length, 1);
});

test('an export of a time without messages holds nothing', async () => {
  const job = await client.dataExport.create({ createdAtAfter: 1000000000, createdAtBefore: 1000003600 });
  assert.equal((await finished(job)).status, 'no_data');
});

test('an export is called off', async () => {
  const job = await client.dataExport.create({ createdAtAfter: 1000000000, createdAtBefore: 1000003600 });
  const { job_identifier, status } = await client.dataExport.cancel({ id: job.job_identifier });
  assert.equal(job_identifier, job.job_identifier);
  // It may be over before it is called off.
  assert.ok(['canceled', 'no_data'].includes(status), status);
  assert.equal((await find(job)).status, status);
});

test('an export that never was is not found', async () => {
  await assert.rejects(find({ job_identifier: 'nothing' }), (err) => err.statusCode === 404);
});
