// What leaves a workspace, and what becomes of it.

import { call, wait } from './client.js';
import { byId, clockTime, element, moment, pretty, Rows, section } from './dom.js';

const most = 500;
const page = 150; // at once
const look = 2000; // milliseconds after which what is on its way is looked at again
const kinds = { email: 'E-mail', sms: 'Text message', webhook: 'Webhook' };

// What nothing more becomes of. E-mails stay queued, since none is sent.
const ended = new Set(['delivered', 'dropped', 'sent', 'failed', 'kept', 'suppressed', 'queued']);
const stateClass = { delivered: 's2', sent: 's2', dropped: 's5', failed: 's5', retrying: 's4', suppressed: 's4' };

const subject = (o) => o.subject ?? o.topic ?? o.body ?? '';

const row = (o) => [
  element('span', { className: 'when' }, clockTime(o.at)),
  element('span', { className: `status ${stateClass[o.state] ?? 's3'}` }, o.state),
  element('span', { className: 'method' }, kinds[o.kind]),
  element('span', { className: 'what' }, subject(o)),
  element('span', { className: 'second' }, element('span', {}, o.to)),
];

const show = (o) => [
  element('h2', {}, element('span', { className: `status ${stateClass[o.state] ?? 's3'}` }, o.state), ` ${subject(o)}`),
  element('p', { className: 'hint' }, `${kinds[o.kind]} ${o.id} to ${o.to}, ${moment(o.at)}`),
  o.contact_id ? element('p', { className: 'hint' }, `Contact ${o.contact_id}`) : '',
  o.body ? section('Text', element('pre', { className: 'code', tabindex: '0' }, o.body)) : '',
  o.html ? section('HTML, as its source', element('pre', { className: 'code', tabindex: '0' }, o.html)) : '',
  o.notification ? section('What is sent', pretty(JSON.stringify(o.notification))) : '',
];

export class Outbox {
  constructor() {
    const text = byId('outbox-text');
    const kind = byId('outbox-kind');
    this.rows = new Rows({
      list: byId('outbox-rows'),
      empty: byId('no-outbox'),
      detail: byId('outbox-detail'),
      most,
      key: (o) => `${o.kind} ${o.id}`,
      row,
      show,
      matches: (o) => {
        const words = text.value.toLowerCase();
        return (
          (kind.value === '' || o.kind === kind.value) &&
          (words === '' || [o.to, o.subject, o.topic, o.body, o.state].some((s) => s?.toLowerCase().includes(words)))
        );
      },
      changed: (shown, all) => {
        byId('tab-outbox').querySelector('.count').textContent = shown === all ? all || '' : `${shown} of ${all}`;
      },
    });
    text.addEventListener('input', () => this.rows.filter());
    kind.addEventListener('input', () => this.rows.filter());
  }

  /** follow shows what there is and what comes, until the signal; of what is on its way also what becomes of it. */
  async follow(workspace, signal) {
    this.rows.clear();
    const read = (after, seconds) =>
      call('GET', `workspaces/${workspace}/outbox?per_page=${page}&after=${encodeURIComponent(after)}&wait=${seconds}`, { signal });
    let open = new Map(); // pages with something on its way, by where they begin
    for (let after = ''; !signal.aborted; ) {
      const { data, next } = await read(after, open.size > 0 ? look / 1000 : 25);
      this.put(data, after, open);
      if (data.length > 0) {
        after = next;
        continue;
      }
      if (next !== after) {
        after = next;
      }
      const again = open;
      open = new Map();
      for (const begins of again.keys()) {
        this.put((await read(begins, 0)).data.slice(0, again.get(begins)), begins, open);
      }
      if (again.size === 0) {
        await wait(500, signal);
      }
    }
  }

  /** put shows a page, and remembers it if something in it is on its way. */
  put(data, begins, open) {
    this.rows.put(data.filter((o) => this.news(o)));
    if (data.some((o) => !ended.has(o.state))) {
      open.set(begins, data.length);
    }
  }

  news(o) {
    return this.rows.items.get(`${o.kind} ${o.id}`)?.item.state !== o.state;
  }
}
