import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';

const { Strategy } = createRequire(import.meta.url)('passport-intercom');

const parley = process.env.PARLEY_URL;
const callbackURL = 'http://localhost:7070/auth/intercom/callback';

/** A Browser follows no redirect by itself and keeps cookies. */
class Browser {
  cookies = new Map();

  async go(path, form) {
    const answer = await fetch(new URL(path, parley), {
      method: form ? 'POST' : 'GET', body: form && new URLSearchParams(form), redirect: 'manual',
      headers: { Cookie: [...this.cookies].map((pair) => pair.join('=')).join('; ') },
    });
    for (const line of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      this.cookies.set(name, value);
    }
    return { status: answer.status, location: answer.headers.get('Location'), text: await answer.text() };
  }
}

const unescaped = (text) => text.replaceAll('&#43;', '+').replaceAll('&#34;', '"').replaceAll('&#39;', "'").replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');

const hidden = ({ text }) => Object.fromEntries(
  [...text.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)].map(([, name, value]) => [name, unescaped(value)]));

async function register() {
  const answer = await fetch(`${parley}/_parley/apps`, {
    method: 'POST', headers: { Authorization: `Bearer ${process.env.PARLEY_TOKEN}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ name: 'Passport', redirect_urls: [callbackURL], scopes: ['read_one_admin'] }),
  });
  assert.equal(answer.status, 200);
  return answer.json();
}

/** run has a strategy look at a request, and tells what it made of it. */
const run = (strategy, query) => new Promise((resolve) => {
  const seen = Object.assign(Object.create(strategy), {
    redirect: (url) => resolve({ redirect: url }), success: (user) => resolve({ user }),
    fail: (challenge) => resolve({ fail: challenge }), error: (error) => resolve({ error }),
  });
  seen.authenticate({ query, body: {}, headers: {}, url: '/auth/intercom', session: {} }, {});
});

/** connect makes a strategy as its documentation does; only hosts differ. */
function connect(app) {
  const strategy = new Strategy({
    clientID: app.client_id, clientSecret: app.client_secret, callbackURL,
    authorizationURL: `${parley}/oauth`, tokenURL: `${parley}/auth/eagle/token`,
  }, (accessToken, refreshToken, profile, done) => done(null, { accessToken, profile }));
  const get = strategy._oauth2.get;
  strategy._oauth2.get = function (url, ...rest) {
    return get.call(this, url.replace('https://api.intercom.io', parley), ...rest);
  };
  return strategy;
}

test('passport-intercom signs an admin in', async () => {
  const strategy = connect(await register());
  const { redirect } = await run(strategy, {});
  const browser = new Browser();
  const asked = await browser.go(redirect);
  assert.equal(asked.status, 200);
  const entered = await browser.go('/sign-in', { ...hidden(asked), email: process.env.PARLEY_EMAIL, password: process.env.PARLEY_PASSWORD });
  assert.equal(entered.status, 303, entered.text);
  const consent = await browser.go(entered.location);
  assert.match(consent.text, /Give Passport access\?/);
  const allowed = await browser.go('/oauth', { ...hidden(consent), answer: 'allow' });
  assert.equal(allowed.status, 303);
  const { error, user } = await run(strategy, Object.fromEntries(new URL(allowed.location).searchParams));
  assert.equal(error, undefined);
  assert.equal(user.profile.provider, 'intercom');
  assert.equal(user.profile.emails[0].value, process.env.PARLEY_EMAIL);
  assert.match(user.accessToken, /^dG9rO/);

  const denied = await browser.go('/oauth', { ...hidden(consent), answer: 'deny' });
  const { fail } = await run(strategy, Object.fromEntries(new URL(denied.location).searchParams));
  assert.ok(fail);
});
