import assert from 'node:assert/strict';

import { chromium } from 'playwright-core';

export const server = process.env.PARLEY_URL;
export const token = process.env.PARLEY_TOKEN;

/** launch starts a browser that reaches the server and no other host, with a profile that is thrown away. */
export const launch = () =>
  chromium.launch({
    executablePath: process.env.PARLEY_CHROMIUM,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      `--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE ${new URL(server).hostname}`,
    ],
  });

/**
 * open makes a page in a context of its own and writes down what it must not do. Its finish, at the
 * end, fails if there was any of that. What a browser says of answers such as 401 is no complaint
 * where they are expected.
 */
export async function open(browser, { expected = [] } = {}) {
  const context = await browser.newContext();
  context.setDefaultTimeout(120_000); // the viewer takes seconds of a busy machine to show everything
  const page = await context.newPage();
  const requests = [];
  const complaints = [];
  context.on('request', (request) => requests.push(request));
  page.on('pageerror', (error) => complaints.push(`thrown: ${error.stack}`));
  page.on('console', (message) => {
    const [, status] = message.text().match(/^Failed to load resource: .* status of (\d+)/) ?? [];
    if (['error', 'warning'].includes(message.type()) && !expected.includes(Number(status))) {
      complaints.push(`${message.type()}: ${message.text()}`);
    }
  });
  await page.exposeFunction('complain', (what) => complaints.push(what));
  await page.addInitScript(() => {
    addEventListener('securitypolicyviolation', (event) => {
      globalThis.complain(`against the policy: ${event.violatedDirective} ${event.blockedURI}`);
    });
  });

  async function finish() {
    const urls = requests.map((request) => request.url()).filter((url) => !url.startsWith('data:'));
    await context.close();
    assert.ok(urls.length > 0);
    assert.deepEqual(urls.filter((url) => new URL(url).origin !== server), [], 'no request leaves the server');
    assert.deepEqual(complaints, []);
  }
  return { page, requests, finish };
}
