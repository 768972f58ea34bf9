import assert from 'node:assert/strict';
import { test } from 'node:test';

import { connect, unique } from './parley.js';

const client = connect();

test('a caller is sent a link to the Messenger', async () => {
  const attribute = unique('issue');
  await client.dataAttributes.create({ name: attribute, model: 'contact', data_type: 'string' });
  const made = await client.phoneCallRedirects.create({ phone: '+353832345678', custom_attributes: { [attribute]: 'Billing' } });
  assert.equal(made.type, 'phone_call_redirect');
  assert.match(made.url, /^https?:\/\/\S+$/);
});

test('a call from no number is refused', async () => {
  await assert.rejects(client.phoneCallRedirects.create({ phone: 'nobody' }), (err) => {
    assert.equal(err.statusCode, 400);
    assert.deepEqual(err.body, { error_key: 'invalid_phone_number', message: 'Invalid phone number' });
    return true;
  });
});
