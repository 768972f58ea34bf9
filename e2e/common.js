import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { gunzipSync } from 'node:zlib';

/**
 * sdk is the published version that a suite runs with: that of the folder which
 * PARLEY_SDK names, or of the given one.
 */
export const sdk = (folder) => import(`./${process.env.PARLEY_SDK ?? folder}/sdk.js`);

/** unique keeps the records of one run apart from all that other runs left behind. */
export const unique = (word) => `${word}-${randomUUID().slice(0, 13)}`;

export const uniqueEmail = (word) => `${unique(word)}@example.test`;

export const now = () => Math.floor(Date.now() / 1000);

/** has checks some members of an answer. */
export const has = (answer, want) =>
  assert.deepEqual(Object.fromEntries(Object.keys(want).map((key) => [key, answer[key]])), want);

/** within checks a time that counts only office hours: a suite runs at any hour. */
export const within = (counted, passed) =>
  assert.ok(Number.isInteger(counted) && counted >= 0 && counted <= passed, `${counted} of ${passed} seconds`);

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

/** exported brings the lines that a finished data export holds. */
export async function exported({ download_url }) {
  const headers = { Accept: 'application/octet-stream', Authorization: `Bearer ${process.env.PARLEY_TOKEN}` };
  const answer = await fetch(download_url, { headers });
  assert.equal(answer.status, 200);
  return gunzipSync(Buffer.from(await answer.arrayBuffer())).toString().trimEnd().split(/\r?\n/);
}

/** exportColumns is the first of those lines. */
export const exportColumns = [
  'user_id', 'user_external_id', 'company_id', 'email', 'name', 'ruleset_id', 'content_id', 'content_type', 'content_title',
  'ruleset_version_id', 'receipt_id', 'received_at', 'series_id', 'series_title', 'node_id', 'first_reply', 'first_completion',
  'first_series_completion', 'first_series_disengagement', 'first_series_exit', 'first_goal_success', 'first_open', 'first_click',
  'first_dismisall', 'first_unsubscribe', 'first_hard_bounce',
].join();
