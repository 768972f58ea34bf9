'use strict';

const { AssertionError } = require('node:assert');

const { ParleyError, call, query } = require('./call.js');

// The longest that Parley waits in one call, in seconds.
const longestWait = 25;

// What a page of the outbox has at most.
const pageSize = 150;

/** A workspace of a test's own. */
class Workspace {
  #devToken;

  constructor(url, devToken, made) {
    this.#devToken = devToken;
    this.url = url;
    this.token = made.access_token;
    this.appId = made.id;
    this.clock = new Clock((method, path, body) => this.#call(method, path, body));
  }

  #call(method, path = '', body = undefined) {
    return call(this.url, this.#devToken, method, `/_parley/workspaces/${this.appId}${path}`, body);
  }

  /** reset brings it back to what it was made as. */
  async reset() {
    await this.#call('POST', '/reset');
  }

  /** snapshot keeps what is in it under a name, in the place of what had that name. */
  async snapshot(name = 'snapshot') {
    await this.#call('POST', '/snapshots', { name, replace: true });
    return name;
  }

  /** restore brings it back to a snapshot. */
  async restore(name = 'snapshot') {
    await this.#call('POST', `/snapshots/${encodeURIComponent(name)}/restore`);
  }

  /** diff is what has changed since a snapshot, or up to another. */
  diff(name = 'snapshot', { to } = {}) {
    return this.#call('GET', `/snapshots/${encodeURIComponent(name)}/diff${query({ to })}`);
  }

  /** fault has something go wrong from the next call on, until the function that it resolves with is called. */
  async fault(fault) {
    const { id } = await this.#call('POST', '/faults', fault);
    return async () => {
      await this.#call('DELETE', `/faults/${id}`);
    };
  }

  /** faults are those there are, with how many calls each was for, and at how many it acted. */
  async faults() {
    return (await this.#call('GET', '/faults')).data;
  }

  /** clearFaults ends all of them. */
  async clearFaults() {
    await this.#call('DELETE', '/faults');
  }

  /** searchLag has searches not find what is younger than so many seconds; 0 ends it. */
  async searchLag(seconds) {
    await this.#call('PUT', '', { search_lag: seconds });
  }

  /** requests are the calls that were made of it, oldest first. */
  async requests(filter = {}) {
    return (await this.#call('GET', `/requests${query({ limit: 1000, ...filter })}`)).data;
  }

  /** waitForRequests waits until there are so many calls, and fails with what there was if they do not come. */
  async waitForRequests(filter = {}, { count = 1, timeout = 10 } = {}) {
    for (const wait of waits(timeout)) {
      const found = await this.requests({ ...filter, count, wait });
      if (found.length >= count) {
        return found;
      }
    }
    const { limit, ...which } = filter;
    await this.assertRequests({ ...which, at_least: count }); // which says what there was
    return this.requests(filter);
  }

  /** assertRequests fails unless as many calls were made as the assertion says, with what there was. */
  async assertRequests(assertion = {}) {
    const { body } = assertion;
    try {
      return (await this.#call('POST', '/requests/assert', { ...assertion, body: typeof body === 'string' ? [body] : body })).count;
    } catch (err) {
      if (err instanceof ParleyError && err.code === 'assertion_failed') {
        throw new AssertionError({ message: err.message, stackStartFn: this.assertRequests });
      }
      throw err;
    }
  }

  /** forgetRequests forgets the calls that were made. */
  async forgetRequests() {
    await this.#call('DELETE', '/requests');
  }

  /** outbox is all that has left it or would leave it, oldest first: e-mails, text messages, webhooks. */
  async outbox(filter = {}) {
    const all = [];
    for (let after; ;) {
      const page = await this.#call('GET', `/outbox${query({ after, per_page: pageSize, ...filter })}`);
      all.push(...page.data);
      if (page.data.length < pageSize) {
        return all;
      }
      after = page.next;
    }
  }

  /** waitForOutbox waits until so much has left it, and fails with what there was if it does not. */
  async waitForOutbox(filter = {}, { count = 1, timeout = 10 } = {}) {
    for (const wait of waits(timeout)) {
      if ((await this.#call('GET', `/outbox${query({ ...filter, count, wait })}`)).data.length >= count) {
        break;
      }
    }
    const found = await this.outbox(filter);
    if (found.length < count) {
      const others = (await this.outbox()).map((o) => `${o.kind} to ${o.to}`);
      throw new AssertionError({
        message: `Found ${found.length} in the outbox, and not ${count}. In all there is: ${others.join(', ') || 'nothing'}`,
        stackStartFn: this.waitForOutbox,
      });
    }
    return found;
  }

  /** webhook has a URL told of topics, and resolves with the secret that signs what is sent there. */
  async webhook(url, topics) {
    const { id, app_id: app } = await call(this.url, this.token, 'POST', '/_parley/webhooks', { url, topics });
    const { client_secret: secret } = await call(this.url, this.token, 'GET', `/_parley/apps/${app}`);
    return { id, secret };
  }

  /** report tells of the last calls, for a person who wants to know why a test failed. */
  async report() {
    const calls = await this.requests({ limit: 20 });
    return [`The last calls of the workspace ${this.appId}:`, ...calls.map(line)].join('\n');
  }

  /** delete deletes it, with all that is in it. */
  async delete() {
    try {
      await this.#call('DELETE');
    } catch (err) {
      if (!(err instanceof ParleyError && err.status === 404)) { // which a test has deleted itself
        throw err;
      }
    }
  }

  async [Symbol.asyncDispose]() {
    await this.delete();
  }
}

/** The clock of a workspace. Times are Unix seconds; what is set may be a Date. */
class Clock {
  #call;

  constructor(call) {
    this.#call = call;
  }

  /** now is what it shows. */
  async now() {
    return (await this.#call('GET', '/clock')).now;
  }

  /** freeze has it stand, at a time if there is one. */
  async freeze(at) {
    return (await this.#call('PUT', '/clock', { now: seconds(at), frozen: true })).now;
  }

  /** set has it show a later time, and stand or run on as before. */
  async set(now) {
    return (await this.#call('PUT', '/clock', { now: seconds(now) })).now;
  }

  /** advance has time pass, doing all that falls due on the way, each thing at its own time, and says what was done. */
  async advance(by) {
    let body = by instanceof Date ? { to: seconds(by) } : { seconds: duration(by) };
    let to = body.to;
    if (to === undefined) {
      const { now } = await this.#call('GET', '/clock');
      to = now + body.seconds;
    }
    for (let jobs = 0; ;) {
      const done = await this.#call('POST', '/clock/advance', body);
      jobs += done.jobs;
      if (done.finished) {
        return { now: done.now, jobs };
      }
      body = { to };
    }
  }

  /** release has it run on from where it stands. */
  async release() {
    return (await this.#call('PUT', '/clock', { frozen: false })).now;
  }
}

const seconds = (time) => (time instanceof Date ? Math.floor(time.getTime() / 1000) : time);

const units = { seconds: 1, minutes: 60, hours: 3600, days: 86400 };

/** duration is a number of seconds, or of several units. */
function duration(by) {
  if (typeof by === 'number') {
    return by;
  }
  let sum = 0;
  for (const [unit, count] of Object.entries(by)) {
    if (!(unit in units)) {
      throw new TypeError(`there is no unit ${unit}: a duration has ${Object.keys(units).join(', ')}`);
    }
    sum += count * units[unit];
  }
  return sum;
}

/** waits cuts a time into pieces that Parley waits in one call. It needs no clock, which a test may have stopped. */
function* waits(timeout) {
  for (let left = timeout; left > 0; left -= longestWait) {
    yield Math.min(left, longestWait);
  }
}

/** line tells of a call: what was asked, what was answered, and what of it was not understood. */
function line(c) {
  const parts = [`  #${c.id} ${c.method} ${c.path}${c.query && `?${c.query}`} ${c.status ?? 'no answer'}`];
  if (c.request_body) {
    parts.push(`    sent:     ${c.request_body.slice(0, 400)}`);
  }
  if (c.status === null || c.status >= 400) {
    parts.push(`    answered: ${c.response_body.slice(0, 400)}`);
  }
  if (c.unknown_members.length > 0) {
    parts.push(`    members that the operation does not read: ${c.unknown_members.join(', ')}`);
  } else if (c.unmatched) {
    parts.push('    the API has no such route');
  }
  if (c.fault_id !== null) {
    parts.push(`    met the fault ${c.fault_id}`);
  }
  return parts.join('\n');
}

module.exports = { Workspace };
