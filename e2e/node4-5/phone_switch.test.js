import assert from 'node:assert/strict';
import { test } from 'node:test';

import { connect } from './parley.js';

const client = connect();

test('a caller is sent a link to the Messenger', async () => {
  const { type, url } = await client.phoneCallRedirect.create({ phone: '+353832345678', customAttributes: {} });
  assert.equal(type, 'phone_call_redirect');
  assert.match(url, /^https?:\/\/\S+$/);
});

test('a call from no number is refused', async () => {
  // The answer is no error.list, so the SDK throws, but throws nothing.
  await assert.rejects(client.phoneCallRedirect.create({ phone: 'nobody' }), (err) => err === undefined);
});
