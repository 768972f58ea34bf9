import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';

import { IntercomClient } from 'intercom-client';

/** connect makes a client as its documentation does; only the base URL differs. */
export function connect(token = process.env.PARLEY_TOKEN) {
  return new IntercomClient({ token, baseUrl: process.env.PARLEY_URL });
}

/** collect walks all pages of a listing the way the SDK does. */
export async function collect(pending) {
  const items = [];
  for await (const item of await pending) {
    items.push(item);
  }
  return items;
}

/** unique keeps the records of one run apart from all that other runs left behind. */
export const unique = (word) => `${word}-${randomUUID().slice(0, 13)}`;

export const uniqueEmail = (word) => `${unique(word)}@example.test`;

export const now = () => Math.floor(Date.now() / 1000);

/** until asks again until the answer is as wanted, for ten seconds. */
export async function until(ask, wanted) {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const answer = await ask();
    if (wanted(answer)) {
      return answer;
    }
    assert.ok(Date.now() < deadline, `not so within ten seconds: ${JSON.stringify(answer)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** failure checks what the SDK throws for an answer of type error.list. */
export const failure = (statusCode, code, message = /./) => (err) => {
  assert.equal(err.statusCode, statusCode, err.message);
  assert.equal(err.body.type, 'error.list');
  assert.equal(err.body.errors.length, 1);
  assert.equal(err.body.errors[0].code, code);
  assert.match(err.body.errors[0].message, message);
  return true;
};
