import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';

import { launch, open, server, token } from './browser.js';

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

/** operation is the block of an operation, known by its method and path. */
const operation = (page, method, path) =>
  page.locator('.opblock').filter({
    has: page.locator('.opblock-summary-method', { hasText: new RegExp(`^${method}$`) }),
  }).filter({ has: page.locator(`.opblock-summary-path[data-path="${path}"]`) });

const ready = (page) => operation(page, 'GET', '/me').waitFor();

/** execute has the operation of that path, which is open, called and returns what is shown of the answer. */
async function execute(block, path) {
  const answered = block.page().waitForResponse(server + path);
  await block.getByRole('button', { name: 'Execute' }).click();
  const status = (await answered).status();
  const answer = block.locator('.live-responses-table .response');
  await answer.locator('.response-col_status', { hasText: new RegExp(`^${status}`) }).waitFor();
  return { status, body: JSON.parse(await answer.locator('.response-col_description pre').first().textContent()) };
}

/** run opens an operation and has it called with that body. */
async function run(page, method, path, body) {
  const block = operation(page, method, path);
  await block.locator('.opblock-summary-control').click();
  await block.getByRole('button', { name: 'Try it out' }).click();
  if (body !== undefined) {
    await block.locator('textarea').fill(JSON.stringify(body));
  }
  return execute(block, path);
}

/** ask calls the API past the browser. */
async function ask(path) {
  const answer = await fetch(server + path, { headers: { Authorization: `Bearer ${token}` } });
  assert.equal(answer.status, 200);
  return answer.json();
}

test('the page takes the token of its address and makes calls with it', async () => {
  const { page, requests, finish } = await open(browser);
  await page.goto(`${server}/docs#token=${encodeURIComponent(token)}`);
  await ready(page);
  assert.equal(page.url(), `${server}/docs`, 'the token is gone from the address');

  const contract = await ask('/openapi.json');
  const methods = Object.values(contract.paths).flatMap((item) => Object.keys(item));
  assert.equal(await page.locator('.opblock').count(), methods.length);

  const me = await run(page, 'GET', '/me');
  assert.equal(me.status, 200);
  assert.equal(me.body.email, (await ask('/me')).email);

  const name = `explored-${randomUUID()}`;
  const tag = await run(page, 'POST', '/tags', { name });
  assert.equal(tag.status, 200);
  assert.equal(tag.body.name, name);
  assert.equal((await ask(`/tags/${tag.body.id}`)).name, name);

  assert.ok(!page.url().includes(token));
  for (const request of requests) {
    assert.ok(!request.url().includes(token), `${request.url()} has the token`);
  }
  assert.deepEqual(await page.evaluate(() => [localStorage.length, sessionStorage.length, document.cookie]), [0, 0, '']);
  await finish();
});

test('a token is typed into the dialog, replaced by that of a new address, and forgotten', async () => {
  const { page, finish } = await open(browser, { expected: [401] });
  await page.goto(`${server}/docs#/Admins/identifyAdmin`);
  const me = operation(page, 'GET', '/me');
  await me.getByRole('button', { name: 'Try it out' }).click();
  assert.equal((await execute(me, '/me')).status, 401);

  await page.getByRole('button', { name: 'Authorize', exact: true }).click();
  const dialog = page.locator('.auth-container').filter({ hasText: 'Bearer' });
  await dialog.locator('input').fill(token);
  await dialog.locator('button[type=submit]').click();
  await dialog.getByRole('button', { name: 'Close' }).click();
  assert.equal((await execute(me, '/me')).status, 200);

  await page.evaluate(() => location.assign('#token=of-nobody'));
  await page.waitForURL(`${server}/docs`);
  assert.equal((await execute(me, '/me')).status, 401);

  await page.reload();
  await page.locator('.auth-wrapper .authorize.unlocked').waitFor();
  await finish();
});

test('with a slash behind it, calls go to the server of the page, whatever address the contract has', async () => {
  const { page, finish } = await open(browser);
  await page.route('**/openapi.json', async (route) => {
    const answer = await route.fetch();
    const contract = { ...(await answer.json()), servers: [{ url: 'https://elsewhere.test/api' }] };
    await route.fulfill({ response: answer, json: contract });
  });
  await page.goto(`${server}/docs/#token=${token}`);
  await ready(page);
  assert.equal(page.url(), `${server}/docs/`);
  assert.equal((await run(page, 'GET', '/me')).status, 200);
  await finish();
});
