'use strict';

const { spawn } = require('node:child_process');
const { randomBytes } = require('node:crypto');
const { devNull } = require('node:os');
const { createInterface } = require('node:readline');

const { ParleyError, call } = require('./call.js');
const { Workspace } = require('./workspace.js');

// In milliseconds: until a server that was started listens, and until one that was told to stop has done so, which it
// promises in ten seconds.
const startTimeout = 30_000;
const stopTimeout = 12_000;

/** A server where workspaces are made. */
class Server {
  #child;
  #options;

  constructor(url, devToken, options = {}, child = undefined) {
    this.url = url.replace(/\/+$/, '');
    this.devToken = devToken;
    this.#options = options;
    this.#child = child;
  }

  /** workspace makes a workspace that shares nothing with any other. */
  async workspace(options = {}) {
    const wanted = { ...this.#options.workspace, ...options };
    let made;
    try {
      made = await call(this.url, this.devToken, 'POST', '/_parley/workspaces', wanted);
    } catch (err) {
      if (err instanceof ParleyError && err.status === 404 && !wanted.snapshot) {
        err.message = `the server at ${this.url} makes no workspaces: it has to be started with --dev`;
      }
      throw err;
    }
    return new Workspace(this.url, this.devToken, made);
  }

  /** stop ends the server and all that was in it; one that was attached to goes on. */
  async stop() {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) {
      return;
    }
    child.ref();
    const ended = new Promise((resolve) => child.once('exit', resolve));
    const late = setTimeout(() => child.kill('SIGKILL'), stopTimeout);
    child.stdin.end();
    await ended;
    clearTimeout(late);
  }

  async [Symbol.asyncDispose]() {
    await this.stop();
  }
}

/** attach is a server that runs already. */
function attach({ url = process.env.PARLEY_URL, devToken = process.env.PARLEY_DEV_TOKEN || 'parley-dev', workspace } = {}) {
  if (!url) {
    throw new Error('no server to attach to: give its url, or set PARLEY_URL');
  }
  return new Server(url, devToken, { workspace });
}

/**
 * start starts a server for this process, or attaches to the one that PARLEY_URL names. The server ends with this
 * process, however that ends: it reads a pipe whose other end is here.
 */
async function start(options = {}) {
  if (process.env.PARLEY_URL && !options.binary) {
    return attach({ workspace: options.workspace });
  }
  const binary = options.binary ?? (process.env.PARLEY_BINARY || 'parley');
  const devToken = randomBytes(16).toString('hex');
  const args = ['serve', '--config', devNull, '--addr', '127.0.0.1:0', '--dev', '--temporary', '--until-eof', '--log-level', 'warn'];
  const child = spawn(binary, [...args, ...(options.args ?? [])], {
    env: { ...withoutSettings(process.env), PARLEY_DEV_TOKEN: devToken },
    stdio: 'pipe',
    windowsHide: true,
  });
  const url = await listening(child, binary);
  // A run that forgets to stop its server is not kept from ending.
  child.unref();
  child.stdin.unref();
  child.stdout.unref();
  child.stderr.unref();
  return new Server(url, devToken, options, child);
}

/** withoutSettings is an environment without settings of Parley, which are those of another server. */
function withoutSettings(env) {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('PARLEY_')));
}

/** listening resolves with the URL that a server prints once it can be reached. */
function listening(child, binary) {
  return new Promise((resolve, reject) => {
    let said = '';
    child.stderr.on('data', (chunk) => {
      said = (said + chunk).slice(-4096);
    });
    const late = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`${binary} did not listen within ${startTimeout / 1000} seconds: ${said}`));
    }, startTimeout);
    child.stdin.on('error', () => {}); // that it has ended is told below
    child.once('error', (err) => {
      clearTimeout(late);
      reject(err.code === 'ENOENT'
        ? new Error(`there is no program ${binary}: put parley on the PATH, name it with binary or PARLEY_BINARY, or a server that runs with PARLEY_URL`)
        : err);
    });
    child.once('close', (code, signal) => {
      clearTimeout(late);
      reject(new Error(`${binary} ended with ${signal ?? `the code ${code}`}: ${said.trim()}`));
    });
    createInterface({ input: child.stdout }).on('line', (line) => {
      const [, url] = /^Listening on:\s+(\S+)/.exec(line) ?? [];
      if (url) {
        clearTimeout(late);
        resolve(url);
      }
    });
  });
}

module.exports = { Server, attach, start };
