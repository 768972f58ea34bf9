'use strict';

const http = require('node:http');
const https = require('node:https');

/** An answer of Parley that is not a success: why, in its own words. */
class ParleyError extends Error {
  constructor(status, body, call) {
    const first = body?.errors?.[0];
    super(first?.message ?? `${call}: the answer is ${status}`);
    this.name = 'ParleyError';
    this.status = status;
    this.code = first?.code;
    this.requestId = body?.request_id;
    this.call = call;
  }
}

// How long nothing may come, in milliseconds: an advance of the clock answers in 25 seconds, or as much later as what
// it has begun takes.
const patience = 120_000;

/**
 * call makes a call of Parley's own operations, with the token that opens it, and resolves with the answer's JSON. It goes by a connection of its own
 * and by no fetch, since the tests that it serves like to replace fetch, and timers.
 */
async function call(at, token, method, path, body) {
  const url = new URL(path, at);
  const name = `${method} ${url.pathname}${url.search}`;
  let status, text, value;
  try {
    ({ status, text } = await send(url, method, token, body));
  } catch (err) {
    throw new Error(`${name} of Parley at ${at}: ${err.message || err.code}`, { cause: err });
  }
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error(`${name} of Parley at ${at}: the answer, ${status}, is not JSON: is that a Parley?`);
  }
  if (status !== 200) {
    throw new ParleyError(status, value, name);
  }
  return value;
}

/** send sends a request and reads the answer. */
function send(url, method, token, body) {
  const { request } = url.protocol === 'https:' ? https : http;
  const headers = { Authorization: `Bearer ${token}` };
  let text = '';
  if (body !== undefined) {
    text = JSON.stringify(body);
    headers['Content-Type'] = 'application/json';
    headers['Content-Length'] = Buffer.byteLength(text);
  }
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers, agent: false, timeout: patience }, (answer) => {
      const chunks = [];
      answer.on('data', (chunk) => chunks.push(chunk));
      answer.on('error', reject);
      answer.on('end', () => resolve({ status: answer.statusCode, text: Buffer.concat(chunks).toString() }));
    });
    sent.on('timeout', () => sent.destroy(new Error(`no answer in ${patience / 1000} seconds`)));
    sent.on('error', reject);
    sent.end(text);
  });
}

/** query writes the members that are set as a query; one that is a list is there several times. */
function query(members) {
  const pairs = new URLSearchParams();
  for (const [name, value] of Object.entries(members)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== null) {
        pairs.append(name, one);
      }
    }
  }
  return pairs.size > 0 ? `?${pairs}` : '';
}

module.exports = { ParleyError, call, query };
