import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';

import XHubSignature from 'x-hub-signature';

import { has, uniqueEmail, until } from '../common.js';

const { PARLEY_URL, PARLEY_TOKEN } = process.env;

async function call(method, path, body) {
  const answer = await fetch(PARLEY_URL + path, {
    method, headers: { authorization: `Bearer ${PARLEY_TOKEN}`, 'content-type': 'application/json' }, body: body && JSON.stringify(body),
  });
  assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${await answer.clone().text()}`);
  return answer.json();
}

// A receiver as the package's own documentation has it: the signature is verified on the raw body.
const taken = [];
let signature;
const receiver = createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) {
    chunks.push(chunk);
  }
  const raw = Buffer.concat(chunks);
  if (!signature.verify(request.headers['x-hub-signature'], raw)) {
    response.writeHead(401).end();
    return;
  }
  taken.push(JSON.parse(raw));
  response.writeHead(200).end();
});

let webhook;

before(async () => {
  await new Promise((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  webhook = await call('POST', '/_parley/webhooks', {
    url: `http://127.0.0.1:${receiver.address().port}/hook`, topics: ['contact.user.created', 'contact.user.updated'],
  });
  const app = await call('GET', `/_parley/apps/${webhook.app_id}`);
  signature = new XHubSignature('sha1', app.client_secret);
});

after(async () => {
  await call('DELETE', `/_parley/webhooks/${webhook.id}`);
  receiver.close();
});

test('a published verifier takes what is sent', async () => {
  const email = uniqueEmail('hook');
  const contact = await call('POST', '/contacts', { role: 'user', email, name: 'Zoë 🎉 <b>' });
  await call('PUT', `/contacts/${contact.id}`, { name: 'Zoe' });
  await until(() => taken.filter((n) => n.data.item.id === contact.id), (all) => all.length === 2);
  const [created, updated] = taken.filter((n) => n.data.item.id === contact.id);
  has(created, { type: 'notification_event', topic: 'contact.user.created', delivery_attempts: 1, delivery_status: 'pending' });
  has(created.data.item, { type: 'contact', email, name: 'Zoë 🎉 <b>' });
  has(updated, { topic: 'contact.user.updated' });
  assert.notEqual(created.id, updated.id);
});

test('another secret is refused, and what was refused is sent again', async () => {
  const right = signature;
  signature = new XHubSignature('sha1', 'wrong');
  const { notification_id } = await call('POST', `/_parley/webhooks/${webhook.id}/ping`);
  const log = `/_parley/webhooks/${webhook.id}/deliveries`;
  const { data: [refused] } = await until(() => call('GET', log), (list) => list.data[0].state === 'retrying');
  has(refused, { notification_id, attempts: 1, test: true });
  signature = right;
  await call('POST', `/_parley/deliveries/${refused.id}/replay`);
  await until(() => taken, (all) => all.some((n) => n.id === notification_id));
  const again = taken.find((n) => n.id === notification_id);
  has(again, { topic: 'ping', delivery_attempts: 2, delivery_status: 'retry' });
  has(again.data.item, { type: 'ping' });
});
