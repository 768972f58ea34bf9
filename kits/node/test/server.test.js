'use strict';

const assert = require('node:assert/strict');
const { spawn } = require('node:child_process');
const { mkdtemp, readdir, rm } = require('node:fs/promises');
const { createServer } = require('node:http');
const { once } = require('node:events');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { test } = require('node:test');

const { attach, start } = require('parley-test');

/** temporary is a folder that lasts as long as the test. */
async function temporary(t) {
  const folder = await mkdtemp(join(tmpdir(), 'kit-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** run runs a program of Node in this folder, and gives it a folder for temporary files. */
const run = (text, env) => spawn(process.execPath, ['--eval', text], {
  cwd: __dirname, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'inherit'],
});

/** emptied waits until a folder is empty. */
async function emptied(folder) {
  for (let i = 0; (await readdir(folder)).length > 0; i++) {
    assert.ok(i < 500, `${folder} has ${await readdir(folder)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test('a server ends, and leaves nothing', async (t) => {
  const folder = await temporary(t);
  for (const { name, text, kill } of [
    { name: 'when it is stopped, more than once', text: 'start().then(async (s) => { console.log(s.url); await s.stop(); await s[Symbol.asyncDispose](); })' },
    { name: 'when nobody stops it', text: 'start().then((s) => console.log(s.url))' },
    { name: 'when a test made a workspace on it', text: 'workspace().then((w) => console.log(w.url))' },
    { name: 'when the run is killed', text: 'start().then((s) => console.log(s.url)); setInterval(() => {}, 1000)', kill: true },
  ]) {
    await t.test(name, async () => {
      const program = run(`const { start, workspace } = require('parley-test'); ${text}`, { TMPDIR: folder });
      const [line] = await once(program.stdout, 'data');
      if (kill) {
        program.kill('SIGKILL');
      }
      const [code, signal] = await once(program, 'exit');
      assert.deepEqual([code, signal], kill ? [null, 'SIGKILL'] : [0, null]);
      await emptied(folder);
      await assert.rejects(fetch(`${line}`.trim()));
    });
  }
});

test('a server has no settings of another', async (t) => {
  process.env.PARLEY_DATABASE = 'postgres://nowhere.test/parley';
  t.after(() => delete process.env.PARLEY_DATABASE);
  const server = await start({ args: ['--rate-limit', '1'], workspace: { name: 'As all' } });
  t.after(() => server.stop());
  const { token, url } = await server.workspace();
  const me = async () => fetch(`${url}/me`, { headers: { Authorization: `Bearer ${token}` } });
  assert.equal((await (await me()).json()).app.name, 'As all');
  assert.equal((await me()).status, 429);

  const same = attach({ url: `${server.url}/`, devToken: server.devToken });
  await (await same.workspace()).reset();
  await same.stop(); // which is not its own
  await (await server.workspace()).reset();

  process.env.PARLEY_URL = server.url;
  process.env.PARLEY_DEV_TOKEN = server.devToken;
  t.after(() => {
    delete process.env.PARLEY_URL;
    delete process.env.PARLEY_DEV_TOKEN;
  });
  assert.equal((await start()).url, server.url);
  await assert.rejects(attach({ devToken: 'another' }).workspace(), { name: 'ParleyError', status: 401 });
});

test('what cannot be started or reached is said', async (t) => {
  await assert.rejects(start({ binary: './not-there' }), /^Error: there is no program .\/not-there: put parley on the PATH/);
  await assert.rejects(start({ args: ['--rate-limit', 'none'] }), /ended with the code 1: parley: flag --rate-limit: "none" is not a whole number/);
  assert.throws(() => attach(), /no server to attach to/);

  const plain = await start({ args: ['--dev=false'] });
  t.after(() => plain.stop());
  await assert.rejects(plain.workspace(), { status: 404, message: `the server at ${plain.url} makes no workspaces: it has to be started with --dev` });

  const other = createServer((_, answer) => answer.end('<h1>Hello</h1>')).listen(0, '127.0.0.1');
  await once(other, 'listening');
  const url = `http://127.0.0.1:${other.address().port}`;
  await assert.rejects(attach({ url }).workspace(), new RegExp(`of Parley at ${url}: the answer, 200, is not JSON: is that a Parley\\?`));
  other.close();
  await once(other, 'close');
  await assert.rejects(attach({ url }).workspace(), /POST \/_parley\/workspaces of Parley at .*ECONNREFUSED/);
});
