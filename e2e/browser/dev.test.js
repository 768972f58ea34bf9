import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';

import { launch, open, server } from './browser.js';

const dev = 'parley-dev';

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

/** ask calls the API past the browser. */
async function ask(method, path, { token = dev, body } = {}) {
  const answer = await fetch(server + path, {
    method,
    headers: { Authorization: `Bearer ${token}`, ...(body && { 'Content-Type': 'application/json' }) },
    body: body && JSON.stringify(body),
  });
  return { status: answer.status, body: await answer.json() };
}

/** make makes a workspace of its own for a test. */
const make = async (request = {}) => (await ask('POST', '/_parley/workspaces', { body: { name: `page ${randomUUID()}`, ...request } })).body;

/** enter opens the page, signed in, on a workspace. */
async function enter(page, workspace) {
  await page.goto(`${server}/_parley/dev#token=${dev}`);
  await page.getByRole('combobox', { name: 'Workspace' }).selectOption(workspace.id);
  await page.getByText('Live', { exact: true }).waitFor();
}

const rows = (page) => page.getByRole('list', { name: 'Calls, newest first' }).getByRole('button');
const detail = (page) => page.locator('#request-detail');

test('the token is taken from the address, kept for the tab, and typed where there is none', async () => {
  const { page, requests, finish } = await open(browser, { expected: [401] });
  await page.goto(`${server}/_parley/dev`);
  await page.getByLabel('Dev token').fill('another');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').getByText('The dev token is another').waitFor();
  await page.getByLabel('Dev token').fill(dev);
  await page.getByRole('button', { name: 'Open' }).click();
  await page.getByText('Live', { exact: true }).waitFor();

  await page.goto(`${server}/_parley/dev/#token=${dev}`);
  await page.getByText('Live', { exact: true }).waitFor();
  assert.equal(page.url(), `${server}/_parley/dev/`, 'the token is gone from the address');
  await page.reload();
  await page.getByText('Live', { exact: true }).waitFor();
  for (const request of requests) {
    assert.ok(!request.url().includes(dev), `${request.url()} has the token`);
  }
  assert.deepEqual(await page.evaluate(() => [localStorage.length, document.cookie]), [0, '']);
  await finish();
});

test('calls appear as they come, are found, and can be made again', async () => {
  const workspace = await make();
  const token = workspace.access_token;
  const { page, finish } = await open(browser);
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin: server });
  await enter(page, workspace);
  await page.getByText('No call yet').waitFor();

  await ask('GET', '/me', { token });
  await rows(page).filter({ hasText: 'identifyAdmin' }).waitFor();
  await ask('GET', '/cats', { token });
  await ask('POST', '/contacts', { token, body: { email: "it's@example.com", emial: 'x' } });
  await ask('POST', '/contacts', { token, body: { email: "it's@example.com" } });
  await rows(page).nth(3).waitFor();
  assert.match(await rows(page).first().textContent(), /409POST\/contacts.*createContactconflict: A contact matching those details already exists/);

  await page.getByLabel('Status').selectOption('4xx');
  assert.equal(await rows(page).count(), 2);
  await page.getByLabel('Status').selectOption('all');
  await page.getByLabel('Unmatched only').check();
  assert.deepEqual(await rows(page).locator('em').allTextContents(), ['not read: /emial', 'not_found: Resource Not Found; no such operation']);
  await page.getByLabel('Operation').first().selectOption('createContact');
  assert.equal(await rows(page).count(), 1);
  await rows(page).first().click();
  await detail(page).getByRole('button', { name: 'Copy as curl' }).click();
  await page.getByText('Copied').waitFor();
  const command = await page.evaluate(() => navigator.clipboard.readText());
  const again = execFileSync('sh', ['-c', `curl() { printf '%s\\n' "$@"; }; ${command}`], { env: { TOKEN: token } }).toString().split('\n');
  assert.ok(again.includes(`Authorization: Bearer ${token}`) && again.includes(`${server}/contacts`) && again.includes('{"email":"it\'s@example.com","emial":"x"}'), command);

  await page.getByLabel('Unmatched only').uncheck();
  await page.getByLabel('Operation').first().selectOption('all');
  await page.getByRole('searchbox', { name: 'Find' }).fill('CATS');
  assert.equal(await rows(page).count(), 1);
  await page.getByRole('button', { name: 'Clear' }).click();
  await page.getByText('No call yet').waitFor();
  await finish();
});

test('a page that was not looked at for a while goes on where it was', async () => {
  const workspace = await make();
  const token = workspace.access_token;
  const { page, finish } = await open(browser);
  await enter(page, workspace);
  const look = (hidden) =>
    page.evaluate((value) => {
      Object.defineProperty(document, 'hidden', { value, configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
    }, hidden);
  await ask('GET', '/tags', { token });
  await rows(page).filter({ hasText: 'listTags' }).click();
  await look(true);
  await ask('GET', '/me', { token });
  assert.equal(await rows(page).count(), 1);
  await look(false);
  await rows(page).filter({ hasText: 'identifyAdmin' }).waitFor();
  assert.equal(await rows(page).count(), 2);
  assert.match(await detail(page).locator('h2').textContent(), /GET \/tags/, 'what was looked at is shown still');
  assert.equal(await page.locator('#request-rows [aria-current]').count(), 1);

  await ask('DELETE', `/_parley/workspaces/${workspace.id}/requests`);
  await look(true);
  await look(false);
  await page.getByText('No call yet').waitFor();
  await finish();
});

test('what others wrote is shown, and is never HTML or a script', async () => {
  const hostile = '<img src=x onerror="complain(1)"><script>complain(2)</script>\u202e"\'`';
  const workspace = await make({ name: hostile });
  const token = workspace.access_token;
  const { page, finish } = await open(browser);
  await enter(page, workspace);
  const contact = (await ask('POST', '/contacts', { token, body: { email: 'joe@example.com', name: hostile, [hostile]: hostile } })).body;
  await ask('GET', `/${encodeURIComponent(hostile)}?${encodeURIComponent(hostile)}`, { token });
  const me = (await ask('GET', '/me', { token })).body;
  await ask('POST', '/messages', {
    token,
    body: { message_type: 'email', subject: hostile, body: hostile, from: { type: 'admin', id: me.id }, to: { type: 'user', id: contact.id } },
  });
  await rows(page).nth(3).waitFor();
  for (let i = 0; i < 4; i += 1) {
    await rows(page).nth(i).click();
  }
  assert.ok((await detail(page).textContent()).includes(JSON.stringify(hostile).slice(1, 30)));

  await page.getByRole('tab', { name: /Outbox/ }).click();
  await page.getByRole('list', { name: /left the workspace/ }).getByRole('button').first().click();
  assert.ok((await page.locator('#outbox-detail h2').textContent()).includes('<img src=x'));
  await ask('POST', `/_parley/workspaces/${workspace.id}/faults`, { body: { path: '/contacts/*', contact: hostile, status: 500 } });
  await page.getByRole('tab', { name: /Faults/ }).click();
  await page.getByRole('cell', { name: 'contact <img' }).waitFor();
  assert.equal(await page.locator('main img, main script, option img').count(), 0);

  // What would make it so is refused by the browser itself.
  const refused = await page.evaluate(() => {
    try {
      document.body.innerHTML = '<p>';
      return '';
    } catch (error) {
      return error.name;
    }
  }).catch((error) => error.message);
  assert.equal(refused, 'TypeError');
  await assert.rejects(finish, /against the policy: require-trusted-types-for/);
});

test('a webhook is told, and the outbox shows what becomes of it', async () => {
  let answer = 500;
  const receiver = createServer((request, response) => {
    request.resume();
    response.writeHead(answer).end();
  });
  await new Promise((resolve) => {
    receiver.listen(0, '127.0.0.1', resolve);
  });
  const workspace = await make();
  const token = workspace.access_token;
  const { page, finish } = await open(browser);
  await enter(page, workspace);
  await page.getByRole('tab', { name: /Outbox/ }).click();
  await page.getByText('Nothing has left the workspace').waitFor();
  const url = `http://127.0.0.1:${receiver.address().port}/hook`;
  await ask('POST', '/_parley/webhooks', { token, body: { url, topics: ['contact.user.created'] } });
  await ask('POST', '/contacts', { token, body: { email: 'joe@example.com', role: 'user' } });
  const delivery = page.getByRole('list', { name: /left the workspace/ }).getByRole('button');
  await delivery.filter({ hasText: 'retrying' }).filter({ hasText: url }).waitFor();
  answer = 200;
  await page.getByRole('tab', { name: 'Clock' }).click();
  await page.getByRole('button', { name: '+ 1 hour' }).click();
  await page.getByText('done on the way').waitFor();
  await page.getByRole('tab', { name: /Outbox/ }).click();
  await delivery.filter({ hasText: 'delivered' }).click();
  await page.locator('#outbox-detail').getByText('"joe@example.com"').first().waitFor();
  receiver.close();
  await finish();
});

test('workspaces are made, reset and left; clocks stand; faults act', async () => {
  const { page, finish } = await open(browser);
  await enter(page, await make());
  await page.getByRole('button', { name: 'New…' }).click();
  await page.getByLabel('Name').fill('From the page');
  await page.getByRole('button', { name: 'Make' }).click();
  await page.getByRole('dialog', { name: 'An access token of From the page' }).waitFor();
  const token = await page.locator('#token-text').textContent();
  await page.getByRole('button', { name: 'Done' }).click();
  const { body: me } = await ask('GET', '/me', { token });
  assert.equal(me.app.name, 'From the page');

  await page.getByRole('tab', { name: /Faults/ }).click();
  await page.getByLabel('What goes wrong').selectOption('429, one too many');
  await page.getByLabel('Operation').last().fill('listTags');
  await page.getByRole('button', { name: 'Add' }).click();
  await page.getByRole('row', { name: 'listTags' }).waitFor();
  assert.deepEqual([await ask('GET', '/tags', { token }), await ask('GET', '/tags', { token })].map((a) => a.status), [429, 200]);
  await page.getByRole('button', { name: 'End fault' }).click();
  await page.getByText('Nothing goes wrong on purpose').waitFor();

  await page.getByRole('tab', { name: 'Clock' }).click();
  await page.getByRole('button', { name: 'Freeze' }).click();
  await page.getByText('It stands.').waitFor();

  await ask('POST', '/tags', { token, body: { name: 'gone soon' } });
  await page.getByRole('button', { name: 'Reset…' }).click();
  await page.getByRole('button', { name: 'Reset', exact: true }).click();
  await page.getByText("It goes by the machine's clock.").waitFor();
  assert.deepEqual((await ask('GET', '/tags', { token })).body.data, []);

  // The explorer is another page's: it has its own tests.
  await page.context().route('**/docs', (route) => route.fulfill({ contentType: 'text/html', body: '' }));
  const opened = page.context().waitForEvent('page');
  await page.getByRole('button', { name: 'Explorer' }).click();
  const explorer = await opened;
  await explorer.waitForURL(`${server}/docs#token=*`);
  const signedIn = await ask('GET', '/me', { token: decodeURIComponent(explorer.url().split('#token=')[1]) });
  assert.equal(signedIn.body.app.name, 'From the page');
  await explorer.close();
  await finish();
});

test('all of it can be done by the keyboard', async () => {
  const workspace = await make();
  const { page, finish } = await open(browser);
  await enter(page, workspace);
  await ask('GET', '/me', { token: workspace.access_token });
  await ask('GET', '/tags', { token: workspace.access_token });
  await rows(page).nth(1).waitFor();
  const focused = () => page.evaluate(() => document.activeElement.id || document.activeElement.textContent);
  await page.getByRole('tab', { name: /Requests/ }).focus();
  const order = [];
  for (let i = 0; i < 6; i += 1) {
    await page.keyboard.press('Tab');
    order.push(await focused());
  }
  assert.deepEqual(order.slice(0, 5), ['request-text', 'request-status', 'request-operation', 'request-unmatched', 'clear-requests']);
  assert.match(order[5], /\/tags/);
  await page.keyboard.press('ArrowDown');
  assert.match(await focused(), /\/me/);
  await page.keyboard.press('Enter');
  await detail(page).getByText('identifyAdmin').waitFor();
  await page.getByRole('tab', { name: /Requests/ }).focus();
  await page.keyboard.press('ArrowLeft');
  assert.equal(await focused(), 'tab-faults');
  await page.getByRole('tabpanel', { name: /Faults/ }).waitFor();
  await page.keyboard.press('ArrowRight');
  await page.getByRole('tabpanel', { name: /Requests/ }).waitFor();
  await finish();
});
