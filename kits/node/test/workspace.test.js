'use strict';

const assert = require('node:assert/strict');
const { createHmac } = require('node:crypto');
const { once } = require('node:events');
const { createServer } = require('node:http');
const { after, before, mock, test } = require('node:test');

const { ParleyError, start, withWorkspace } = require('parley-test');

// The tests of this file share a server, and each has a workspace of its own, made by withWorkspace, whose server it is.
let server;
before(async () => {
  server = await start();
  process.env.PARLEY_URL = server.url;
  process.env.PARLEY_DEV_TOKEN = server.devToken;
});
after(() => server.stop());

/** api makes a call as the code under test would. */
async function api(parley, method, path, body) {
  const answer = await fetch(parley.url + path, {
    method,
    headers: { Authorization: `Bearer ${parley.token}`, 'Content-Type': 'application/json' },
    body: body && JSON.stringify(body),
  });
  return { status: answer.status, body: await answer.json() };
}

const create = (parley, email) => api(parley, 'POST', '/contacts', { role: 'user', email });
const count = async (parley) => (await api(parley, 'GET', '/contacts')).body.total_count;

test('workspaces share nothing', withWorkspace(async (parley) => {
  const other = await server.workspace();
  await create(parley, 'joe@example.test');
  assert.deepEqual([await count(parley), await count(other)], [1, 0]);
  assert.equal((await api(parley, 'GET', '/me')).body.app.id_code, parley.appId);
  await other.delete();
  assert.equal((await api(other, 'GET', '/me')).status, 401);
  await other.delete(); // is gone already
}));

const seed = 'contacts: [{role: user, email: joe@example.test}]';

test('a workspace is made as the options say', withWorkspace({ seed, name: 'Mine', now: 1_800_000_000, frozen: true }, async (parley) => {
  assert.equal(await count(parley), 1);
  assert.equal((await api(parley, 'GET', '/me')).body.app.name, 'Mine');
  assert.equal(await parley.clock.now(), 1_800_000_000);
}));

test('what is wrong is refused in the words of Parley', async () => {
  await assert.rejects(server.workspace({ seed: 'nonsense: 1' }), (err) => {
    assert.ok(err instanceof ParleyError);
    assert.equal(err.status, 400);
    assert.match(err.message, /nonsense/);
    assert.equal(err.call, 'POST /_parley/workspaces');
    assert.match(err.stack, /workspace\.test\.js/);
    return true;
  });
});

test('a reset, a snapshot, what has changed', withWorkspace(async (parley) => {
  await create(parley, 'joe@example.test');
  assert.equal(await parley.snapshot('one contact'.replace(' ', '-')), 'one-contact');
  await create(parley, 'ann@example.test');
  await parley.snapshot();
  await create(parley, 'eve@example.test');
  const since = await parley.diff();
  assert.deepEqual(since.data.map(({ type, change, fields }) => [type, change, fields.email.after]), [['contact', 'created', 'eve@example.test']]);
  assert.equal((await parley.diff('one-contact', { to: 'snapshot' })).total_count, 1);
  await parley.restore();
  assert.equal(await count(parley), 2);
  await parley.restore('one-contact');
  assert.equal(await count(parley), 1);
  await parley.reset();
  assert.equal(await count(parley), 0);
  await assert.rejects(parley.restore('../other'), { status: 404 });
}));

test('the clock', withWorkspace(async (parley) => {
  const at = await parley.clock.freeze(new Date('2100-01-01T00:00:00.900Z'));
  assert.equal(at, 4102444800);
  assert.equal((await create(parley, 'joe@example.test')).body.created_at, at);
  assert.equal(await parley.clock.set(at + 10), at + 10);
  assert.deepEqual(await parley.clock.advance(5), { now: at + 15, jobs: 0 });
  assert.equal((await parley.clock.advance({ days: 1, hours: 1, minutes: 1, seconds: 1 })).now, at + 15 + 90061);
  assert.equal((await parley.clock.advance(new Date((at + 200_000) * 1000))).now, at + 200_000);
  assert.equal(await parley.clock.now(), at + 200_000);
  assert.ok(await parley.clock.release() >= at + 200_000);
  await assert.rejects(parley.clock.set(at), { status: 422, code: 'clock_set_back' });
  await assert.rejects(parley.clock.advance({ weeks: 1 }), TypeError);
}));

test('faults', withWorkspace(async (parley) => {
  const end = await parley.fault({ operation: 'createContact', status: 503 });
  await parley.fault({ method: 'GET', path: '/me', rate_limit: true, times: 1 });
  assert.equal((await create(parley, 'joe@example.test')).status, 503);
  assert.equal((await api(parley, 'GET', '/me')).status, 429);
  assert.deepEqual((await parley.faults()).map(({ calls, acted }) => [calls, acted]), [[1, 1], [1, 1]]);
  await end();
  assert.equal((await create(parley, 'joe@example.test')).status, 200);
  await parley.clearFaults();
  assert.deepEqual(await parley.faults(), []);
  await assert.rejects(parley.fault({ status: 200 }), { status: 400 });
}));

test('searches lag behind', withWorkspace(async (parley) => {
  const found = async () => (await api(parley, 'POST', '/contacts/search', { query: { field: 'role', operator: '=', value: 'user' } })).body.total_count;
  await parley.clock.freeze();
  await parley.searchLag(10);
  await create(parley, 'joe@example.test');
  assert.equal(await found(), 0);
  await parley.clock.advance(11);
  assert.equal(await found(), 1);
}));

test('the calls that were made', withWorkspace(async (parley) => {
  const come = parley.waitForRequests({ operation: 'createContact' }, { count: 2 });
  await create(parley, 'joe@example.test');
  await create(parley, 'joe@example.test');
  assert.deepEqual((await come).map(({ status }) => status), [200, 409]);
  assert.equal((await parley.requests({ status: '4xx' })).length, 1);
  assert.equal((await parley.requests({ body: ['/email=joe@example.test', 'user'] })).length, 2);
  assert.equal((await parley.requests({ since: (await come)[0].id })).length, 1);
  assert.equal(await parley.assertRequests({ operation: 'createContact', body: '/email=joe@example.test', count: 2 }), 2);
  await assert.rejects(parley.assertRequests({ body: ['/email=jo@example.test'] }), (err) => {
    assert.ok(err instanceof assert.AssertionError);
    assert.match(err.message, /^Found 0 matching calls, and not at least 1\n.*"joe@example.test", not "jo@example.test"/);
    return true;
  });
  await assert.rejects(parley.waitForRequests({ operation: 'listTags', limit: 5 }, { timeout: 0.01 }), { name: 'AssertionError', message: /^Found 0 matching calls/ });
  await parley.forgetRequests();
  assert.deepEqual(await parley.requests(), []);
}));

test('the outbox', withWorkspace(async (parley) => {
  const { id } = (await api(parley, 'GET', '/me')).body;
  const { body: to } = await create(parley, 'joe@example.test');
  const write = (subject) => api(parley, 'POST', '/messages', {
    message_type: 'email', subject, body: 'Hello', template: 'plain', from: { type: 'admin', id }, to: { type: 'user', id: to.id },
  });
  const come = parley.waitForOutbox({ kind: 'email', to: 'joe@example.test' });
  await write('First');
  assert.equal((await come)[0].subject, 'First');
  // More than a page of it.
  for (let i = 0; i < 160; i++) {
    await write(`${i}`);
  }
  const all = await parley.outbox();
  assert.deepEqual(all.map(({ subject }) => subject), ['First', ...Array.from({ length: 160 }, (_, i) => `${i}`)]);
  await assert.rejects(parley.waitForOutbox({ kind: 'sms' }, { timeout: 0.01 }), { name: 'AssertionError', message: /^Found 0 in the outbox, and not 1\. In all there is: email to joe/ });
}));

test('a webhook', withWorkspace(async (parley, t) => {
  const receiver = createServer(async (request, answer) => {
    const body = Buffer.concat(await request.toArray());
    answer.end();
    receiver.emit('told', request.headers['x-hub-signature'], body);
  }).listen(0, '127.0.0.1');
  t.after(() => receiver.close());
  await once(receiver, 'listening');
  const { secret } = await parley.webhook(`http://127.0.0.1:${receiver.address().port}/hook`, ['contact.user.created']);
  const told = once(receiver, 'told');
  await create(parley, 'joe@example.test');
  const [signature, body] = await told;
  assert.equal(signature, `sha1=${createHmac('sha1', secret).update(body).digest('hex')}`);
  assert.equal(JSON.parse(body).data.item.email, 'joe@example.test');
  assert.deepEqual((await parley.requests()).map(({ operation }) => operation), ['createContact']);
}));

test('a report of the calls', withWorkspace(async (parley) => {
  await api(parley, 'POST', '/contacts', { role: 'user', email: 'joe@example.test', shoe: 44 });
  await api(parley, 'GET', '/nowhere');
  await parley.fault({ path: '/me', drop: true, times: 1 });
  await assert.rejects(api(parley, 'GET', '/me'));
  const report = await parley.report();
  assert.match(report, /#\d+ POST \/contacts 200\n {4}sent: .*"shoe":44.*\n {4}members that the operation does not read: \/shoe/);
  assert.match(report, /GET \/nowhere 404\n {4}answered: .*\n {4}the API has no such route/);
  assert.match(report, /GET \/me no answer\n[^]*met the fault/);
}));

test('a test that fails says why, shows the calls, and leaves no workspace', async () => {
  const print = mock.method(console, 'error', () => {});
  const why = new Error('why');
  let parley;
  await assert.rejects(withWorkspace(async (given) => {
    parley = given;
    await create(parley, 'joe@example.test');
    throw why;
  }), why);
  print.mock.restore();
  assert.match(print.mock.calls[0].arguments[0], /POST \/contacts 200/);
  await assert.rejects(parley.requests(), { status: 404 });
  await assert.rejects(withWorkspace(async (given) => {
    await given.delete();
    throw why;
  }), why);
});

test('neither timers that stand nor another fetch stop it', withWorkspace(async (parley) => {
  mock.timers.enable();
  const real = globalThis.fetch;
  globalThis.fetch = () => assert.fail('the kit uses fetch');
  try {
    await parley.clock.freeze();
    await assert.rejects(parley.waitForRequests({}, { timeout: 0.01 }), { name: 'AssertionError' });
  } finally {
    globalThis.fetch = real;
    mock.timers.reset();
  }
}));
